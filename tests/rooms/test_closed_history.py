"""Closed history: who joins a group that chose it reads what is said from then on, and nothing older, at any door.

Zoe joins after the soup and before the bread. Soup is the secret.
"""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.template.loader import get_template
from django.test import AsyncClient
from pytest_django import DjangoAssertNumQueries

from events.ear import EAR
from members.models import Member
from members.refusals import NotHere
from notifications.actions import notices_for, unseen_notices
from notifications.models import Notice
from rooms import house
from rooms.access import messages_for
from rooms.actions.groups import change_group, charter_of, join_group, leave_group
from rooms.actions.messages import pin_message, set_reaction
from rooms.actions.rooms import change_room, open_room
from rooms.commands import PinMessage, SetReaction
from rooms.doors import carry_out, changes_for
from rooms.live_views import wait_for_changes
from rooms.models import Mention, Message, Reading, WorkingGroup
from rooms.sidebar import sidebar_for
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of
from tests.rooms.test_sidebar import fill
from tests.speaking import Tab, edits, posts, removes, session_of

FROM_JOINING = WorkingGroup.History.FROM_JOINING
act = sync_to_async


def choose(cast: Cast, history: str) -> None:
    """The Workshop's leader chooses what newcomers read."""
    charter = charter_of(cast.workshop)
    change_group(cast.lena, cast.workshop.pk, type(charter)(charter.name, charter.purpose, charter.kind, history))


def join(cast: Cast) -> Member:
    zoe = person("zoe")
    join_group(zoe, cast.workshop.pk)
    return zoe


@pytest.fixture
def soup(cast: Cast) -> Message:
    """What was said before Zoe came: edited, pinned, thanked for and mentioning everybody."""
    choose(cast, FROM_JOINING)
    soup = edits(cast.alice, posts(cast.alice, cast.supper, "Onion soup"), "Secret soup @room")
    pin_message(cast.bob, PinMessage(soup.pk, on=True))
    set_reaction(cast.bob, SetReaction(soup.pk, "thanks", on=True))
    return soup


@pytest.fixture
def zoe(cast: Cast, soup: Message) -> Member:
    return join(cast)


def test_who_joins_finds_the_room_and_nothing_that_was_said_before(cast: Cast, zoe: Member) -> None:
    bread = posts(cast.alice, cast.supper, "Bread")
    page = text_of(browser(zoe), f"/rooms/{cast.supper.pk}/")
    assert "Bread" in page
    assert "You joined here" in page
    assert "soup" not in page.lower()
    assert list(messages_for(zoe)) == [bread]
    assert "Secret soup" in text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")


@pytest.mark.parametrize(
    "address",
    [
        "/rooms/{room}/",
        "/rooms/{room}/?around={place}",
        "/rooms/{room}/?before=99",
        "/rooms/{room}/?before={place}",
        "/rooms/{room}/?after=0",
        "/rooms/{room}/pinned/",
        "/rooms/{room}/about/",
        "/rooms/{room}/members/",
        "/rooms/{room}/names?q=",
        "/messages/{message}/",
        "/messages/{message}/history/",
        "/messages/{message}/edit",
        "/messages/{message}/remove",
        "/groups/{group}/",
        "/groups/{group}/members/",
        "/notices/",
        "/sidebar/",
        "/live/changes?room={room}&after=0&wait=0",
        "/",
    ],
)
async def test_no_page_tells_it(live_cast: Cast, address: str) -> None:
    zoe, soup = await act(before_and_after)(live_cast)
    client = AsyncClient(headers={"host": "localhost"})
    client.cookies["session"] = await act(session_of)(zoe)
    place = address.format(
        room=live_cast.supper.pk, message=soup.pk, group=live_cast.workshop.pk, place=soup.created_version
    )
    answer = await client.get(place)
    body = answer.content.decode().lower()
    assert answer.status_code in (200, 404)
    assert "soup" not in body
    assert f'data-message="{soup.pk}"' not in body
    assert f"/messages/{soup.pk}/" not in body


