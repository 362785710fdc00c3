"""Who has a room open: short-lived, never stored, told at most once in two seconds a room.

Each process knows its own readers and what the others last said of theirs. What another process said is forgotten
after a while, so that a process that died takes its readers with it; each says it again now and then.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from events.ear import Ear
from events.frames import Frame
from events.wire import tell_presence

SECONDS_BETWEEN = 2.0
FORGET_SECONDS = 60.0
MOST_NAMED = 50


@dataclass(slots=True)
class Elsewhere:
    """What one other process said of one room."""

    members: list[int]
    count: int
    said_at: float = field(default_factory=time.monotonic)


class Presence:
    """The readers of the rooms that are open in this process."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self.elsewhere: dict[int, dict[str, Elsewhere]] = {}
        self.due: set[int] = set()
        self.announced: dict[int, frozenset[int]] = {}

    def readers_changed(self, group: int, room: int) -> None:
        """Somebody opened or closed a room here: say so soon, and once for many."""
        self.soon(group, room, announce=True)

    def heard(self, origin: str, group: int, room: int, members: list[int], count: int) -> None:
        """Another process said who is there. One that has not heard of us yet gets our answer."""
        if origin == self.ear.origin:
            return
        others = self.elsewhere.setdefault(room, {})
        newcomer = origin not in others
        others[origin] = Elsewhere(members, count)
        if room in self.ear.by_room:
            self.soon(group, room, announce=newcomer)
        elif not count:
            self.elsewhere.pop(room, None)

    def soon(self, group: int, room: int, *, announce: bool) -> None:
        assert self.ear.loop is not None
        if announce:
            self.announced.pop(room, None)
        if room not in self.due:
            self.due.add(room)
            self.ear.loop.call_later(SECONDS_BETWEEN, self.tell, group, room)

    def tell(self, group: int, room: int) -> None:
        """Tell the other processes, where it is news to them, and the readers here."""
        self.due.discard(room)
        here = frozenset(self.here(room))
        if self.announced.get(room) != here:
            tell_presence(group=group, room=room, members=sorted(here)[:MOST_NAMED], count=len(here))
            if here:
                self.announced[room] = here
            else:
                self.announced.pop(room, None)
        if here:
            self.ear.deliveries.add(self.frame(room, here), self.ear.by_room.get(room, ()), room=room)
        else:
            self.elsewhere.pop(room, None)

    def here(self, room: int) -> Iterable[int]:
        return {listener.member for listener in self.ear.by_room.get(room, ())}

    def frame(self, room: int, here: frozenset[int]) -> Frame:
        """Names while they are few; beyond that the number alone. A member in two processes is counted once if named."""
        named, unnamed = set(here), 0
        for elsewhere in self.fresh(room):
            named.update(elsewhere.members)
            unnamed += elsewhere.count - len(elsewhere.members)
        count = len(named) + unnamed
        return Frame.of("presence", room=room, count=count, here=sorted(named) if count <= MOST_NAMED else [])

    def fresh(self, room: int) -> list[Elsewhere]:
        oldest = time.monotonic() - FORGET_SECONDS
        others = self.elsewhere.get(room, {})
        for origin in [origin for origin, elsewhere in others.items() if elsewhere.said_at < oldest]:
            del others[origin]
        return list(others.values())

    def say_again(self) -> None:
        """Refresh what the other processes remember of the rooms that are open here."""
        for room in list(self.ear.by_room):
            self.soon(self.ear.group_of[room], room, announce=True)
