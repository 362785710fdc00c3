"""One websocket, spoken as the page's own modules speak it (frontend/static/js/socket.js)."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

type Frame = dict[str, Any]

PATIENCE = 8.0
"""Seconds for a handshake or an answer; a browser waits 20, and a test has less time."""
QUEUE = 16
"""Frames read ahead: few, so that somebody who stops reading soon stops the server's writing."""


class Lost(Exception):
    """No answer came. What was asked may have been done or not."""


class Denied(Exception):
    """A clear no."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Line:
    """A socket that was welcomed; frames go to `hear` as they come, answers to whoever asked."""

    def __init__(
        self,
        connection: ClientConnection,
        server: str,
        hear: Callable[[Frame, str], None],
        held: Callable[[], Mapping[int, int]],
    ) -> None:
        self.connection = connection
        self.server = server
        self.hear = hear
        self.held = held
        self.heard_at = time.monotonic()
        self.refs = itertools.count(1)
        self.unanswered: dict[int, asyncio.Future[Frame | None]] = {}
        self.reading = asyncio.Event()
        self.reading.set()
        self.close_code: int | None = None
        self.task = asyncio.create_task(self.listen())

    @classmethod
    async def open(
        cls,
        url: str,
        session: str,
        hear: Callable[[Frame, str], None],
        held: Callable[[], Mapping[int, int]],
    ) -> "Line":
        """Raises Lost when nobody answers there."""
        try:
            connection = await connect(
                url.replace("http", "ws", 1) + "/live",
                additional_headers={"Cookie": f"session={session}"},
                origin=websockets.Origin(url),
                compression=None,
                open_timeout=PATIENCE,
                ping_interval=None,
                close_timeout=1,
                max_size=None,
                max_queue=QUEUE,
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise Lost from error
        return cls(connection, url, hear, held)

    @property
    def is_open(self) -> bool:
        return not self.task.done()

    async def listen(self) -> None:
        """Until the socket ends. While `reading` is cleared nothing is taken from it, as from a laptop that sleeps."""
        try:
            async for raw in self.connection:
                await self.reading.wait()
                self.heard_at = time.monotonic()
                await self.take(str(raw))
        except (WebSocketException, OSError):
            pass
        finally:
            self.close_code = self.connection.close_code
            for answer in self.unanswered.values():
                if not answer.done():
                    answer.set_result(None)

    async def take(self, raw: str) -> None:
        frame = json.loads(raw)
        match frame["kind"]:
            case "done" | "welcome" | "refused":
                answer = self.unanswered.get(frame["ref"])
                if answer and not answer.done():
                    answer.set_result(frame)
            case "heartbeat":
                self.hear(frame, raw)
                await self.put(kind="heartbeat", rooms=self.held())
                return
        self.hear(frame, raw)

    async def put(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """Send a command and wait for its answer. Raises Denied, and Lost when no answer comes."""
        ref = next(self.refs)
        answer = self.unanswered[ref] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PATIENCE):
                if not self.is_open:
                    raise Lost
                await self.put(kind=kind, ref=ref, **fields)
                frame = await answer
        except (TimeoutError, OSError, WebSocketException) as error:
            self.cut()
            raise Lost from error
        finally:
            self.unanswered.pop(ref, None)
        if frame is None:
            raise Lost
        if frame["kind"] == "refused":
            raise Denied(frame["code"])
        return frame

    def cut(self) -> None:
        """As a network does: no goodbye."""
        self.connection.transport.abort()
        self.reading.set()

    async def close(self) -> None:
        """As a closed tab does."""
        self.reading.set()
        with contextlib.suppress(WebSocketException, OSError, TimeoutError):
            await self.connection.close()
        await asyncio.wait([self.task])
