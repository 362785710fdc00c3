"""A load client that costs little, since it shares the machine with the server it measures.

A Tab is one websocket as a raw protocol on uvloop. Messages, which are nearly all that comes, are told by their first
bytes and looked at for their version alone; the few other frames are read as JSON.
"""

import asyncio
import base64
import os
import random
import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

POSTED = b'{"kind":"message.posted"'
PASSING = (b'{"kind":"presence"', b'{"kind":"room.moved"', b'{"kind":"read.moved"', b'{"kind":"typing"')
VERSION = b'"version":'
TEXT, CLOSE = 1, 8
PATIENCE = 60.0
AT_ONCE = 40
"""Handshakes under way at a time."""
WORDS = (
    "We now see every woman with type 1 in the joint clinic within a week of her booking. Could you share the job "
    "description of your specialist midwife, and how you made the case for the post to your board?"
)


class Place(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


class WasRefused(Exception):
    """The server's `refused`, by its code."""


class Arrivals:
    """When each message came to each tab: versions and times, side by side."""

    def __init__(self) -> None:
        self.versions: list[int] = []
        self.times: list[float] = []


class Tab(asyncio.Protocol):
    """One open tab: one member's socket, with one room open.

    `held` is the version up to which it has everything. `delivered` counts the messages that came by themselves,
    `caught_up` the changes that it had to ask for, `repeated` the messages that came a second time, `gaps` those
    that came before the one before them.
    """

    transport: Any  # uvloop's, which is no asyncio.Transport by name.

    def __init__(self, place: Place, session: str, room: int, held: int = 0, arrivals: Arrivals | None = None) -> None:
        self.place = place
        self.session = session
        self.room = room
        self.held = held
        self.arrivals = arrivals
        self.delivered = self.caught_up = self.repeated = self.gaps = self.bytes = 0
        self.buffer = b""
        self.upgraded = self.asking = self.asking_soon = False
        self.ahead: set[int] = set()
        self.newest = held
        self.ref = 0
        self.loop = loop = asyncio.get_running_loop()
        self.answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.welcomed: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        self.asked_away: asyncio.Future[tuple[float, float]] = loop.create_future()

    # The connection -------------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        host = f"{self.place.host}:{self.place.port}"
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Cookie: session={self.session}\r\n\r\n".encode()
        )

    def connection_lost(self, exception: Exception | None) -> None:
        self.end(1006)

    def end(self, code: int) -> None:
        """Nothing more will come; whoever waits hears of it."""
        if not self.closed.done():
            self.closed.set_result(code)
        unanswered: list[asyncio.Future[Any]] = [self.welcomed, *self.answers.values()]
        for waiting in unanswered:
            if not waiting.done():
                waiting.set_exception(ConnectionResetError(f"closed with {code}"))
                waiting.exception()  # Nobody may be waiting: that is no fault.
        self.answers.clear()

    def leave(self) -> None:
        self.end(1000)
        self.transport.close()

    # What comes -----------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.buffer:
            data = self.buffer + data
        if not self.upgraded:
            data = self.upgrade(data)
        at, end = 0, len(data)
        while end - at >= 2:
            length, head = data[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10]), 10
            start = at + head
            stop = start + length
            if stop > end or end < start:
                break
            if data.startswith(POSTED, start):
                self.take_message(data, start)
            else:
                self.take_other(data[at] & 15, data[start:stop])
            self.bytes += stop - at
            at = stop
        self.buffer = data[at:]

    def upgrade(self, data: bytes) -> bytes:
        """Read the answer to the handshake and say hello; what follows it is already frames."""
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            self.buffer = data
            return b""
        if not head.startswith(b"HTTP/1.1 101"):
            self.end(int(head[9:12]))
            self.transport.close()
            return b""
        self.upgraded = True
        self.buffer = b""
        self.say(kind="hello", ref=0, protocol=1, rooms={str(self.room): self.held})
        return rest

    def take_message(self, data: bytes, start: int) -> None:
        begin = data.find(VERSION, start) + len(VERSION)
        version = int(data[begin : data.find(b",", begin)])
        if self.arrivals is not None:
            self.arrivals.versions.append(version)
            self.arrivals.times.append(time.perf_counter())
        if version == self.held + 1:
            self.held = version
            self.delivered += 1
            if self.ahead:
                self.rise()
        elif version <= self.held or version in self.ahead:
            self.repeated += 1
        else:
            self.gaps += 1
            self.ahead.add(version)
            self.be_level(version)

    def take_other(self, kind: int, payload: bytes) -> None:
        if kind == CLOSE:
            self.end(int.from_bytes(payload[:2]) if payload else 1005)
            self.transport.close()
        elif kind == TEXT and not payload.startswith(PASSING):
            self.take_frame(orjson.loads(payload))

    def take_frame(self, frame: dict[str, Any]) -> None:
        match frame["kind"]:
            case "welcome":
                self.take_changes(frame["rooms"][str(self.room)])
                if not self.welcomed.done():
                    self.welcomed.set_result(None)
            case "done" | "refused":
                self.settle(frame)
            case "heartbeat":
                self.say(kind="heartbeat", rooms={str(self.room): self.held})
                self.be_level(frame["rooms"].get(str(self.room), 0))
            case "away":
                if not self.asked_away.done():
                    self.asked_away.set_result((frame["after"], frame["within"]))
            case "room.changes" if self.held >= frame["after"]:
                self.take_changes(frame)
            case "room.changes":
                self.be_level(frame["version"])

    def settle(self, answer: dict[str, Any]) -> None:
        waiting = self.answers.pop(answer["ref"], None)
        if waiting is None or waiting.done():
            return
        if answer["kind"] == "done":
            waiting.set_result(answer)
        else:
            waiting.set_exception(WasRefused(answer["code"]))

    # Catching up: docs/protocol.md ----------------------------------------------------------------------------------

    def be_level(self, version: int) -> None:
        """The room is known to be at `version`. Asks after a short random wait, if it is still behind then."""
        self.newest = max(self.newest, version)
        if self.newest > self.held and not self.asking_soon:
            self.asking_soon = True
            self.loop.call_later(0.2 + 0.8 * random.random(), self.ask)

    def ask(self) -> None:
        self.asking_soon = False
        if self.newest > self.held and not self.asking and not self.closed.done():
            self.asking = True
            self.command("room.open", room=self.room, after=self.held).add_done_callback(self.asked)

    def asked(self, answer: asyncio.Future[dict[str, Any]]) -> None:
        self.asking = False
        if not answer.cancelled() and answer.exception() is None:
            self.take_changes(answer.result()["changes"])

    def take_changes(self, changes: dict[str, Any]) -> None:
        """Apply an answer. Each version counts once, whichever way it came."""
        if changes.get("refetch"):
            raise AssertionError("The benchmark fell too far behind to catch up")
        level = max(self.held, changes["version"])
        versions = {frame["version"] for frame in changes["frames"] if frame["version"] > self.held}
        for version in versions:
            if version > level:
                self.ahead.add(version)
            elif version not in self.ahead:
                self.caught_up += 1
            else:
                self.delivered += 1
        self.held = level
        self.ahead = {version for version in self.ahead if version > level}
        self.rise()
        self.be_level(changes["version"] + 1 if changes["more"] else 0)

    def rise(self) -> None:
        while self.held + 1 in self.ahead:
            self.held += 1
            self.ahead.discard(self.held)
            self.delivered += 1

    # What is said ---------------------------------------------------------------------------------------------------

    def say(self, **frame: object) -> None:
        self.transport.write(masked(orjson.dumps(frame)))

    def command(self, kind: str, **fields: object) -> asyncio.Future[dict[str, Any]]:
        """Say a command. The answer, or WasRefused, or ConnectionResetError."""
        self.ref += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        if self.closed.done():
            answer.set_exception(ConnectionResetError("closed"))
        else:
            self.answers[self.ref] = answer
            self.say(kind=kind, ref=self.ref, **fields)
        return answer

    def post(self, text: str = WORDS, client_id: str = "") -> asyncio.Future[dict[str, Any]]:
        return self.command("message.post", client_id=client_id or str(uuid.uuid4()), room=self.room, text=text)


