"""Who takes part in a fault run, where they belong, and what the run's settings are. Plain facts, without Django.

Everybody      three rooms that are open to all: common-1, common-2, common-3
Inner one/two  a private room each, inner-1 and inner-2: some may read it, the others must never hear of it
Revolving      one room, revolving: some of its members leave and come back all the time
"""

from dataclasses import dataclass

WRITERS = tuple(f"writer.{number}" for number in range(8))
READERS = tuple(f"reader.{number}" for number in range(24))
STEWARD = "steward"
"""Belongs everywhere, renames rooms, and looks at everything in the end."""
EVERYONE = (*WRITERS, *READERS, STEWARD)

GROUPS = {
    "everybody": EVERYONE,
    "inner-1": (*WRITERS[:4], *READERS[:12], STEWARD),
    "inner-2": (*WRITERS[4:], *READERS[12:18], STEWARD),
    "revolving": (*WRITERS, *READERS[:20], STEWARD),
}
PRIVATE = ("inner-1", "inner-2")
ROOMS = {
    "common-1": "everybody",
    "common-2": "everybody",
    "common-3": "everybody",
    "inner-1": "inner-1",
    "inner-2": "inner-2",
    "revolving": "revolving",
    "quiet": "everybody",
}
QUIET = "quiet"
"""A room where nothing is said: whoever asks there for news waits."""
READ = tuple(room for room in ROOMS if room != QUIET)
BUSY = ("common-1", *READ)
"""What writers choose from: common-1 is the hot room."""
RENAMED_OUTSIDE, RENAMED_BY_PAGE = "common-2", "common-3"

LEAVE_BY_PAGE = ("reader.0", "reader.1", "reader.12", "writer.7")
"""Leave and join through a server, so that its processes hear of it at once."""
LEAVE_OUTSIDE = ("reader.3", "reader.4", "reader.13", "writer.6")
"""Leave and join in another process that has no sockets, as a management command would: only the sweep finds it."""
POLLERS = ("reader.8", "reader.15", "reader.20")
"""Have no websocket: they ask by long poll."""
STALLERS = READERS[2::6]
"""Stop reading for seconds at a time, and leave everything in the pipe."""
FORGETFUL = READERS[::3]
"""Come back as new tabs now and then."""


def belongs(handle: str, room: str) -> bool:
    return handle in GROUPS[ROOMS[room]]


def secret(room: str) -> str:
    """A word in the name and in every message of a private room: nobody else's socket may ever carry it."""
    return f"hushed-{room}"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    session: str


@dataclass(frozen=True, slots=True)
class Community:
    """The ids under which everything was stored."""

    people: dict[str, Person]
    groups: dict[str, int]
    rooms: dict[str, int]

    def room_key(self, room: int) -> str:
        return next(key for key, pk in self.rooms.items() if pk == room)
