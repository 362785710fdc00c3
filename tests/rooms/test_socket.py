"""The socket, through the real ASGI application, with real commits."""

import asyncio
import json
import time
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from events.ear import SESSION_ENDED
from members.models import Member, Session
from members.session_store import session_digest
from rooms import house
from rooms.actions.groups import join_group, leave_group
from rooms.actions.rooms import change_room
from rooms.models import Membership, Message, Room, WorkingGroup
from tests.cast import Cast
from tests.speaking import Tab, edits, posts, removes

pytestmark = [pytest.mark.usefixtures("delivery")]

act = sync_to_async


async def test_what_one_writes_the_other_has(live_cast: Cast) -> None:
    async with Tab(live_cast.alice) as alice, Tab(live_cast.bob) as bob:
        await bob.opens(live_cast.supper)
        done = await alice.posts(live_cast.supper, "**Soup**")
        frame = await bob.hears("message.posted")
        assert (frame["message"], frame["version"]) == (done["message"], 1)
        assert "<strong>Soup</strong>" in frame["html"]


async def test_the_author_gets_the_same_frame(live_cast: Cast) -> None:
    async with Tab(live_cast.alice) as alice:
        await alice.opens(live_cast.supper)
        client_id = str(uuid4())
        await alice.asks("message.post", client_id=client_id, room=live_cast.supper.pk, text="Soup")
        assert (await alice.hears("message.posted"))["client_id"] == client_id


async def test_done_means_stored(live_cast: Cast) -> None:
    async with Tab(live_cast.alice) as alice:
        done = await alice.posts(live_cast.supper, "Soup")
        assert await Message.objects.filter(pk=done["message"]).aexists()


async def test_catching_up_gives_every_change_in_its_present_state(live_cast: Cast) -> None:
    soup = await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    await act(posts)(live_cast.bob, live_cast.supper, "Bread")
    await act(edits)(live_cast.alice, soup, "Stew")
    async with Tab(live_cast.bob) as bob:
        changes = await bob.opens(live_cast.supper, after=1)
    assert [(frame["version"], frame["created"]) for frame in changes["frames"]] == [(2, 2), (3, 1)]
    assert "Stew" in changes["frames"][1]["html"]
    assert (changes["version"], changes["more"]) == (3, False)


