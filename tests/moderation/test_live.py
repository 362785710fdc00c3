"""What a moderator decides is so on every open screen, at every other door, and stays so after a reload."""

import re
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from events.catalogue import WaitingChanged
from members.models import Member
from members.refusals import NotHere
from moderation import holding
from moderation.actions import Order, Subject, decide, file_report, undo
from moderation.holding import Why
from moderation.live import show_waiting
from moderation.many import hide_many, undo_many
from moderation.models import Case, Decision
from notifications.actions import unseen_notices
from rooms.access import file_for
from rooms.actions.messages import pin_message
from rooms.actions.waiting import take_back_held
from rooms.commands import PinMessage
from rooms.doors import changes_for
from rooms.models import HeldPost, Message
from rooms.sidebar import sidebar_for
from tests.cast import Cast, person
from tests.speaking import Tab, brings, posts, session_of, tries_to_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("delivery")]

HIDE = Order("hide", "unkind", "Words that belittle somebody.")
WHY = Why("advert", "Advertising")


def reported(cast: Cast, message: Message) -> Case:
    return file_report(cast.bob, Subject("message", message.pk), "unkind").case


def page(cast: Cast) -> str:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(cast.lena)
    return str(client.get(f"/rooms/{cast.supper.pk}/").content.decode())


def frames_after(cast: Cast, version: int) -> list[dict[str, Any]]:
    return list(changes_for(cast.lena, cast.supper.pk, version).changes["frames"])


async def test_a_hidden_message_leaves_every_screen_and_door_and_comes_back(live_cast: Cast) -> None:
    cast = live_cast
    file = await sync_to_async(brings)(cast.alice, cast.supper)
    said = await sync_to_async(posts)(cast.alice, cast.supper, "@lena Bob cannot cook", files=[file])
    await sync_to_async(posts)(cast.bob, cast.supper, "I can", reply_to=said.pk)
    await sync_to_async(pin_message)(cast.bob, PinMessage(said.pk, True))
    case = await sync_to_async(reported)(cast, said)
    async with Tab(cast.lena) as lena:
        await lena.opens(cast.supper, after=3)
        await sync_to_async(decide)(cast.mo, case.pk, case.version, HIDE)
        frame = await lena.hears("message.changed", message=said.pk)
        quoting = await lena.hears("message.changed")
        assert "This message is hidden." in frame["html"]
        assert "a removed message" in quoting["html"]
        drawn = await sync_to_async(frames_after)(cast, 3)
        assert [each["html"] for each in drawn] == [frame["html"], quoting["html"]]
        await sync_to_async(nothing_is_left)(cast, said, file.pk)
        await sync_to_async(undo)(cast.mo, 1, "It was a quotation.")
        again = await lena.hears("message.changed", message=said.pk)
        assert "Bob cannot cook" in again["html"]
    assert "Bob cannot cook" in await sync_to_async(page)(cast)


def nothing_is_left(cast: Cast, said: Message, file: int) -> None:
    assert "cannot cook" not in page(cast)
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(cast.lena)
    for address in ("pinned/", "about/"):
        assert b"cannot cook" not in client.get(f"/rooms/{cast.supper.pk}/{address}").content
    assert b"cannot cook" not in client.get(f"/messages/{said.pk}/history/").content
    assert unseen_notices(cast.lena).count() == 0
    [room] = [room for group in sidebar_for(cast.lena) for room in group.rooms]
    assert (room.unread, room.mentions) == (1, 0)
    with pytest.raises(NotHere):
        file_for(cast.lena, file)


async def test_many_leave_in_one_act_and_the_frames_say_what_a_reload_says(live_cast: Cast) -> None:
    cast = live_cast
    said = [await sync_to_async(posts)(cast.alice, cast.supper, f"Buy {number}") for number in range(3)]
    await sync_to_async(posts)(cast.bob, cast.supper, "Stop that", reply_to=said[1].pk)
    async with Tab(cast.lena) as lena:
        await lena.opens(cast.supper, after=4)
        many = await sync_to_async(hide_many)(cast.mo, [each.pk for each in said], HIDE)
        heard = [await lena.hears("message.changed", version=version) for version in range(5, 9)]
        drawn = await sync_to_async(frames_after)(cast, 4)
        assert [(each["version"], each["html"]) for each in drawn] == [
            (each["version"], each["html"]) for each in heard
        ]
        assert "Buy" not in str(heard)
        await sync_to_async(undo_many)(cast.mo, many.pk)
        back = [await lena.hears("message.changed", version=version) for version in range(9, 13)]
        assert [f"Buy {number}" in each["html"] for number, each in enumerate(back[:3])] == [True] * 3