def masked(payload: bytes) -> bytes:
    """A client's text frame. With a mask of zeros, which is allowed, masking costs nothing."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, 0x80 | length)) + b"\0\0\0\0" + payload
    return b"\x81\xfe" + length.to_bytes(2) + b"\0\0\0\0" + payload


# --- Opening many ---


async def open_tab(tab: Tab) -> Tab:
    """Connect, say hello, and wait for the welcome. Raises OSError when it does not come."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.get_running_loop().create_connection(lambda: tab, *tab.place)
        await tab.welcomed
    return tab


async def open_tabs(
    place: Place,
    sessions: Iterable[str],
    room: int,
    *,
    held: int = 0,
    arrivals: Arrivals | None = None,
    at_once: int = AT_ONCE,
) -> list[Tab]:
    """A tab for each session, some at a time. `held` is the version that their page was drawn with."""
    gate = asyncio.Semaphore(at_once)

    async def one(session: str) -> Tab:
        async with gate:
            return await open_tab(Tab(place, session, room, held, arrivals))

    return await asyncio.gather(*(one(session) for session in sessions))


async def level(tabs: Sequence[Tab], version: int, *, within: float = PATIENCE) -> bool:
    """Wait until every tab holds `version`. False when that takes too long."""
    deadline = time.perf_counter() + within
    while any(tab.held < version for tab in tabs):
        if time.perf_counter() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def leave_all(tabs: Iterable[Tab]) -> None:
    for tab in tabs:
        tab.leave()


# --- Posting ---


async def post_without_pause(posters: Sequence[Tab], seconds: float) -> int:
    """Each poster posts its next when its previous is acknowledged. Returns how many were."""
    until = time.perf_counter() + seconds

    async def one(poster: Tab) -> int:
        posts = 0
        while time.perf_counter() < until:
            await poster.post()
            posts += 1
        return posts

    return sum(await asyncio.gather(*(one(poster) for poster in posters)))


async def post_steadily(posters: Sequence[Tab], rate: float, seconds: float) -> dict[int, float]:
    """`rate` posts a second, in turn, each at its time whether or not the last was answered. Version → when it was sent."""
    began = time.perf_counter()
    sent: list[tuple[float, asyncio.Future[dict[str, Any]]]] = []
    for number in range(round(rate * seconds)):
        # A little irregular, as people are: otherwise posts keep one distance to the server's own rhythm.
        due = began + (number + random.random()) / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent.append((time.perf_counter(), posters[number % len(posters)].post()))
    return {(await answer)["version"]: at for at, answer in sent}
