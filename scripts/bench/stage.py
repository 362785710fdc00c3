"""The servers on which rows are measured: each pinned to one processor core, the load client to another."""

import contextlib
import gc
import json
import os
import resource
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.client import Place, Tab, level
from tests.servers import PostgreSQL, Redis, Roundtable

SERVERS_CORE, CLIENTS_CORE = 0, 1
UNLIMITED = dict.fromkeys(("POSTS_AT_ONCE", "POSTS_A_MINUTE", "FRAMES_AT_ONCE", "FRAMES_A_MINUTE"), "1000000")
"""A few posters stand for a crowd here; the limits for one member would only slow them down."""


def prepare_this_process() -> None:
    """Keep to the client's core, go before others, allow many sockets, and let no collecting of garbage stop the clock.

    The servers inherit the place in the queue and the number of sockets.
    """
    pin(CLIENTS_CORE)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)  # Only root may; without it, what else runs disturbs more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.disable()


def pin(core: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > core:
        os.sched_setaffinity(0, {core})


class Others:
    """What else ran on this machine since: it takes time, and slows down what shares a physical core with it."""

    def __init__(self) -> None:
        self.before = self.now()

    def share(self) -> float | None:
        """Of all processor time, the part that went to neither us nor our servers. None where the kernel does not say."""
        if not self.before or not (now := self.now()):
            return None
        whole, others = (then - before for then, before in zip(now, self.before, strict=True))
        return max(0.0, others) / max(1.0, whole)

    @staticmethod
    def now() -> tuple[float, float] | None:
        """Ticks of all processors, and of those what was spent by others."""
        file = Path("/proc/stat")
        if not file.exists():
            return None
        ticks = [float(field) for field in file.read_text().split("\n", 1)[0].split()[1:9]]
        ours = sum(os.times()[:4]) * os.sysconf("SC_CLK_TCK")
        return sum(ticks), sum(ticks) - ticks[3] - ticks[4] - ours


def unpin() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def pinned(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "preexec_fn": lambda: pin(SERVERS_CORE)}


class Server(Roundtable):
    """Roundtable on the servers' core, with its databases' cost beside its own."""

    def popen_options(self) -> dict[str, Any]:
        return pinned(super().popen_options())

    @property
    def place(self) -> Place:
        return Place("127.0.0.1", self.port)


class SpreadServer(Server):
    """Roundtable on all cores, for the rows with several processes."""

    def popen_options(self) -> dict[str, Any]:
        return {**Roundtable.popen_options(self), "preexec_fn": unpin}


class BareLoop(Server):
    """The floor of delivery: see floor.py."""

    def __init__(self, frame_bytes: int) -> None:
        super().__init__()
        self.frame_bytes = frame_bytes

    def prepare(self) -> None:
        """Nothing: it keeps nothing."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "scripts.bench.floor", "broadcast", str(self.port), str(self.frame_bytes)]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


class PinnedPostgreSQL(PostgreSQL):
    def popen_options(self) -> dict[str, Any]:
        return pinned(super().popen_options())


class SpreadPostgreSQL(PostgreSQL):
    def popen_options(self) -> dict[str, Any]:
        return {**super().popen_options(), "preexec_fn": unpin}


class PinnedRedis(Redis):
    def popen_options(self) -> dict[str, Any]:
        return pinned(super().popen_options())


@dataclass
class Stage:
    """A running server with a community in it."""

    server: Server
    room: int
    sessions: list[str]

    @property
    def place(self) -> Place:
        return self.server.place


@contextlib.contextmanager
def stage(
    members: int, *, database_url: str = "", redis_url: str = "", kind: type[Server] = Server, **settings: str
) -> Iterator[Stage]:
    """A server with one group, one room and so many members in it; gone afterwards."""
    server = kind(database_url, redis_url, port=None, **{**UNLIMITED, **settings})
    try:
        server.prepare()
        community = json.loads(server.run("-m", "scripts.bench.community", str(members)))
        server.start()
        yield Stage(server, community["room"], community["sessions"])
    finally:
        server.discard()


@dataclass(frozen=True)
class Cost:
    """What the server spent on a load: `frames` are the messages that came to tabs by themselves."""

    cpu_seconds: float
    seconds: float
    frames: int
    bytes: int

    @property
    def microseconds_a_frame(self) -> float:
        return self.cpu_seconds * 1e6 / max(1, self.frames)

    @property
    def bytes_a_frame(self) -> int:
        return round(self.bytes / max(1, self.frames))


class Meter:
    """Measures from `with` to its end what the server spends on some tabs; `cost` is there afterwards."""

    cost: Cost

    def __init__(self, server: Server, tabs: Sequence[Tab]) -> None:
        self.server = server
        self.tabs = tabs

    async def __aenter__(self) -> "Meter":
        self.before = self.now()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Not before every tab has everything."""
        await level(self.tabs, max(tab.held for tab in self.tabs))
        then, now = self.before, self.now()
        self.cost = Cost(now[0] - then[0], now[1] - then[1], int(now[2] - then[2]), int(now[3] - then[3]))

    def now(self) -> tuple[float, float, float, float]:
        delivered = sum(tab.delivered for tab in self.tabs)
        received = sum(tab.bytes for tab in self.tabs)
        return self.server.cpu_seconds(), time.perf_counter(), delivered, received
