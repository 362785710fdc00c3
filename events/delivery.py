"""Writing one frame to many sockets, a few hundred at a time, in order."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from events.frames import Frame

AT_A_TIME = 400
"""Sockets written before the loop gets its turn."""


class Listener(Protocol):
    """A socket or a long poll. `write` does not wait and does not raise."""

    session: str
    groups: set[int]
    rooms: set[int]

    @property
    def member(self) -> int: ...

    def write(self, frame: Frame) -> None: ...

    def beat(self, frame: Frame) -> None:
        """Write a heartbeat, or close if the last ones were not answered."""
        ...

    def close(self, code: int) -> None: ...


class Deliveries:
    """Frames under way to sockets. Each frame reaches all its sockets before the next one begins."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: deque[tuple[Frame, int, tuple[Listener, ...]]] = deque()
        self.running = False

    def add(self, frame: Frame, listeners: Iterable[Listener], *, room: int = 0) -> None:
        """Write `frame` to `listeners`; with `room`, only to those who still have it open when their turn comes."""
        self.waiting.append((frame, room, tuple(listeners)))
        if not self.running:
            self.run()

    def run(self) -> None:
        """Write up to AT_A_TIME sockets, then let the loop turn and come back for the rest."""
        left = AT_A_TIME
        while self.waiting and left > 0:
            frame, room, listeners = self.waiting.popleft()
            for listener in listeners[:left]:
                if not room or room in listener.rooms:
                    listener.write(frame)
            if len(listeners) > left:
                self.waiting.appendleft((frame, room, listeners[left:]))
            left -= len(listeners)
        self.running = bool(self.waiting)
        if self.running:
            self.loop.call_soon(self.run)
