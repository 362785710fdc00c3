"""Who belongs to a group and who leads it: asking, letting in, adding, removing, handing over."""

import pytest
from asgiref.sync import sync_to_async as act

from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from rooms.actions.groups import join_group, leave_group
from rooms.actions.memberships import add_member, answer_request, ask_to_join, change_role, remove_member
from rooms.models import JoinRequest, Membership, WorkingGroup
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of
from tests.speaking import Tab, posts

CHARTER = {"name": "Kitchen", "purpose": "To sing", "kind": "open", "history": "open", "term_months": "12"}
"""A group as its form sends it."""


@pytest.fixture
def by_request(cast: Cast) -> Cast:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.BY_REQUEST)
    return cast


def belongs(member: Member, cast: Cast) -> bool:
    return Membership.objects.filter(member=member, group=cast.workshop).exists()


def role(member: Member) -> str:
    return Membership.objects.get(member=member).role


def test_who_asks_is_let_in_by_a_leader(by_request: Cast) -> None:
    charlie, lena = browser(by_request.charlie), browser(by_request.lena)
    workshop = f"/groups/{by_request.workshop.pk}/"
    assert "Ask to join" in text_of(charlie, workshop)
    charlie.post(f"{workshop}ask", {"words": "I cook <b>well</b>"})
    assert "You asked to join" in text_of(charlie, workshop)
    assert "1 person asks" in text_of(lena, workshop)
    assert "I cook &lt;b&gt;well" in text_of(lena, f"{workshop}members/")
    lena.post(f"/join-requests/{JoinRequest.objects.get().pk}/answer", {"on": "1"})
    assert belongs(by_request.charlie, by_request)
    assert "person asks" not in text_of(lena, workshop)


def test_who_is_declined_may_ask_again(by_request: Cast) -> None:
    ask_to_join(by_request.charlie, by_request.workshop.pk, "")
    ask_to_join(by_request.charlie, by_request.workshop.pk, "Again")
    answer_request(by_request.lena, JoinRequest.objects.get().pk, accept=False)
    assert not belongs(by_request.charlie, by_request)
    ask_to_join(by_request.charlie, by_request.workshop.pk, "Please")
    assert JoinRequest.objects.filter(answered_at=None).count() == 1


def test_an_answer_given_stays_given(by_request: Cast) -> None:
    ask_to_join(by_request.charlie, by_request.workshop.pk, "")
    asked = JoinRequest.objects.get().pk
    answer_request(by_request.lena, asked, accept=False)
    answer_request(by_request.mo, asked, accept=True)
    assert not belongs(by_request.charlie, by_request)


def test_asking_opens_no_door_by_itself(by_request: Cast) -> None:
    ask_to_join(by_request.charlie, by_request.workshop.pk, "")
    with pytest.raises(NotHere):
        posts(by_request.charlie, by_request.supper, "Soup")
    with pytest.raises(NotAllowed):
        join_group(by_request.charlie, by_request.workshop.pk)
    for member, refusal in ((by_request.charlie, NotHere), (by_request.bob, NotAllowed)):
        with pytest.raises(refusal):
            answer_request(member, JoinRequest.objects.get().pk, accept=True)


@pytest.mark.parametrize(("kind", "refusal"), [("open", NotAllowed), ("private", NotHere)])
def test_only_a_group_by_request_is_asked(cast: Cast, kind: str, refusal: type[Exception]) -> None:
    WorkingGroup.objects.update(kind=kind)
    with pytest.raises(refusal):
        ask_to_join(cast.charlie, cast.workshop.pk, "")


@pytest.mark.parametrize("who", ["charlie", "@Charlie ", "Charlie@Example.org"])
def test_a_leader_adds_a_member_by_name_or_address(by_request: Cast, who: str) -> None:
    ask_to_join(by_request.charlie, by_request.workshop.pk, "")
    add_member(by_request.lena, by_request.workshop.pk, who)
    assert belongs(by_request.charlie, by_request)
    assert JoinRequest.objects.get().accepted


def test_adding_a_leader_again_changes_nothing(cast: Cast) -> None:
    add_member(cast.mo, cast.workshop.pk, "lena")
    assert (role(cast.lena), Membership.objects.filter(member=cast.lena).count()) == ("leader", 1)


def test_a_name_that_nobody_has_is_given_back(cast: Cast) -> None:
    answer = browser(cast.lena).post(f"/groups/{cast.workshop.pk}/members/add", {"who": "carlie<"})
    page = answer.content.decode()
    assert (answer.status_code, "No member has that name" in page, 'value="carlie&lt;"' in page) == (400, True, True)
    Member.objects.filter(pk=cast.charlie.pk).update(is_active=False)
    with pytest.raises(BadRequest):
        add_member(cast.lena, cast.workshop.pk, "charlie")


