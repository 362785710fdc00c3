"""The ear: one listener in each server process, which hears once and writes to all its sockets.

Everything here runs on the server's event loop, without the database and without waiting. What the database knows
comes from the `House`, which a higher floor supplies.

In a room, frames are delivered in the order of their versions. One that comes early waits a moment for the one before
it; if that does not come, the house is asked for everything in the gap.
"""

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Coroutine, Hashable
from typing import Any, Protocol

from events.delivery import Deliveries, Listener
from events.exchange import Exchange
from events.frames import Envelope, Frame
from events.moved import SECONDS, Moved

log = logging.getLogger(__name__)

GAP_SECONDS = 0.25
"""How long an early frame waits for the one before it."""
SOCKETS_A_MEMBER = 10
SESSION_ENDED = 4001
TOO_MANY_SOCKETS = 4010


class House(Protocol):
    """What the ear asks of the floor above."""

    async def changes_since(self, room: int, version: int) -> tuple[int, Frame]:
        """The level reached, and one `room.changes` frame with all that changed in a room above `version`, for those who
        read its whole history."""
        ...

    def readers_changed(self, group: int, room: int) -> None:
        """Somebody opened or closed a room here."""
        ...

    def presence_heard(self, origin: str, group: int, room: int, members: list[int], count: int) -> None:
        """Another process said who has a room open there."""
        ...

    async def be_sure(self) -> None:
        """Make sure that the memberships of the listeners are those of the last few seconds."""
        ...


