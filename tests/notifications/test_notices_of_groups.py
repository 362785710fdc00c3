"""Notices about groups: who asks, what became of it, who was added, who leads."""

import pytest
from asgiref.sync import sync_to_async as act

from members.models import Member
from notifications.actions import notices_for, see_notices
from rooms.actions.groups import join_group
from rooms.actions.memberships import add_member, answer_request, ask_to_join, change_role, remove_member
from rooms.models import JoinRequest, WorkingGroup
from tests.cast import Cast
from tests.rooms.test_pages import browser, text_of
from tests.speaking import Tab


@pytest.fixture
def asked(cast: Cast) -> Cast:
    """Charlie asks to join. Lena and Bob lead."""
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.BY_REQUEST)
    change_role(cast.lena, cast.workshop.pk, cast.bob.pk, lead=True)
    see_notices(cast.bob)
    ask_to_join(cast.charlie, cast.workshop.pk, "")
    return cast


def kinds(member: Member) -> list[str]:
    return list(notices_for(member).filter(seen_at=None).values_list("kind", flat=True))


def test_every_leader_hears_who_asks_once_and_nobody_else(asked: Cast) -> None:
    ask_to_join(asked.charlie, asked.workshop.pk, "Please")
    assert [kinds(member) for member in (asked.lena, asked.bob, asked.alice, asked.mo)] == [["asks"], ["asks"], [], []]
    page = text_of(browser(asked.lena), "/notices/")
    assert "Charlie</b> asks to join" in page
    assert f'href="/groups/{asked.workshop.pk}/members/"' in page


@pytest.mark.parametrize(("accept", "kind"), [(True, "let_in"), (False, "declined")])
def test_an_answer_settles_it_for_all_leaders_and_reaches_who_asked(asked: Cast, accept: bool, kind: str) -> None:
    answer_request(asked.mo, JoinRequest.objects.get().pk, accept=accept)
    assert (kinds(asked.lena), kinds(asked.bob), kinds(asked.charlie)) == ([], [], [kind])
    assert "Workshop" in text_of(browser(asked.charlie), "/notices/")


def test_who_is_added_after_asking_hears_that_they_were_let_in(asked: Cast) -> None:
    add_member(asked.lena, asked.workshop.pk, "@charlie")
    assert (kinds(asked.bob), kinds(asked.charlie)) == ([], ["let_in"])
    assert JoinRequest.objects.get().answered_by == asked.lena


def test_who_comes_in_by_another_door_leaves_no_open_request(asked: Cast) -> None:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.OPEN)
    join_group(asked.charlie, asked.workshop.pk)
    request = JoinRequest.objects.get()
    assert (request.answered_at is not None, request.answered_by, request.accepted) == (True, None, True)
    assert (kinds(asked.lena), kinds(asked.charlie)) == ([], [])


def test_who_was_added_and_who_leads_hear_it_from_whoever_did_it(cast: Cast) -> None:
    add_member(cast.lena, cast.workshop.pk, "@charlie")
    change_role(cast.lena, cast.workshop.pk, cast.charlie.pk, lead=True)
    change_role(cast.mo, cast.workshop.pk, cast.charlie.pk, lead=True)
    assert kinds(cast.charlie) == ["leads", "added"]
    assert "Lena</b> added you to" in text_of(browser(cast.charlie), "/notices/")


def test_a_private_group_is_not_named_to_who_was_taken_out_of_it(cast: Cast) -> None:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    add_member(cast.lena, cast.workshop.pk, "@charlie")
    assert "Workshop" in text_of(browser(cast.charlie), "/notices/")
    remove_member(cast.lena, cast.workshop.pk, cast.charlie.pk)
    assert "Workshop" not in text_of(browser(cast.charlie), "/notices/")


def test_who_no_longer_leads_is_not_asked_any_more(asked: Cast) -> None:
    change_role(asked.bob, asked.workshop.pk, asked.bob.pk, lead=False)
    assert (kinds(asked.bob), kinds(asked.lena)) == ([], ["asks"])


@pytest.mark.usefixtures("delivery")
async def test_the_badge_of_a_leader_counts_who_asks_at_once(live_cast: Cast) -> None:
    await WorkingGroup.objects.aupdate(kind=WorkingGroup.Kind.BY_REQUEST)
    async with Tab(live_cast.lena) as lena, Tab(live_cast.charlie) as charlie:
        await act(ask_to_join)(live_cast.charlie, live_cast.workshop.pk, "")
        assert (await lena.hears("notice"))["unseen"] == 1
        request = await JoinRequest.objects.aget()
        await act(answer_request)(live_cast.lena, request.pk, accept=True)
        assert (await lena.hears("notice"))["unseen"] == 0
        assert (await charlie.hears("notice"))["unseen"] == 1