def before_and_after(cast: Cast) -> tuple[Member, Message]:
    """Soup before Zoe came, and after it what points back to it."""
    choose(cast, FROM_JOINING)
    soup = edits(cast.alice, posts(cast.alice, cast.supper, "Onion soup"), "Secret soup")
    zoe = join(cast)
    pin_message(cast.bob, PinMessage(soup.pk, on=True))
    posts(cast.bob, cast.supper, "Nice, @zoe", reply_to=soup.pk)
    edits(cast.alice, soup, "Secret soup for @zoe @room")
    return zoe, soup


@pytest.mark.parametrize(
    "command",
    [
        {"kind": "message.post", "text": "Which?", "client_id": "c0ffee00-0000-4000-8000-000000000000"},
        {"kind": "message.edit", "text": "Mine"},
        {"kind": "message.remove"},
        {"kind": "message.pin", "on": True},
        {"kind": "reaction.set", "reaction": "thanks", "on": True},
    ],
)
def test_no_command_reaches_it(cast: Cast, zoe: Member, soup: Message, command: dict[str, object]) -> None:
    ids = {"room": cast.supper.pk, "message": soup.pk, "reply_to": soup.pk}
    with pytest.raises(NotHere):
        carry_out(zoe, {**ids, **command})
    assert carry_out(cast.bob, {**ids, "kind": "reaction.set", "reaction": "agree", "on": True})


