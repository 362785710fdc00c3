"""What goes wrong in a run, and when."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

import httpx

from tests.faults import people
from tests.faults.journal import Fault

if TYPE_CHECKING:
    from tests.faults.rig import Profile, Served
    from tests.faults.run import Run

QUIET_AT_THE_END = 3.0
CROWD = 20
"""More than a pool of connections has by default."""
AFTER = 1.5
"""A fault is felt a little longer than it lasts."""


class Planned(NamedTuple):
    at: float
    what: str
    seconds: float = 1.0
    server: int = 0


FAULTS_OF: dict[str, tuple[str, ...]] = {
    "postgresql": (
        "kill server",
        "Redis gone",
        "kill PostgreSQL",
        "pause server",
        "kill server",
        "cut connections",
        "crowd of long polls",
    ),
    "sqlite": ("kill server", "pause server", "crowd of long polls", "kill server"),
}


LASTING = {"pause server": (0.5, 8), "crowd of long polls": (3, 5)}
"""Seconds, from and to; the others are over sooner."""


def drawn(profile: "Profile", seed: int, seconds: float) -> tuple[Planned, ...]:
    """A schedule of chance: every kind comes round, in another order each time."""
    chance = random.Random(f"{seed} faults")
    faults: list[Planned] = []
    at = chance.uniform(3, 6)
    while True:
        kinds = list(FAULTS_OF[profile])
        chance.shuffle(kinds)
        for kind in kinds:
            lasting = chance.uniform(*LASTING.get(kind, (0.2, 4)))
            if at + lasting > seconds - QUIET_AT_THE_END:
                return tuple(faults)
            faults.append(Planned(at, kind, lasting, chance.randrange(2)))
            at += lasting + chance.uniform(2, 7)


class Nemesis:
    def __init__(self, run: "Run") -> None:
        self.run = run
        self.deeds: dict[str, Callable[[float, Served], Awaitable[None]]] = {
            "kill server": self.kill_server,
            "kill server on acknowledgement": self.kill_on_acknowledgement,
            "pause server": self.pause_server,
            "Redis gone": self.redis_gone,
            "kill PostgreSQL": self.kill_postgresql,
            "cut connections": self.cut_connections,
            "crowd of long polls": self.crowd,
        }

    async def live(self) -> None:
        """Do what is planned, one after the other, each when its time has come."""
        for planned in self.run.plan.faults:
            await asyncio.sleep(max(0.0, self.run.began + planned.at - time.monotonic()))
            servers = self.run.rig.servers
            began = time.monotonic()
            self.run.journal.note("nemesis", planned.what, server=planned.server, seconds=planned.seconds)
            await self.deeds[planned.what](planned.seconds, servers[planned.server % len(servers)])
            self.run.journal.note("nemesis", f"{planned.what}: over")
            self.run.journal.faults.append(Fault(planned.what, began, time.monotonic() + AFTER))

    async def kill_server(self, seconds: float, server: "Served") -> None:
        server.kill_at_once()
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.start)

    async def kill_on_acknowledgement(self, seconds: float, server: "Served") -> None:
        """The moment after somebody was told that their message is stored."""
        self.run.acknowledged.clear()
        await self.run.acknowledged.wait()
        await self.kill_server(seconds, server)

    async def pause_server(self, seconds: float, server: "Served") -> None:
        """It does not know that time passed; the others go on without it."""
        server.pause()
        await asyncio.sleep(seconds)
        server.go_on()

    async def redis_gone(self, seconds: float, _: "Served") -> None:
        redis = self.run.rig.redis
        assert redis
        await asyncio.to_thread(redis.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(redis.start_empty)

    async def kill_postgresql(self, seconds: float, _: "Served") -> None:
        postgresql = self.run.rig.postgresql
        assert postgresql
        await asyncio.to_thread(postgresql.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(postgresql.start)

    async def cut_connections(self, seconds: float, _: "Served") -> None:
        for _again in itertools.repeat(None, 3):
            await asyncio.to_thread(self.run.rig.cut_connections)
            await asyncio.sleep(seconds / 3)

    async def crowd(self, seconds: float, server: "Served") -> None:
        """More requests wait at each server than it has connections to the database: they must leave some to the others."""
        journal, began = self.run.journal, time.monotonic()
        polls = [
            self.poll_quietly(one.url, handle, until=began + seconds)
            for one in self.run.rig.servers
            for handle in people.READERS[:CROWD]
        ]
        await asyncio.gather(*polls)
        meanwhile = [at for at, took in journal.waits if began + 1 < at + took < began + seconds]
        if not meanwhile:
            journal.oddities.append(f"nothing was acknowledged while {CROWD} long polls waited")

    async def poll_quietly(self, url: str, handle: str, until: float) -> None:
        """Long polls for news of a room where nothing happens. What happens elsewhere ends one, and begins the next."""
        while (seconds := until - time.monotonic()) > 0:
            try:
                answer = await self.run.http.get(
                    f"{url}/live/changes",
                    params={"room": self.run.community.rooms[people.QUIET], "after": 0, "wait": max(1, round(seconds))},
                    headers={"Cookie": f"session={self.run.community.people[handle].session}"},
                )
                answer.raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