async def test_who_is_removed_hears_nothing_more_at_once(live_cast: Cast, delivery: None) -> None:
    async with Tab(live_cast.bob) as bob:
        await bob.opens(live_cast.supper)
        await act(remove_member)(live_cast.lena, live_cast.workshop.pk, live_cast.bob.pk)
        await bob.hears("access.ended")
        await act(posts)(live_cast.alice, live_cast.supper, "Soup for the rest")
        await bob.hears_nothing_of("message.posted", "room.moved")
        assert (await bob.asks("room.open", room=live_cast.supper.pk, after=0))["code"] == "not_here"


def test_leaders_are_equals(cast: Cast) -> None:
    change_role(cast.lena, cast.workshop.pk, cast.alice.pk, lead=True)
    with pytest.raises(NotAllowed):
        remove_member(cast.alice, cast.workshop.pk, cast.lena.pk)
    with pytest.raises(NotAllowed):
        change_role(cast.alice, cast.workshop.pk, cast.lena.pk, lead=False)
    change_role(cast.lena, cast.workshop.pk, cast.lena.pk, lead=False)
    assert (role(cast.lena), role(cast.alice)) == ("member", "leader")
    change_role(cast.mo, cast.workshop.pk, cast.bob.pk, lead=True)
    remove_member(cast.mo, cast.workshop.pk, cast.alice.pk)
    assert not belongs(cast.alice, cast)


def test_a_group_keeps_a_leader(cast: Cast) -> None:
    for leader in (cast.lena, cast.mo):
        with pytest.raises(NotAllowed, match="at least one leader"):
            change_role(leader, cast.workshop.pk, cast.lena.pk, lead=False)
    with pytest.raises(NotAllowed, match="at least one leader"):
        leave_group(cast.lena, cast.workshop.pk)
    change_role(cast.lena, cast.workshop.pk, cast.bob.pk, lead=True)
    leave_group(cast.lena, cast.workshop.pk)
    assert not belongs(cast.lena, cast)


def test_the_last_member_of_all_may_go(cast: Cast) -> None:
    Membership.objects.exclude(member=cast.lena).delete()
    leave_group(cast.lena, cast.workshop.pk)
    assert not Membership.objects.exists()


def test_a_group_that_becomes_private_is_hidden_from_outsiders_at_once(cast: Cast) -> None:
    charlie, lena, workshop = browser(cast.charlie), browser(cast.lena), f"/groups/{cast.workshop.pk}/"
    assert "Join this group" in text_of(charlie, workshop)
    lena.post(f"{workshop}change", CHARTER | {"name": "Kitchen <b>", "kind": "private"})
    assert "Kitchen &lt;b&gt;" in text_of(browser(cast.bob), workshop)
    assert charlie.get(workshop).status_code == 404
    assert "Kitchen" not in text_of(charlie, "/groups/")


def test_what_a_group_cannot_be_is_said_and_the_words_come_back(cast: Cast) -> None:
    lena, workshop = browser(cast.lena), f"/groups/{cast.workshop.pk}/change"
    WorkingGroup.objects.create(name="Choir", slug="choir")
    for wrong, words in (
        ({"name": "  "}, "needs a name"),
        ({"name": "Choir"}, "of that name"),
        ({"kind": "secret"}, "Choose how one joins"),
        ({"history": "later"}, "Choose what newcomers can read"),
        ({"term_months": "7"}, "Choose how long a leader leads"),
        ({"term_months": "x"}, "Choose how long a leader leads"),
    ):
        answer = lena.post(workshop, CHARTER | wrong)
        assert (answer.status_code, words in answer.content.decode(), b"To sing" in answer.content) == (400, True, True)
    cast.workshop.refresh_from_db()
    assert cast.workshop.name == "Workshop"


def test_members_see_who_belongs_and_no_tools(cast: Cast) -> None:
    person("zoe")
    page = text_of(browser(cast.bob), f"/groups/{cast.workshop.pk}/members/")
    assert all(name in page for name in ("Alice", "Bob", "Lena", "Mo", "group leader"))
    assert not any(word in page for word in ("Remove", "Make a leader", "Add a member", "Zoe", "Charlie"))
    assert "Make a leader" in text_of(browser(cast.lena), f"/groups/{cast.workshop.pk}/members/?find=ali")