class Ear:
    """What one process hears, and who listens. One instance, EAR; it begins with `start`."""

    def __init__(self) -> None:
        self.origin = uuid.uuid4().hex
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(self, house: House) -> bool:
        """Begin on the running loop. False when it had begun already."""
        loop = asyncio.get_running_loop()
        if self.loop is loop:
            return False
        self.loop, self.house = loop, house
        self.deliveries = Deliveries(loop)
        self.exchange = Exchange(self.origin, self.hear_from_outside)
        self.listeners: dict[Listener, None] = {}
        self.by_member: defaultdict[int, dict[Listener, None]] = defaultdict(dict)
        self.by_group: defaultdict[int, dict[Listener, None]] = defaultdict(dict)
        self.by_room: defaultdict[int, dict[Listener, None]] = defaultdict(dict)
        self.floors: defaultdict[int, dict[Listener, int]] = defaultdict(dict)
        """Room → the listeners who may not read all of it, and up to which version not. Most rooms have none."""
        self.group_of: dict[int, int] = {}
        self.heads: dict[int, int] = {}
        """Room → the newest version delivered here, for rooms that are open here."""
        self.early: defaultdict[int, dict[int, Envelope]] = defaultdict(dict)
        self.mending: set[int] = set()
        self.moved: dict[int, Moved] = {}
        self.told: dict[int, int] = {}
        """Room → the newest version heard of, open here or not: what the sweep compares with."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.spawn(self.exchange.speak_forever())
        self.spawn(self.exchange.listen_forever())
        return True

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside, and keep hold of it: the loop itself remembers tasks only weakly."""
        assert self.loop is not None
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def send(self, layer_group: str, envelope: Envelope) -> None:
        """Hear the envelope here and publish it to the other processes. Callable from any thread."""
        if self.loop is None or self.loop.is_closed():
            return  # A command without sockets of its own. The servers' sweep finds what it changed.
        envelope["origin"] = self.origin
        self.loop.call_soon_threadsafe(self._send, layer_group, envelope)

    def _send(self, layer_group: str, envelope: Envelope) -> None:
        self.hear(envelope)
        self.exchange.publish(layer_group, envelope)

    # Who listens ------------------------------------------------------------------------------------------------

    def admit(self, listener: Listener, groups: set[int]) -> None:
        """A member's new socket. Of more than ten the oldest closes."""
        self.listeners[listener] = None
        mine = self.by_member[listener.member]
        mine[listener] = None
        if len(mine) > SOCKETS_A_MEMBER:
            next(iter(mine)).close(TOO_MANY_SOCKETS)
        for group in groups:
            self.enter_group(listener, group)

    def dismiss(self, listener: Listener) -> None:
        """A socket that is gone. Harmless a second time."""
        self.listeners.pop(listener, None)
        forget(self.by_member, listener.member, listener)
        for group in tuple(listener.groups):
            self.leave_group(listener, group)

    def enter_group(self, listener: Listener, group: int) -> None:
        listener.groups.add(group)
        if group not in self.by_group:
            self.exchange.listen_to(group)
        self.by_group[group][listener] = None

    def leave_group(self, listener: Listener, group: int) -> None:
        """The listener hears no more of the group, nor of any of its rooms."""
        listener.groups.discard(group)
        forget(self.by_group, group, listener)
        for room in [room for room in listener.rooms if self.group_of.get(room) == group]:
            self.close_room(listener, room)

    def open_room(self, listener: Listener, group: int, room: int, floor: int) -> None:
        """The listener gets the room's frames from here on, without the words of messages at or below its floor there.

        What came before, it asks for by version.
        """
        listener.rooms.add(room)
        self.by_room[room][listener] = None
        if floor:
            self.floors[room][listener] = floor
        else:
            forget(self.floors, room, listener)
        self.group_of[room] = group
        self.house.readers_changed(group, room)

    def close_room(self, listener: Listener, room: int) -> None:
        listener.rooms.discard(room)
        forget(self.by_room, room, listener)
        forget(self.floors, room, listener)
        self.house.readers_changed(self.group_of.get(room, 0), room)
        if room not in self.by_room:
            for memory in (self.group_of, self.heads, self.early):
                memory.pop(room, None)

    # What is heard ----------------------------------------------------------------------------------------------

    async def hear_from_outside(self, envelope: Envelope) -> None:
        """Hear another process, once it is sure who may listen."""
        await self.house.be_sure()
        self.hear(envelope)

    def hear(self, envelope: Envelope) -> None:
        """Act on an envelope, from here or from another process."""
        match envelope["to"]:
            case "room":
                self.told[envelope["room"]] = max(envelope["version"], self.told.get(envelope["room"], 0))
                self.gather_moved(envelope)
                self.put_in_order(envelope)
            case "readers":
                readers = self.by_room.get(envelope["room"], {})
                others = [reader for reader in readers if reader.member != envelope["author"]]
                self.deliveries.add(Frame(envelope["text"]), others, room=envelope["room"])
            case "presence":
                self.house.presence_heard(
                    envelope["origin"], envelope["group"], envelope["room"], envelope["members"], envelope["count"]
                )
            case "member":
                self.deliveries.add(Frame(envelope["text"]), self.by_member.get(envelope["member"], {}))
            case "access":
                self.change_access(envelope["member"], envelope["group"], began=envelope["began"])
            case "history":
                self.send_for_history(envelope["group"])
            case "session":
                for listener in tuple(self.by_member.get(envelope["member"], ())):
                    if listener.session == envelope["session"]:
                        listener.close(SESSION_ENDED)

    def send_for_history(self, group: int) -> None:
        """Whose reading began later loads the page anew. Their floor stays until then: this may be heard late."""
        for room, kept_out in list(self.floors.items()):
            if self.group_of.get(room) == group:
                anew = Frame.of("room.changes", room=room, after=0, version=self.heads.get(room, 0), refetch=True)
                self.deliveries.add(anew, kept_out, room=room)

    def change_access(self, member: int, group: int, *, began: bool) -> None:
        """A membership began or ended: the member's sockets enter the group or leave it, at once."""
        for listener in tuple(self.by_member.get(member, ())):
            if began:
                self.let_in(listener, group)
            elif group in listener.groups:
                self.put_out(listener, group)

    def let_in(self, listener: Listener, group: int) -> None:
        """The listener hears of the group from now on, and is told so."""
        self.enter_group(listener, group)
        listener.write(Frame.of("access.began", group=group))

    def put_out(self, listener: Listener, group: int) -> None:
        """The listener hears no more of the group, and is told so."""
        self.leave_group(listener, group)
        listener.write(Frame.of("access.ended", group=group))

    def put_in_order(self, envelope: Envelope) -> None:
        """Deliver the next version of a room; keep an earlier one out, and one that comes too early back."""
        room, version = envelope["room"], envelope["version"]
        if room not in self.by_room:
            return
        head = self.heads.get(room)
        if head is not None and version <= head:
            return
        if head is not None and version > head + 1:
            self.early[room][version] = envelope
            self.mend_soon(room)
            return
        self.deliver(room, version, Frame(envelope["text"]), envelope.get("oldest_shown", 0))
        self.deliver_early(room)

    def deliver(self, room: int, version: int, frame: Frame, oldest_shown: int) -> None:
        """Write a frame to all who have the room open and may read every word in it.

        The others only hear at which version the room is, as in a heartbeat: so they ask, and get what is theirs. The
        frame is the same for every reader, and a reply shows the first words of what it answers.
        """
        self.heads[room] = version
        readers = self.by_room.get(room, {})
        kept_out = {reader for reader, floor in self.floors.get(room, {}).items() if floor >= oldest_shown}
        if kept_out:
            level = Frame.of("heartbeat", rooms={room: version})
            self.deliveries.add(level, [reader for reader in readers if reader in kept_out], room=room)
            readers = {reader: None for reader in readers if reader not in kept_out}
        self.deliveries.add(frame, readers, room=room)

    def deliver_early(self, room: int) -> None:
        """Deliver those whose turn has come; forget those that came twice."""
        early = self.early.get(room, {})
        # The last reader may have fallen behind with the last frame, and the room be forgotten here.
        while room in self.heads and (following := early.pop(self.heads[room] + 1, None)):
            self.deliver(room, following["version"], Frame(following["text"]), following.get("oldest_shown", 0))
        for version in [version for version in early if version <= self.heads.get(room, 0)]:
            del early[version]

    def mend_soon(self, room: int) -> None:
        """Give the missing frame a moment, then ask the house for the gap."""
        assert self.loop is not None
        if room not in self.mending:
            self.mending.add(room)
            self.loop.call_later(GAP_SECONDS, lambda: self.spawn(self.mend(room)))

    async def mend(self, room: int) -> None:
        """Fill the gap from the database, for all sockets of the room at once."""
        try:
            if room in self.heads and self.early.get(room):
                await self.catch_up(room)
        finally:
            self.mending.discard(room)
            if room in self.heads and self.early.get(room):
                self.mend_soon(room)

    async def catch_up(self, room: int) -> None:
        """Deliver everything in a room above what was delivered here. Harmless when there is nothing."""
        head = self.heads[room]
        try:
            level, frame = await self.house.changes_since(room, head)
        except Exception as error:
            log.warning("Room %s was not caught up: %r", room, error)
            return
        if self.heads.get(room) == head and level > head:
            self.deliver(room, level, frame, oldest_shown=0)
            self.deliver_early(room)

    def gather_moved(self, envelope: Envelope) -> None:
        """Tell the group's other members here of a change, now or with the next of this second."""
        assert self.loop is not None
        room = envelope["room"]
        if not envelope["name"] or envelope["group"] not in self.by_group:
            return
        waiting = self.moved.get(room)
        if waiting is None:
            waiting = self.moved[room] = Moved(room)
            waiting.add(envelope)
            self.tell_moved(room)
        else:
            waiting.add(envelope)

    def tell_moved(self, room: int) -> None:
        """Write what was gathered, and gather anew for a second; forget the room when a second brought nothing."""
        assert self.loop is not None
        moved = self.moved.pop(room)
        if not moved.version:
            return
        frames = moved.frames()
        for listener in self.by_group.get(moved.group, ()):
            if room not in listener.rooms:
                self.deliveries.add(frames.for_member(listener.member), (listener,))
        self.moved[room] = Moved(room)
        self.loop.call_later(SECONDS, self.tell_moved, room)


def forget[K: Hashable, V](index: dict[K, dict[Listener, V]], key: K, listener: Listener) -> None:
    """Take a listener out of an index, and an empty place out with it."""
    listeners = index.get(key)
    if listeners is not None:
        listeners.pop(listener, None)
        if not listeners:
            del index[key]


EAR = Ear()
