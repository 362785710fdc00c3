"""Leaving the community, and coming back."""

import pytest
from asgiref.sync import sync_to_async as act

from events.ear import SESSION_ENDED
from members.actions import bring_back, leave_community
from members.models import Member, Session
from members.refusals import NotAllowed, NotHere
from rooms.actions.memberships import ask_to_join, change_role
from rooms.models import JoinRequest, Membership, WorkingGroup
from tests.cast import Cast
from tests.rooms.test_pages import browser, text_of
from tests.speaking import Tab, posts, session_of


def test_who_leaves_is_signed_out_everywhere_and_what_they_wrote_stays(cast: Cast) -> None:
    posts(cast.bob, cast.supper, "Soup for all")
    here, elsewhere, alices = browser(cast.bob), browser(cast.bob), browser(cast.alice)
    assert "with your name" in text_of(here, "/you/leave")
    assert "You have left" in here.post("/you/leave").content.decode()
    assert {client.get("/").status_code for client in (here, elsewhere)} == {302}
    assert not Membership.objects.filter(member=cast.bob).exists()
    room = text_of(alices, f"/rooms/{cast.supper.pk}/")
    assert all(words in room for words in ("Soup for all", "Bob", "Dietitian"))
    for door in (f"/members/{cast.bob.pk}/", f"/members/{cast.bob.pk}/photo"):
        assert alices.get(door).status_code == 404
    assert "Bob" not in text_of(alices, f"/groups/{cast.workshop.pk}/members/")
    assert text_of(alices, "/")


async def test_their_sockets_close_at_once_and_nobody_elses(live_cast: Cast, delivery: None) -> None:
    async with Tab(live_cast.bob) as tab, Tab(live_cast.bob) as phone, Tab(live_cast.alice) as alice:
        await alice.opens(live_cast.supper)
        await act(leave_community)(live_cast.bob)
        for theirs in (tab, phone):
            await theirs.is_closed_with(SESSION_ENDED)
        await act(posts)(live_cast.lena, live_cast.supper, "Still here?")
        assert await alice.hears("message.posted")


def test_the_last_leader_first_names_another(cast: Cast) -> None:
    lena = browser(cast.lena)
    page = text_of(lena, "/you/leave")
    assert "name another leader" in page
    assert "Leave the community</button>" not in page
    with pytest.raises(NotAllowed, match="Workshop"):
        leave_community(cast.lena)
    assert Membership.objects.filter(member=cast.lena).exists()
    assert lena.get("/").status_code == 200
    change_role(cast.lena, cast.workshop.pk, cast.alice.pk, lead=True)
    leave_community(cast.lena)
    assert not Member.objects.get(pk=cast.lena.pk).is_active


def test_the_only_administrator_stays(cast: Cast) -> None:
    Member.objects.filter(pk=cast.mo.pk).update(role="administrator")
    with pytest.raises(NotAllowed, match="only administrator"):
        leave_community(cast.mo)
    Member.objects.filter(pk=cast.charlie.pk).update(role="administrator")
    leave_community(cast.mo)
    assert not Member.objects.get(pk=cast.mo.pk).is_active


def test_what_they_asked_for_is_asked_no_more(cast: Cast) -> None:
    WorkingGroup.objects.update(kind="by_request")
    ask_to_join(cast.charlie, cast.workshop.pk, "Please")
    leave_community(cast.charlie)
    assert not JoinRequest.objects.exists()


def test_an_administrator_brings_back_who_left_and_old_sessions_stay_ended(cast: Cast) -> None:
    bobs, others = session_of(cast.bob), session_of(cast.alice)
    leave_community(cast.bob)
    assert (Session.objects.filter(pk=bobs).exists(), Session.objects.filter(pk=others).exists()) == (False, True)
    for who in (cast.alice, cast.lena, cast.mo):
        with pytest.raises(NotAllowed):
            bring_back(who, cast.bob.pk)
        assert browser(who).get("/members/left/").status_code == 403
    Member.objects.filter(pk=cast.charlie.pk).update(role="administrator")
    charlie = browser(cast.charlie)
    assert "Bob" in text_of(charlie, "/members/left/")
    charlie.post(f"/members/{cast.bob.pk}/bring-back")
    bob = Member.objects.get(pk=cast.bob.pk)
    assert (bob.is_active, bob.left_at) == (True, None)
    assert browser(bob).get(f"/rooms/{cast.supper.pk}/").status_code == 404


def test_only_who_left_is_brought_back(cast: Cast) -> None:
    Member.objects.filter(pk=cast.charlie.pk).update(role="administrator")
    cast.charlie.refresh_from_db()
    Member.objects.filter(pk=cast.bob.pk).update(is_active=False)
    for member in (cast.bob.pk, cast.alice.pk, 999_999):
        with pytest.raises(NotHere):
            bring_back(cast.charlie, member)
    assert not Member.objects.get(pk=cast.bob.pk).is_active
