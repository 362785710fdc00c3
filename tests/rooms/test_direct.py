"""Direct conversations: read by those in them and nobody else; and keeping one's distance."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.limits import Allowance, Limits
from members.models import Block, Member, Mute
from members.refusals import BadRequest, NotAllowed, NotHere, TooFast
from notifications.models import Notice
from rooms.actions import direct
from rooms.actions.direct import keep_away, leave_direct, open_direct
from rooms.actions.messages import edit_message, set_reaction
from rooms.actions.reading import read_room
from rooms.commands import EditMessage, ReadRoom, SetReaction
from rooms.directory import groups_in_common
from rooms.models import Membership, Message, Room, WorkingGroup
from rooms.sidebar import sidebar_for
from tests.cast import Cast, person
from tests.speaking import Tab, posts, session_of

act = sync_to_async


def browser(member: Member) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    return client


def test_two_people_have_one_conversation_whoever_begins_it(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    assert open_direct(cast.bob, [cast.alice.pk]) == room
    assert open_direct(cast.alice, [cast.bob.pk, cast.alice.pk]) == room
    assert open_direct(cast.alice, [cast.bob.pk, cast.lena.pk]) != room


def test_of_two_who_begin_at_the_same_moment_both_find_the_same(live_cast: Cast) -> None:
    found, start = [], Barrier(2)

    def begin(member: Member, other: Member) -> None:
        start.wait()
        try:
            found.append(open_direct(member, [other.pk]).pk)
        finally:
            connection.close()

    threads = [
        Thread(target=begin, args=pair) for pair in ((live_cast.alice, live_cast.bob), (live_cast.bob, live_cast.alice))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Membership.objects.filter(group__direct_key__isnull=False).count() == 2


def test_each_sees_it_under_the_others_names(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk, cast.lena.pk])
    assert '<h1 dir="auto">Bob and Lena</h1>' in browser(cast.alice).get(f"/rooms/{room.pk}/").content.decode()
    assert '<h1 dir="auto">Alice and Lena</h1>' in browser(cast.bob).get(f"/rooms/{room.pk}/").content.decode()
    [first, *_] = sidebar_for(cast.lena)
    assert (first.is_direct, [each.name for each in first.rooms]) == (True, ["Alice and Bob"])


def test_it_is_no_group_anywhere(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    alice = browser(cast.alice)
    pages = ["/groups/", "/members/", f"/members/{cast.bob.pk}/", "/you/", "/notices/", "/"]
    for page in pages:
        assert room.group.name not in alice.get(page).content.decode(), page
    assert room.group not in groups_in_common(cast.alice, cast.bob)
    assert alice.get("/members/", {"group": room.group_id}).status_code == 404


def test_what_is_said_there_needs_me_until_i_read_it(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    for words in ("Soup?", "At eight?"):
        posts(cast.alice, room, words)
    [listed, *_] = sidebar_for(cast.bob)
    assert [(each.unread, each.mentions) for each in listed.rooms] == [(2, 2)]
    assert list(Notice.objects.values_list("member", "kind", "message__text")) == [(cast.bob.pk, "direct", "Soup?")]
    assert "writes to you" in browser(cast.bob).get("/notices/").content.decode()
    read_room(cast.bob, ReadRoom(room.pk, 2))
    assert not Notice.objects.filter(seen_at=None).exists()
    posts(cast.alice, room, "Then at nine")
    assert Notice.objects.filter(seen_at=None).count() == 1


def test_whoever_left_reads_no_more_and_finds_only_what_is_said_after_coming_back(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk, cast.lena.pk])
    posts(cast.alice, room, "Said before")
    leave_direct(cast.bob, room.pk)
    with pytest.raises(NotHere):
        posts(cast.bob, room, "Still here?")
    posts(cast.alice, room, "Said meanwhile")
    assert open_direct(cast.bob, [cast.alice.pk, cast.lena.pk]) == room
    posts(cast.alice, room, "Said after")
    page = browser(cast.bob).get(f"/rooms/{room.pk}/").content.decode()
    assert "Said after" in page
    assert "Said before" not in page
    assert "Said meanwhile" not in page


def test_a_conversation_of_two_is_not_left(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    with pytest.raises(NotAllowed):
        leave_direct(cast.alice, room.pk)
    with pytest.raises(NotHere):
        leave_direct(cast.alice, cast.supper.pk)
    with pytest.raises(NotHere):
        leave_direct(cast.charlie, room.pk)


@pytest.mark.parametrize("count", [0, 8])
def test_a_conversation_has_two_to_eight_people(cast: Cast, count: int) -> None:
    with pytest.raises(BadRequest):
        open_direct(cast.alice, [person(f"guest{number}").pk for number in range(count)])


def test_nobody_is_brought_into_one_who_is_not_there(cast: Cast) -> None:
    with pytest.raises(NotHere):
        open_direct(cast.alice, [99_999])
    Member.objects.filter(pk=cast.bob.pk).update(suspended_until=timezone.now() + timedelta(days=1))
    with pytest.raises(NotAllowed):
        open_direct(cast.alice, [cast.bob.pk])
    assert not WorkingGroup.objects.filter(direct_key__isnull=False).exists()


def test_conversations_are_not_begun_without_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "beginning", Limits(Allowance(burst=2, a_minute=0.1)))
    guests = [person(f"guest{number}").pk for number in range(3)]
    first = open_direct(cast.alice, [guests[0]])
    open_direct(cast.alice, [guests[1]])
    with pytest.raises(TooFast):
        open_direct(cast.alice, [guests[2]])
    assert open_direct(cast.alice, [guests[0]]) == first


# --- Keeping one's distance ---


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_who_is_blocked_writes_no_more_in_any_way(cast: Cast, blocker: str) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    soup = posts(cast.alice, room, "Soup?")
    bread = posts(cast.bob, room, "Bread.")
    one, other = (cast.alice, cast.bob) if blocker == "alice" else (cast.bob, cast.alice)
    keep_away(one, other.pk, Block, on=True)
    for member in (cast.alice, cast.bob):
        with pytest.raises(NotAllowed, match="You cannot write to this person"):
            posts(member, room, "And?")
        with pytest.raises(NotAllowed):
            edit_message(member, EditMessage(soup.pk if member == cast.alice else bread.pk, "Other words"))
        with pytest.raises(NotAllowed):
            set_reaction(member, SetReaction(bread.pk, "thanks", on=True))
        with pytest.raises(NotAllowed):
            open_direct(member, [cast.bob.pk if member == cast.alice else cast.alice.pk])
    assert Message.objects.filter(room=room).count() == 2
    keep_away(one, other.pk, Block, on=False)
    posts(cast.bob, room, "Back again")


def test_a_refusal_keeps_what_was_typed(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    keep_away(cast.bob, cast.alice.pk, Block, on=True)
    refused = browser(cast.alice).post(f"/rooms/{room.pk}/messages", {"text": "A long thought"})
    assert (refused.status_code, "You cannot write to this person" in refused.content.decode()) == (403, True)


def test_those_who_blocked_one_another_are_still_together_in_a_group_and_in_a_larger_conversation(cast: Cast) -> None:
    larger = open_direct(cast.alice, [cast.bob.pk, cast.lena.pk])
    keep_away(cast.bob, cast.alice.pk, Block, on=True)
    posts(cast.alice, larger, "Soup for all")
    posts(cast.alice, cast.supper, "Soup for the Workshop")
    with pytest.raises(NotAllowed):
        open_direct(cast.alice, [cast.bob.pk, cast.mo.pk])


def test_nobody_is_told_that_they_are_blocked_or_muted(cast: Cast) -> None:
    def page() -> str:
        return re.sub(r"[A-Za-z0-9]{64}", "", browser(cast.alice).get(f"/members/{cast.bob.pk}/").content.decode())

    before = page()
    keep_away(cast.bob, cast.alice.pk, Block, on=True)
    keep_away(cast.bob, cast.alice.pk, Mute, on=True)
    assert page() == before
    assert "Nobody" in browser(cast.alice).get("/you/distance/").content.decode()


def test_who_is_muted_gives_no_notice(cast: Cast) -> None:
    bob = browser(cast.bob)
    assert bob.post(f"/members/{cast.alice.pk}/mute", {"on": "1"}).status_code == 302
    posts(cast.alice, cast.supper, "@bob, soup?")
    posts(cast.alice, open_direct(cast.alice, [cast.bob.pk]), "Soup?")
    assert not Notice.objects.filter(member=cast.bob).exists()
    assert f'data-muted="{cast.alice.pk}"' in bob.get(f"/rooms/{cast.supper.pk}/").content.decode()
    bob.post(f"/members/{cast.alice.pk}/mute", {"on": "0"})
    posts(cast.alice, cast.supper, "@bob, bread?")
    assert Notice.objects.filter(member=cast.bob).count() == 1


def test_one_keeps_no_distance_from_oneself(cast: Cast) -> None:
    with pytest.raises(BadRequest):
        keep_away(cast.alice, cast.alice.pk, Block, on=True)


# --- Pages ---


def test_several_are_chosen_without_a_script(cast: Cast) -> None:
    alice = browser(cast.alice)
    page = alice.get("/conversations/new/", {"find": "lena", "member": str(cast.bob.pk)}).content.decode()
    assert f'name="member" value="{cast.bob.pk}" checked' in page
    assert f'name="member" value="{cast.lena.pk}"> ' in page
    kept = alice.post("/conversations/new/?find=mo", {"member": [cast.bob.pk, cast.lena.pk]}).content.decode()
    assert kept.count(" checked") == 2
    begun = alice.post("/conversations/new/", {"member": [cast.bob.pk, cast.lena.pk], "begin": ""})
    room = Room.objects.get(group__direct_key__isnull=False)
    assert begun.headers["Location"] == f"/rooms/{room.pk}/"
    refused = alice.post("/conversations/new/", {"begin": ""})
    assert (refused.status_code, "Choose one to 7" in refused.content.decode()) == (400, True)


def test_the_list_costs_the_same_with_many_conversations(cast: Cast, django_assert_num_queries: object) -> None:
    for number in range(12):
        posts(cast.alice, open_direct(cast.alice, [person(f"guest{number}").pk]), "Hello")
    with django_assert_num_queries(3):  # type: ignore[operator]
        sidebar_for(cast.alice)


# --- Live ---


@pytest.mark.usefixtures("delivery")
async def test_a_new_conversation_appears_at_once_and_what_is_said_is_heard_by_those_in_it_alone(
    live_cast: Cast,
) -> None:
    async with Tab(live_cast.bob) as bob, Tab(live_cast.mo) as mo, Tab(live_cast.alice) as alice:
        room = await act(open_direct)(live_cast.alice, [live_cast.bob.pk])
        assert (await bob.hears("access.began"))["group"] == room.group_id
        await alice.opens(room)
        await alice.posts(room, "Soup?")
        moved = await bob.hears("room.moved")
        assert (moved["room"], moved["mentions_me"]) == (room.pk, True)
        assert (await mo.asks("room.open", room=room.pk, after=0))["code"] == "not_here"
        assert (await mo.posts(room, "Let me in"))["code"] == "not_here"
        await mo.hears_nothing_of("access.began", "room.moved", "message.posted")
        await act(keep_away)(live_cast.bob, live_cast.alice.pk, Block, on=True)
        assert (await alice.posts(room, "Hello?"))["code"] == "not_allowed"