async def test_catching_up_comes_page_after_page(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.catch_up.PAGE", 2)
    for number in range(5):
        await act(posts)(live_cast.alice, live_cast.supper, f"Course {number}")
    after, pages = 0, []
    async with Tab(live_cast.bob) as bob:
        while True:
            changes = await bob.opens(live_cast.supper, after=after)
            pages.append(len(changes["frames"]))
            after = changes["version"]
            if not changes["more"]:
                break
    assert (pages, after) == ([2, 2, 1], 5)


async def test_a_new_name_is_not_lost_between_two_pages(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.catch_up.PAGE", 2)
    await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    await act(change_room)(live_cast.alice, live_cast.supper.pk, name="Dinner", about="")
    await act(posts)(live_cast.alice, live_cast.supper, "Stew")
    await act(posts)(live_cast.alice, live_cast.supper, "Bread")
    async with Tab(live_cast.bob) as bob:
        first = await bob.opens(live_cast.supper, after=0)
        rest = await bob.opens(live_cast.supper, after=first["version"])
    assert (first["more"], rest["more"]) == (True, False)
    assert [frame["version"] for frame in first["frames"] + rest["frames"]] == [1, 2, 3, 4]
    assert first["frames"][1]["name"] == "Dinner"


async def test_what_everybody_asks_after_a_restart_is_drawn_once(live_cast: Cast) -> None:
    await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    async with Tab(live_cast.bob) as bob, Tab(live_cast.alice) as alice:
        first = await bob.opens(live_cast.supper, after=0)
        with patch("rooms.catch_up.drawn_changes") as drawn:
            assert await alice.opens(live_cast.supper, after=0) == first
        drawn.assert_not_called()
        await act(edits)(live_cast.alice, await Message.objects.aget(), "Stew")
        assert "Stew" in (await bob.opens(live_cast.supper, after=0))["frames"][0]["html"]


async def test_far_behind_or_ahead_of_the_server_one_starts_anew(live_cast: Cast) -> None:
    await Room.objects.aupdate(version=1_001)
    async with Tab(live_cast.bob) as bob:
        assert await bob.opens(live_cast.supper, after=0) == {"version": 1_001, "refetch": True}
        assert await bob.opens(live_cast.supper, after=1_002) == {"version": 1_001, "refetch": True}


async def test_a_removed_message_leaves_the_other_screen(live_cast: Cast) -> None:
    soup = await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    async with Tab(live_cast.bob) as bob:
        await bob.opens(live_cast.supper, after=1)
        await act(removes)(live_cast.alice, soup)
        frame = await bob.hears("message.changed")
    assert frame["version"] == 2
    assert "Soup" not in frame["html"]


async def test_a_removed_message_leaves_the_replies_that_quote_it(live_cast: Cast) -> None:
    soup = await act(posts)(live_cast.alice, live_cast.supper, "Secret soup")
    reply = await act(posts)(live_cast.bob, live_cast.supper, "Nice", reply_to=soup.pk)
    async with Tab(live_cast.bob) as bob:
        assert "Secret soup" in (await bob.opens(live_cast.supper, after=1))["frames"][0]["html"]
        await act(removes)(live_cast.alice, soup)
        assert "Secret soup" not in (await bob.hears("message.changed", message=reply.pk))["html"]


async def test_what_the_sweep_read_before_a_group_was_joined_does_not_put_out_who_joined(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = house.groups_of

    def slowly(members: list[int]) -> dict[int, set[int]]:
        answer = asked(members)
        time.sleep(0.3)
        return answer

    async with Tab(live_cast.charlie) as charlie:
        await charlie.asks("hello", protocol=1)
        monkeypatch.setattr(house, "groups_of", slowly)
        sweep = asyncio.ensure_future(house.HOUSE.sweep())
        await asyncio.sleep(0.1)
        await act(join_group)(live_cast.charlie, live_cast.workshop.pk)
        await sweep
        await charlie.hears_nothing_of("access.ended")


async def test_an_outsider_hears_nothing_and_cannot_tell_that_there_is_a_room(live_cast: Cast) -> None:
    assert not await live_cast.charlie.memberships.aexists()
    async with Tab(live_cast.charlie) as charlie:
        forbidden = await charlie.asks("room.open", room=live_cast.supper.pk, after=0)
        missing = await charlie.asks("room.open", room=10**9, after=0)
        assert {**forbidden, "ref": 0} == {**missing, "ref": 0}
        assert forbidden["code"] == "not_here"
        await act(posts)(live_cast.alice, live_cast.supper, "Soup @charlie @room")
        await charlie.hears_nothing_of("message.posted", "room.moved", "notice")


async def test_who_leaves_hears_nothing_more_at_once(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as bob:
        await bob.opens(live_cast.supper)
        await act(leave_group)(live_cast.bob, live_cast.workshop.pk)
        assert (await bob.hears("access.ended"))["group"] == live_cast.workshop.pk
        await act(posts)(live_cast.alice, live_cast.supper, "Now we can talk")
        await bob.hears_nothing_of("message.posted", "room.moved", "room.changes")
        assert (await bob.posts(live_cast.supper, "Hello"))["code"] == "not_here"


async def test_who_joins_hears_from_then_on(live_cast: Cast) -> None:
    async with Tab(live_cast.charlie) as charlie:
        await act(join_group)(live_cast.charlie, live_cast.workshop.pk)
        assert (await charlie.hears("access.began"))["group"] == live_cast.workshop.pk
        await charlie.opens(live_cast.supper)
        await act(posts)(live_cast.alice, live_cast.supper, "Welcome")
        await charlie.hears("message.posted")


async def test_who_joined_unannounced_hears_it_from_the_sweep(live_cast: Cast) -> None:
    async with Tab(live_cast.charlie) as charlie:
        await Membership.objects.acreate(member=live_cast.charlie, group=live_cast.workshop)
        await house.HOUSE.sweep()
        assert (await charlie.hears("access.began"))["group"] == live_cast.workshop.pk


async def test_the_sockets_of_who_is_suspended_close_with_the_next_sweep(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as bob, Tab(live_cast.alice) as alice:
        await bob.opens(live_cast.supper)
        await Member.objects.filter(pk=live_cast.bob.pk).aupdate(suspended_until=timezone.now() + timedelta(days=9))
        await house.HOUSE.sweep()
        assert await bob.is_closed() == SESSION_ENDED
        assert (await alice.posts(live_cast.supper, "Soup"))["kind"] == "done"


async def test_a_session_that_ended_unheard_is_found_by_the_sweep(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as phone, Tab(live_cast.bob) as desk:
        await Session.objects.filter(digest=session_digest(phone.session)).adelete()
        await house.HOUSE.sweep()
        assert await phone.is_closed() == SESSION_ENDED
        assert (await desk.posts(live_cast.supper, "Soup"))["kind"] == "done"


async def test_a_session_that_runs_out_takes_its_sockets_with_it(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as bob:
        await Session.objects.aupdate(expire_date=timezone.now() - timedelta(seconds=1))
        await house.HOUSE.sweep()
        assert await bob.is_closed() == SESSION_ENDED


async def test_who_is_elsewhere_hears_that_the_room_moved(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as bob:
        await act(posts)(live_cast.alice, live_cast.supper, "Soup, @bob")
        moved = await bob.hears("room.moved")
        assert (moved["room"], moved["posted"], moved["mentions_me"]) == (live_cast.supper.pk, 1, True)
        assert (await bob.hears("notice"))["unseen"] == 1


async def test_reading_on_one_device_is_known_on_the_other(live_cast: Cast) -> None:
    await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    async with Tab(live_cast.bob) as phone, Tab(live_cast.bob) as desk:
        await phone.asks("room.read", room=live_cast.supper.pk, version=1)
        assert (await desk.hears("read.moved"))["version"] == 1


async def test_a_reading_position_never_falls_nor_passes_the_room(live_cast: Cast) -> None:
    await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    async with Tab(live_cast.bob) as bob:
        ahead = await bob.asks("room.read", room=live_cast.supper.pk, version=99)
        back = await bob.asks("room.read", room=live_cast.supper.pk, version=0)
    assert (ahead["version"], back["version"]) == (1, 1)


async def test_typing_reaches_the_others_and_not_oneself(live_cast: Cast) -> None:
    async with Tab(live_cast.alice) as alice, Tab(live_cast.bob) as bob:
        await alice.opens(live_cast.supper)
        await bob.opens(live_cast.supper)
        await alice.asks("typing", room=live_cast.supper.pk)
        assert (await bob.hears("typing"))["name"] == "Alice"
        await alice.hears_nothing_of("typing")


async def test_presence_counts_people_not_tabs(live_cast: Cast) -> None:
    async with Tab(live_cast.alice) as alice, Tab(live_cast.bob) as phone, Tab(live_cast.bob) as desk:
        for tab in (alice, phone, desk):
            await tab.opens(live_cast.supper)
        presence = await alice.hears("presence")
        assert (presence["count"], presence["here"]) == (2, sorted([live_cast.alice.pk, live_cast.bob.pk]))


async def test_what_the_layer_never_announced_the_sweep_finds(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.SWEEP_SECONDS", 0.2)
    async with Tab(live_cast.bob) as bob:
        await bob.opens(live_cast.supper)
        monkeypatch.setattr("rooms.live.tell_room", lambda **_: None)
        await act(posts)(live_cast.alice, live_cast.supper, "Soup")
        found = await bob.hears("room.changes")
        assert (found["after"], found["version"]) == (0, 1)


async def test_a_socket_without_a_session_is_told_to_sign_in(live_cast: Cast) -> None:
    async with Tab(None) as nobody:
        await nobody.is_closed_with(4001)


async def test_a_suspended_members_session_opens_no_socket(live_cast: Cast) -> None:
    await Member.objects.filter(pk=live_cast.bob.pk).aupdate(is_active=False)
    async with Tab(live_cast.bob) as bob:
        await bob.is_closed_with(4001)


async def test_a_foreign_origin_is_refused_before_the_socket_opens(live_cast: Cast) -> None:
    async with Tab(live_cast.bob, origin="https://evil.example") as bob:
        assert not bob.accepted


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (" ", "not_json"),
        ("{", "not_json"),
        ("[]", "not_json"),
        ("7", "not_json"),
        ('{"kind": NaN}', "not_json"),
        (b"\xff\xfe", "not_json"),
        ("[" * 5_000 + "]" * 5_000, "not_json"),
        ('{"a":' * 2_000 + "1" + "}" * 2_000, "not_json"),
        ('{"kind":"' + "x" * 70_000 + '"}', "too_large"),
        ('{"kind":"room.burn","ref":1}', "unknown_command"),
        ('{"kind":["hello"],"ref":1}', "unknown_command"),
        ('{"ref":1}', "unknown_command"),
        ('{"kind":"hello","ref":1,"protocol":99}', "protocol"),
        ('{"kind":"hello","ref":1,"protocol":true}', "bad_request"),
        ('{"kind":"hello","ref":1,"protocol":1,"rooms":{"x":1}}', "bad_request"),
        ('{"kind":"room.open","ref":1,"room":"1","after":0}', "bad_request"),
        ('{"kind":"room.open","ref":1,"room":1,"after":-1}', "bad_request"),
        ('{"kind":"room.open","ref":1,"room":9223372036854775808,"after":0}', "bad_request"),
        ('{"kind":"room.open","ref":1,"room":1.5,"after":0}', "bad_request"),
        ('{"kind":"message.post","ref":1,"client_id":"1","room":1,"text":"x"}', "bad_request"),
        ('{"kind":"message.edit","ref":1,"message":true,"text":"x"}', "bad_request"),
        ('{"kind":"message.remove","ref":1,"message":null}', "bad_request"),
        ('{"kind":"message.pin","ref":1,"message":1,"on":1}', "bad_request"),
        ('{"kind":"reaction.set","ref":1,"message":1,"reaction":"hate","on":true}', "bad_request"),
        ('{"kind":"typing","ref":1,"room":[]}', "bad_request"),
    ],
)
async def test_a_bad_frame_is_refused_with_its_code_and_the_socket_lives_on(
    live_cast: Cast, raw: str | bytes, code: str
) -> None:
    async with Tab(live_cast.bob) as bob:
        await bob.sends(raw)
        refused = await bob.hears("refused")
        assert refused["code"] == code
        assert refused["words"].endswith(".")
        assert (await bob.posts(live_cast.supper, "Still here"))["kind"] == "done"


async def test_a_flood_is_refused_and_then_closed(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as bob:
        for _ in range(200):
            await bob.sends(json.dumps({"kind": "heartbeat", "rooms": {}}))
        assert (await bob.hears("refused"))["code"] == "too_fast"
        await bob.is_closed_with(4009)


async def test_a_room_of_another_group_cannot_be_reached_through_my_own(live_cast: Cast) -> None:
    other = await WorkingGroup.objects.acreate(name="Other", slug="other", kind="private")
    secret = await Room.objects.acreate(group=other, name="Secret")
    async with Tab(live_cast.bob) as bob:
        for command in ("room.open", "room.read", "typing"):
            answer = await bob.asks(command, room=secret.pk, after=0, version=0)
            assert answer["kind"] == "refused" or command == "typing"
        assert (await bob.posts(secret, "Hello"))["code"] == "not_here"
        welcome = await bob.asks("hello", protocol=1, rooms={str(secret.pk): 0})
        assert welcome["rooms"] == {str(secret.pk): None}


async def test_a_group_that_began_unheard_is_heard_from_the_opening_of_its_room(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Tab(live_cast.charlie) as charlie:
        monkeypatch.setattr("rooms.live.tell_access", lambda *_, **__: None)
        await act(join_group)(live_cast.charlie, live_cast.workshop.pk)
        await charlie.opens(live_cast.supper)
        await act(posts)(live_cast.alice, live_cast.supper, "Welcome")
        await charlie.hears("message.posted")


async def test_at_most_twenty_rooms_are_open_in_one_tab(live_cast: Cast) -> None:
    rooms = [await Room.objects.acreate(group=live_cast.workshop, name=f"Room {number}") for number in range(21)]
    async with Tab(live_cast.bob) as bob:
        for room in rooms[:20]:
            await bob.opens(room)
        assert (await bob.asks("room.open", room=rooms[20].pk, after=0))["field"] == "room"
        await bob.opens(rooms[0])


async def test_signing_out_closes_the_sockets_of_that_session_alone(live_cast: Cast) -> None:
    async with Tab(live_cast.bob) as here, Tab(live_cast.bob) as elsewhere:
        await here.asks("hello", protocol=1)
        client = AsyncClient(headers={"host": "localhost"})
        client.cookies["session"] = here.session
        await client.post("/sign-out/")
        await here.is_closed_with(4001)
        assert (await elsewhere.asks("hello", protocol=1))["kind"] == "welcome"