def test_a_reply_to_it_says_only_that_it_answers_something(cast: Cast, zoe: Member, soup: Message) -> None:
    posts(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
    page = text_of(browser(zoe), f"/rooms/{cast.supper.pk}/")
    assert "In reply to a message from before you joined" in page
    assert f"/messages/{soup.pk}/" not in page
    assert f'data-reply-to="{soup.pk}"' not in page
    assert "Secret soup" in text_of(browser(cast.alice), f"/rooms/{cast.supper.pk}/")


def test_catching_up_passes_over_it_and_comes_level(cast: Cast, zoe: Member, soup: Message) -> None:
    posts(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
    edits(cast.alice, soup, "Hot secret soup")
    for reader in (cast.bob, zoe, cast.bob):  # What one asked is remembered for others, but not for her.
        room, _, changes = changes_for(reader, cast.supper.pk, 0)
        assert (changes["version"], changes["more"]) == (room.version, False)
        assert ("secret soup" in str(changes).lower()) == (reader != zoe)
    assert [frame["created"] for frame in changes_for(zoe, cast.supper.pk, 0).changes["frames"]] == [5]


def test_catching_up_page_after_page_comes_level_too(
    cast: Cast, zoe: Member, soup: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.catch_up.PAGE", 2)
    for number in range(5):
        posts(cast.alice, cast.supper, f"Course {number}")
        set_reaction(cast.bob, SetReaction(soup.pk, "agree", on=number % 2 == 0))
    after, seen, more = 0, [], True
    while more:
        changes = changes_for(zoe, cast.supper.pk, after).changes
        seen += [frame["created"] for frame in changes["frames"]]
        after, more = changes["version"], changes["more"]
    cast.supper.refresh_from_db()
    assert (after, seen) == (cast.supper.version, [5, 7, 9, 11, 13])


def test_nothing_of_it_is_counted(cast: Cast, zoe: Member, soup: Message) -> None:
    assert [room.unread for group in sidebar_for(zoe) for room in group.rooms] == [0]
    Reading.objects.filter(member=zoe).update(version=99)  # Not above what the room holds:
    carry_out(zoe, {"kind": "room.read", "room": cast.supper.pk, "version": 99})
    posts(cast.alice, cast.supper, "Bread")
    Reading.objects.filter(member=zoe).update(version=4)
    assert [room.unread for group in sidebar_for(zoe) for room in group.rooms] == [1]
    assert "<dt>Messages</dt><dd>1</dd>" in text_of(browser(zoe), f"/rooms/{cast.supper.pk}/about/")


def test_an_edit_of_it_cannot_call_her(cast: Cast, zoe: Member, soup: Message) -> None:
    edits(cast.alice, soup, "Secret soup for @zoe and @lena")
    assert not Mention.objects.filter(member=zoe).exists()
    assert (unseen_notices(zoe).count(), unseen_notices(cast.lena).count()) == (0, 1)
    Notice.objects.create(member=zoe, message=soup, kind=Notice.Kind.MENTION)
    assert not notices_for(zoe).exists()


def test_a_room_opened_later_is_hers_whole(cast: Cast, zoe: Member) -> None:
    tea = open_room(cast.alice, cast.workshop.pk, name="Tea")
    leaf = posts(cast.alice, tea, "Leaf")
    posts(cast.bob, tea, "Milk", reply_to=leaf.pk)
    page = text_of(browser(zoe), f"/rooms/{tea.pk}/")
    assert "Leaf" in page
    assert "The beginning of" in page


def test_who_comes_back_reads_from_their_coming_back(cast: Cast, zoe: Member) -> None:
    posts(cast.alice, cast.supper, "Bread")
    leave_group(zoe, cast.workshop.pk)
    posts(cast.alice, cast.supper, "Gossip")
    join_group(zoe, cast.workshop.pk)
    posts(cast.alice, cast.supper, "Cake")
    page = text_of(browser(zoe), f"/rooms/{cast.supper.pk}/")
    assert "Cake" in page
    assert not re.search("Bread|Gossip|soup", page)


def test_whoever_belonged_before_it_was_closed_goes_on_reading(cast: Cast, soup: Message) -> None:
    assert soup in messages_for(cast.bob)
    leave_group(cast.bob, cast.workshop.pk)
    join_group(cast.bob, cast.workshop.pk)
    assert soup not in messages_for(cast.bob)


def test_opened_again_it_is_open_to_all_at_once_and_stays_so_for_them(cast: Cast, zoe: Member, soup: Message) -> None:
    choose(cast, WorkingGroup.History.OPEN)
    assert "Secret soup" in text_of(browser(zoe), f"/rooms/{cast.supper.pk}/?before=99")
    choose(cast, FROM_JOINING)
    assert soup in messages_for(zoe)


def test_who_left_while_it_was_closed_and_comes_back_to_an_open_group_reads_all(
    cast: Cast, zoe: Member, soup: Message
) -> None:
    leave_group(zoe, cast.workshop.pk)
    choose(cast, WorkingGroup.History.OPEN)
    join_group(zoe, cast.workshop.pk)
    assert soup in messages_for(zoe)


@pytest.mark.parametrize("count", [1, 300])
def test_a_floor_costs_no_query(cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries, count: int) -> None:
    choose(cast, FROM_JOINING)
    fill(cast, count)
    zoe = join(cast)
    posts(cast.alice, cast.supper, "Bread, @zoe", reply_to=Message.objects.latest("pk").pk)
    client = browser(zoe)
    with django_assert_max_num_queries(12):
        client.get(f"/rooms/{cast.supper.pk}/")
    with django_assert_max_num_queries(5):
        changes_for(zoe, cast.supper.pk, 0)


def test_who_joins_while_somebody_posts_waits_until_it_is_said_whether_it_was_before(
    live_cast: Cast,
) -> None:
    choose(live_cast, FROM_JOINING)
    with ThreadPoolExecutor() as beside:
        with transaction.atomic():
            soup = posts(live_cast.alice, live_cast.supper, "Secret soup")
            joining = beside.submit(join_beside, live_cast)
            with pytest.raises(TimeoutError):
                joining.result(0.5)  # Not before the post is committed.
        zoe = joining.result()
    assert soup not in messages_for(zoe)
    assert posts(live_cast.alice, live_cast.supper, "Bread") in messages_for(zoe)


def join_beside(cast: Cast) -> Member:
    try:
        return join(cast)
    finally:
        connections.close_all()


# Live -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_table(live_cast: Cast, delivery: None) -> tuple[Cast, Member, Message]:
    choose(live_cast, FROM_JOINING)
    soup = posts(live_cast.alice, live_cast.supper, "Secret soup")
    return live_cast, join(live_cast), soup


type Table = tuple[Cast, Member, Message]


def no_soup(tab: Tab) -> bool:
    return "soup" not in str(tab.heard).lower()


CHANGES: dict[str, Callable[[Cast, Message], object]] = {
    "edited": lambda cast, soup: edits(cast.alice, soup, "Hot secret soup"),
    "removed": lambda cast, soup: removes(cast.alice, soup),
    "pinned": lambda cast, soup: pin_message(cast.bob, PinMessage(soup.pk, on=True)),
    "thanked for": lambda cast, soup: set_reaction(cast.bob, SetReaction(soup.pk, "thanks", on=True)),
    "answered": lambda cast, soup: posts(cast.bob, cast.supper, "Nice", reply_to=soup.pk),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_live_change_of_it_reaches_those_who_read_it_and_tells_her_only_the_version(
    at_table: Table, change: str
) -> None:
    cast, zoe, soup = at_table
    async with Tab(zoe) as newcomer, Tab(cast.lena) as lena:
        held = (await newcomer.opens(cast.supper))["version"]
        await lena.opens(cast.supper)
        await act(CHANGES[change])(cast, soup)
        frame = await lena.hears("message.changed", "message.posted")
        assert frame["message"] == soup.pk or "Secret soup" in frame["html"]
        level = await newcomer.hears("heartbeat")
        assert level["rooms"] == {str(cast.supper.pk): held + 1}
        changes = await newcomer.opens(cast.supper, after=held)
        assert (changes["version"], changes["more"]) == (held + 1, False)
        assert [frame["created"] for frame in changes["frames"]] == ([2] if change == "answered" else [])
        await newcomer.hears_nothing_of("message.changed", "message.posted", "room.changes")
        assert no_soup(newcomer)
        assert "soup" not in str(changes).lower()


async def test_what_is_new_reaches_her_as_it_reaches_everybody(at_table: Table) -> None:
    cast, zoe, _ = at_table
    async with Tab(zoe) as newcomer:
        await newcomer.opens(cast.supper)
        bread = await act(posts)(cast.alice, cast.supper, "Bread")
        assert "Bread" in (await newcomer.hears("message.posted"))["html"]
        await act(posts)(cast.bob, cast.supper, "Butter", reply_to=bread.pk)
        assert "Bread" in (await newcomer.hears("message.posted"))["html"]
        await act(edits)(cast.alice, bread, "Rye bread")
        await newcomer.hears("message.changed", message=bread.pk)
        await act(change_room)(cast.alice, cast.supper.pk, name="Dinner", about="")
        assert (await newcomer.hears("room.changed"))["name"] == "Dinner"


async def test_replies_that_change_with_it_are_drawn_for_her_without_it(at_table: Table) -> None:
    cast, zoe, soup = at_table
    await act(posts)(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
    async with Tab(zoe) as newcomer:
        held = (await newcomer.opens(cast.supper))["version"]
        await act(edits)(cast.alice, soup, "Hot secret soup")
        await newcomer.hears("heartbeat", rooms={str(cast.supper.pk): held + 2})
        changes = await newcomer.opens(cast.supper, after=held)
        assert [frame["created"] for frame in changes["frames"]] == [2]
        assert "before you joined" in changes["frames"][0]["html"]
        assert no_soup(newcomer)
        assert "soup" not in str(changes).lower()


async def test_what_the_sweep_finds_is_not_told_to_her(at_table: Table) -> None:
    cast, zoe, soup = at_table
    async with Tab(zoe) as newcomer, Tab(cast.lena) as lena:
        await newcomer.opens(cast.supper)
        await lena.opens(cast.supper)
        with patch("rooms.live.tell_room", lambda **_: None):
            await act(edits)(cast.alice, soup, "Hot secret soup")
            await act(posts)(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
        await house.HOUSE.sweep()
        assert "Hot secret soup" in str(await lena.hears("room.changes"))
        assert (await newcomer.hears("heartbeat"))["rooms"] == {str(cast.supper.pk): 3}
        await newcomer.hears_nothing_of("room.changes")
        assert no_soup(newcomer)


async def test_every_way_to_ask_anew_keeps_her_floor(at_table: Table) -> None:
    cast, zoe, soup = at_table
    async with Tab(zoe) as newcomer:
        welcome = await newcomer.asks("hello", protocol=1, rooms={str(cast.supper.pk): 0})
        await newcomer.asks("room.close", room=cast.supper.pk)
        await newcomer.opens(cast.supper)
        await newcomer.opens(cast.supper)
        await act(edits)(cast.alice, soup, "Hot secret soup")
        await newcomer.hears("heartbeat")
        await newcomer.hears_nothing_of("message.changed")
        assert "soup" not in str(welcome).lower()
        assert no_soup(newcomer)


async def test_who_comes_back_in_an_open_tab_gets_the_later_floor(at_table: Table) -> None:
    cast, _, soup = at_table
    async with Tab(cast.bob) as bob:
        await bob.opens(cast.supper)
        await act(leave_group)(cast.bob, cast.workshop.pk)
        await bob.hears("access.ended")
        await act(join_group)(cast.bob, cast.workshop.pk)
        await bob.hears("access.began")
        assert "soup" not in str(await bob.opens(cast.supper)).lower()
        await act(edits)(cast.alice, soup, "Hot secret soup")
        await bob.hears("heartbeat")
        await bob.hears_nothing_of("message.changed")
        assert no_soup(bob)


async def test_when_the_history_is_opened_her_open_page_loads_anew(at_table: Table) -> None:
    cast, zoe, soup = at_table
    async with Tab(zoe) as newcomer, Tab(cast.lena) as lena:
        await newcomer.opens(cast.supper)
        await lena.opens(cast.supper)
        await act(choose)(cast, WorkingGroup.History.OPEN)
        assert (await newcomer.hears("room.changes"))["refetch"]
        await lena.hears_nothing_of("room.changes")
        assert "Secret soup" in str(await newcomer.opens(cast.supper))
        await act(edits)(cast.alice, soup, "Hot secret soup")
        await newcomer.hears("message.changed", message=soup.pk)


async def test_a_long_poll_is_woken_by_it_and_says_only_the_version(at_table: Table) -> None:
    cast, zoe, soup = at_table
    house.start_delivery()
    poll = asyncio.ensure_future(wait_for_changes(zoe, "", cast.supper.pk, 1, 5))
    while not EAR.by_room.get(cast.supper.pk):
        await asyncio.sleep(0.01)
    await act(edits)(cast.alice, soup, "Hot secret soup")
    changes, heard = await poll
    assert changes == {"version": 2, "frames": [], "more": False}
    assert [json.loads(text)["kind"] for text in heard] == ["heartbeat"]


def test_a_page_that_forgets_the_floor_shows_no_reply_what_it_answers(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Secret soup")
    reply = posts(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
    template = get_template("rooms/_message.html")
    assert "Secret soup" in template.render({"message": reply, "floor": 0})
    assert "Secret soup" not in template.render({"message": reply})


def test_ones_own_words_from_before_are_found_and_removed(cast: Cast, soup: Message) -> None:
    leave_group(cast.alice, cast.workshop.pk)
    alice = browser(cast.alice)
    away = text_of(alice, "/you/written/")
    join_group(cast.alice, cast.workshop.pk)
    with pytest.raises(NotHere):
        removes(cast.alice, soup)
    back = text_of(alice, "/you/written/")
    assert all("Secret soup" in page and f'/messages/{soup.pk}/"' not in page for page in (away, back))
    answers = [alice.post(f"/you/written/{soup.pk}/remove").status_code for _ in range(2)]
    soup.refresh_from_db()
    assert (answers, soup.text, "Secret soup" in text_of(alice, "/you/written/")) == ([302, 404], "", False)


def test_others_words_are_neither_listed_nor_removed(cast: Cast, soup: Message) -> None:
    bob = browser(cast.bob)
    posts(cast.bob, cast.supper, "I like it", reply_to=soup.pk)
    page = text_of(bob, "/you/written/")
    assert ("I like it" in page, "Secret soup" in page) == (True, False)
    assert bob.post(f"/you/written/{soup.pk}/remove").status_code == 404