async def test_the_sockets_of_who_is_suspended_close(live_cast: Cast) -> None:
    said = await sync_to_async(posts)(live_cast.alice, live_cast.supper, "Bob cannot cook")
    case = await sync_to_async(reported)(live_cast, said)
    async with Tab(live_cast.alice) as alice:
        await alice.opens(live_cast.supper)
        order = Order("suspend", "unkind", "The third time this week.", days=2)
        await sync_to_async(decide)(live_cast.mo, case.pk, case.version, order)
        assert await alice.is_closed()
    async with Tab(live_cast.alice, session="gone") as alice:
        assert not alice.accepted or await alice.is_closed()


async def test_who_is_silenced_in_the_middle_is_told_and_keeps_their_words(live_cast: Cast) -> None:
    said = await sync_to_async(posts)(live_cast.alice, live_cast.supper, "Bob cannot cook")
    case = await sync_to_async(reported)(live_cast, said)
    async with Tab(live_cast.alice) as alice:
        await alice.opens(live_cast.supper)
        order = Order("silence", "unkind", "The third time this week.", days=2)
        await sync_to_async(decide)(live_cast.mo, case.pk, case.version, order)
        answer = await alice.posts(live_cast.supper, "And another thing")
        assert (answer["kind"], answer["code"]) == ("refused", "not_allowed")
        assert "You cannot write in this group until" in answer["words"]


async def test_the_queue_of_every_moderator_hears_of_a_report_and_nobody_else(live_cast: Cast) -> None:
    said = await sync_to_async(posts)(live_cast.alice, live_cast.supper, "Bob cannot cook")
    about_mo = await sync_to_async(posts)(live_cast.mo, live_cast.supper, "Nobody can cook")
    async with Tab(live_cast.mo) as mo, Tab(live_cast.lena) as lena:
        await mo.asks("hello", protocol=1, rooms={})
        await lena.asks("hello", protocol=1, rooms={})
        case = await sync_to_async(reported)(live_cast, said)
        assert await mo.hears("case") == {"kind": "case", "case": case.pk, "version": case.version, "waiting": 1}
        await sync_to_async(reported)(live_cast, about_mo)
        await mo.hears_nothing_of("case")
        await lena.hears_nothing_of("case")
    assert not await sync_to_async(Decision.objects.exists)()


async def test_moderators_see_on_all_screens_how_many_posts_wait_and_nobody_else_does(live_cast: Cast) -> None:
    cast, act = live_cast, sync_to_async
    ola = await act(person)("ola", role="moderator")
    await act(holding.hold_room)(cast.mo, cast.supper.pk, WHY, on=True)
    async with Tab(cast.mo) as mo, Tab(ola) as other, Tab(cast.lena) as leader, Tab(cast.alice) as author:
        for text in ("Soup", "Bread"):
            await act(tries_to_post)(cast.alice, cast.supper, text)
        first, second = [held async for held in HeldPost.objects.order_by("pk")]
        assert await act(signs)(cast) == ("2", "")
        await act(holding.let_through)(ola, first.pk)
        await act(holding.decline)(ola, second.pk, WHY)
        third = await act(tries_to_post)(cast.bob, cast.supper, "Cake")
        await act(take_back_held)(cast.bob, third.pk)
        for tab in (mo, other):
            heard = [(await tab.hears("waiting"))["waiting"] for _ in range(6)]
            assert heard == [1, 2, 1, 0, 1, 0]
        for tab in (leader, author):
            await tab.hears_nothing_of("waiting")
        assert await act(signs)(cast) == ("", "")


def signs(cast: Cast) -> tuple[str, ...]:
    """What stands at the top of a page: of the moderator's, and of a leader's."""
    found = [
        re.search(r'data-behaviour="waiting">Waiting <span class="unread">(\d+)', page_of(who))
        for who in (cast.mo, cast.lena)
    ]
    return tuple(each[1] if each else "" for each in found)


def page_of(member: Member) -> str:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    return client.get("/groups/").content.decode()


async def test_nobody_is_called_to_look_at_their_own(live_cast: Cast) -> None:
    cast, act = live_cast, sync_to_async
    ola = await act(person)("ola", role="moderator")
    async with Tab(cast.mo) as mo, Tab(ola) as other:
        await act(HeldPost.objects.create)(
            room=cast.supper, author=cast.mo, client_id=uuid4(), text="Soup", code="word", why="A watched word"
        )
        await act(show_waiting)(WaitingChanged())
        assert (await mo.hears("waiting"))["waiting"] == 0
        assert (await other.hears("waiting"))["waiting"] == 1
