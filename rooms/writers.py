"""Writing to one websocket without waiting, and knowing when it falls too far behind.

Neither daphne nor uvicorn bounds what waits for a peer that stops reading, so it is bounded here.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from events.frames import Frame

MOST_WAITING_BYTES = 1024 * 1024
MOST_WAITING_FRAMES = 512

type Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class FellBehind(Exception):
    """More waits for this socket than it may: close it, and let it catch up by version."""


class Writer(Protocol):
    def write(self, frame: Frame) -> None:
        """Write now or soon, in order. Raises FellBehind."""
        ...

    def close(self, code: int) -> None:
        """Close after what was written."""
        ...


class AsgiWriter:
    """For any ASGI server: `send` is tried at once, and frames wait only while it is not ready."""

    __slots__ = ("loop", "send", "task", "waiting")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.loop = asyncio.get_running_loop()
        self.waiting: deque[str] = deque()
        self.task: asyncio.Task[None] | None = None

    def write(self, frame: Frame) -> None:
        if len(self.waiting) >= MOST_WAITING_FRAMES:
            raise FellBehind
        self.waiting.append(frame.text)
        if self.task is None or self.task.done():
            # Started eagerly it runs to its first true wait: with a peer that reads, that is to its end.
            self.task = asyncio.Task(self.write_waiting(), loop=self.loop, eager_start=True)

    def close(self, code: int) -> None:
        self.waiting.clear()
        self.task = asyncio.Task(self.say_goodbye(code), loop=self.loop, eager_start=True)

    async def say_goodbye(self, code: int) -> None:
        with contextlib.suppress(Exception):  # It was gone already.
            await self.send({"type": "websocket.close", "code": code})

    async def write_waiting(self) -> None:
        while self.waiting:
            try:
                await self.send({"type": "websocket.send", "text": self.waiting[0]})
            except Exception:
                self.waiting.clear()
                return
            self.waiting.popleft()


def writer_for(scope: Mapping[str, Any], send: Send) -> Writer:
    """The writer that the server offers, or one on top of ASGI's `send`."""
    direct: Writer | None = scope.get("extensions", {}).get("roundtable.writer")
    return direct or AsgiWriter(send)
