"""MemberSocket: one member's tab. Frame in → command → answer; frames of the rooms it has open out. No rules here."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from events.ear import EAR
from events.frames import Frame
from events.wire import tell_readers
from members.limits import Allowance, Bucket
from members.models import Member
from members.refusals import BadRequest, NotHere, Refused, TooFast
from members.session_store import session_digest
from members.sessions import member_of_session, session_key_from
from members.written_once import written_once
from rooms import commands
from rooms.doors import Answer, Opened, carry_out, changes_for
from rooms.house import start_delivery
from rooms.models import Membership, Room
from rooms.threads import in_thread
from rooms.writers import FellBehind, Send, writer_for

log = logging.getLogger(__name__)

NOT_SIGNED_IN = 4001
FELL_BEHIND = 4008
TOO_MANY_FRAMES = 4009

INCOMING = Allowance(burst=settings.FRAMES_AT_ONCE, a_minute=settings.FRAMES_A_MINUTE)
PATIENCE = 30
"""Refused frames in a row before a flooding socket is closed."""
UNANSWERED_BEATS = 2
FURTHEST_BEHIND = 1_000
"""Versions that a socket may lag while it answers heartbeats."""
TYPING_SECONDS = 1.0

type Receive = Callable[[], Awaitable[Mapping[str, Any]]]


async def member_socket(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """The websocket application. The origin was checked before it (chatserver/asgi.py)."""
    start_delivery()
    await receive()  # websocket.connect
    key = session_key_from(scope["headers"])
    try:
        member, groups = await in_thread(sign_in, key)
    except Exception as error:
        log.warning("A socket was turned away: %r", error)
        await send({"type": "websocket.close", "code": 1013})
        return
    await send({"type": "websocket.accept"})
    if member is None:
        await send({"type": "websocket.close", "code": NOT_SIGNED_IN})
        return
    socket = MemberSocket(member, session_digest(key), scope, send)
    EAR.admit(socket, groups)
    try:
        await socket.serve(receive)
    finally:
        EAR.dismiss(socket)


def sign_in(key: str) -> tuple[Member | None, set[int]]:
    """The member behind a session key, and the groups they may read."""
    member = member_of_session(key)
    return member, {membership.group_id for membership in memberships_held_by(member.pk)} if member else set()


@written_once
def memberships_held_by(member_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(member=member_id)


class MemberSocket:
    """A Listener of the ear, and the reader of what its browser sends."""

    __slots__ = (
        "__weakref__",
        "bucket",
        "closing",
        "groups",
        "person",
        "refusals",
        "rooms",
        "session",
        "typed_at",
        "unanswered",
        "writer",
    )

    def __init__(self, person: Member, session: str, scope: Mapping[str, Any], send: Send) -> None:
        self.person = person
        self.session = session
        self.writer = writer_for(scope, send)
        self.groups: set[int] = set()
        self.rooms: set[int] = set()
        self.bucket = Bucket(INCOMING, time.monotonic())
        self.refusals = 0
        self.unanswered = 0
        self.typed_at = 0.0
        self.closing = False

    @property
    def member(self) -> int:
        return self.person.pk

    # What the ear calls -----------------------------------------------------------------------------------------

    def write(self, frame: Frame) -> None:
        """Write without waiting. A socket that fell too far behind closes instead, and catches up by version."""
        if self.closing:
            return
        try:
            self.writer.write(frame)
        except FellBehind:
            self.close(FELL_BEHIND)

    def beat(self, frame: Frame) -> None:
        """A heartbeat; a socket that left the last ones unanswered is gone, though nobody told us."""
        self.unanswered += 1
        if self.unanswered > UNANSWERED_BEATS:
            self.close(FELL_BEHIND)
        else:
            self.write(frame)

    def close(self, code: int) -> None:
        """Close soon; nothing is written after it."""
        if not self.closing:
            self.closing = True
            EAR.dismiss(self)
            self.writer.close(code)

    # What the browser sends -------------------------------------------------------------------------------------

    async def serve(self, receive: Receive) -> None:
        """Obey commands one after the other, so that one sender's posts keep their order, until the socket closes."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if not self.closing:
                await self.hear(message.get("text") or message.get("bytes") or "")

    async def hear(self, raw: str | bytes) -> None:
        """Answer one frame: `done`, `welcome`, or `refused` with a stable code and words for the person."""
        ref = None
        try:
            frame = commands.read_frame(raw)
            ref = commands.ref_of(frame)
            self.count(frame)
            answer = await self.obey(frame)
        except Refused as refused:
            answer = {"kind": "refused", **refused.as_answer()}
        if answer is not None:
            self.write(Frame.of(**{"kind": "done", **answer, "ref": ref}))

    def count(self, frame: commands.Frame) -> None:
        """One frame more. Raises TooFast; a socket that goes on regardless is closed."""
        if self.bucket.take(INCOMING, time.monotonic()):
            self.refusals = 0
            return
        self.refusals += 1
        if self.refusals > PATIENCE:
            self.close(TOO_MANY_FRAMES)
        raise TooFast

    async def obey(self, frame: commands.Frame) -> Answer | None:
        """What concerns the socket itself is done here; everything else through the table of commands."""
        match frame.get("kind"):
            case "hello":
                return await self.hello(frame)
            case "room.open":
                room, after = commands.number(frame, "room"), commands.number(frame, "after")
                return {"room": room, "changes": await self.open_room(room, after)}
            case "room.close":
                EAR.close_room(self, commands.number(frame, "room"))
                return {}
            case "heartbeat":
                self.unanswered = 0
                self.notice_lag(commands.versions(frame))
                return None
            case "typing":
                self.say_typing(commands.number(frame, "room"))
                return {}
        return await in_thread(carry_out, self.person, frame)

    async def hello(self, frame: commands.Frame) -> Answer:
        """Greet, and bring the rooms that the tab holds up to date."""
        if commands.number(frame, "protocol") != commands.PROTOCOL:
            raise BadRequest(
                "This page is of another version than the server. Reload it.", code="protocol", field="protocol"
            )
        rooms: dict[int, object] = {}
        for room, after in commands.versions(frame).items():
            try:
                rooms[room] = await self.open_room(room, after)
            except NotHere:
                rooms[room] = None
        return {
            "kind": "welcome",
            "protocol": commands.PROTOCOL,
            "epoch": EAR.origin,
            "member": {"id": self.person.pk, "name": self.person.display_name, "handle": self.person.handle},
            "heartbeat": settings.HEARTBEAT_SECONDS,
            "rooms": rooms,
        }

    async def open_room(self, room_id: int, after: int) -> object:
        """Let the room's frames through, and answer with what came before them. Raises NotHere.

        Access is asked first, so that nothing of a forbidden room is heard for a moment. What the ear heard between that
        reading and the opening, when this socket was not in the room yet, is read once more.
        """
        room, floor, changes = await in_thread(changes_for, self.person, room_id, after)
        if room.group_id not in self.groups:
            # A membership that began unheard, or that ended since it was read. From here on its end is heard: read again.
            room, floor, changes = await self.enter_late(room, after)
        if room.pk not in self.rooms and len(self.rooms) >= commands.MOST_ROOMS_HELD:
            raise BadRequest(f"At most {commands.MOST_ROOMS_HELD} rooms can be open at once.", field="room")
        if room.group_id in self.groups:
            EAR.open_room(self, room.group_id, room.pk, floor)
        if EAR.told.get(room.pk, 0) > room.version:
            room, _, changes = await in_thread(changes_for, self.person, room_id, after)
        if room.pk in self.rooms:
            EAR.heads.setdefault(room.pk, room.version)
        return changes

    async def enter_late(self, room: Room, after: int) -> Opened:
        """Enter a group that this socket did not know to be open to it, if it still is. Raises NotHere."""
        if not self.closing:
            EAR.enter_group(self, room.group_id)
        try:
            return await in_thread(changes_for, self.person, room.pk, after)
        except Refused:
            EAR.leave_group(self, room.group_id)
            raise

    def notice_lag(self, seen: Mapping[int, int]) -> None:
        """A browser that answers heartbeats and still is far behind does not read what it is sent."""
        for room, version in seen.items():
            if room in self.rooms and EAR.heads.get(room, 0) - version > FURTHEST_BEHIND:
                self.close(FELL_BEHIND)

    def say_typing(self, room: int) -> None:
        """Tell the others, at most once a second; never stored, and forgotten when it is lost."""
        now = time.monotonic()
        if room in self.rooms and now - self.typed_at >= TYPING_SECONDS:
            self.typed_at = now
            frame = Frame.of("typing", room=room, member=self.person.pk, name=self.person.display_name)
            tell_readers(group=EAR.group_of[room], room=room, frame=frame, besides=self.person.pk)
