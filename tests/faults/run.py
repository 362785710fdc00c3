"""One run: the machines start, everybody writes and reads while things break, all becomes quiet, and it is judged."""

import asyncio
import random
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.faults import people
from tests.faults.journal import Journal
from tests.faults.judge import Verdict, judge
from tests.faults.line import PATIENCE
from tests.faults.movers import OutsideMover, PageMover, rename_by_page
from tests.faults.nemesis import Nemesis, Planned
from tests.faults.reader import Poller, Reader
from tests.faults.rig import Profile, Rig, Template
from tests.faults.writer import Writer
from tests.servers import ROOT

LAST_TRIES = 20.0
"""Seconds that words still on their way get after the writing ended."""
LEVEL_WITHIN = 30.0
"""Seconds in which every reader must be level by itself, once nothing more is written or broken."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do. The same seed gives the same choices; the machines' timing is their own."""

    name: str
    profile: Profile
    seed: int
    seconds: float
    faults: tuple[Planned, ...]
    posts_a_second: float = 5.0
    """Of each writer."""
    doubles: float = 0.2
    edits: float = 0.05
    removals: float = 0.03
    replies: float = 0.1
    doomed: float = 0.02
    stay: float = 5.0
    """Seconds that a reader stays connected, in the mean."""
    mutant: str = ""


class Run:
    """What all who take part share."""

    def __init__(self, plan: Plan, rig: Rig, community: people.Community) -> None:
        self.plan = plan
        self.rig = rig
        self.community = community
        self.journal = Journal(ROOT / "var" / "faults" / f"{plan.name}-{plan.seed}.jsonl")
        self.http = httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=150))
        self.began = time.monotonic()
        self.acknowledged = asyncio.Event()
        self.ending = asyncio.Event()
        """Nothing new is written, nothing more breaks; readers stay."""
        self.giving_up = asyncio.Event()
        """What has no answer by now has none."""
        self.over = asyncio.Event()
        self.readers = [self.reader(handle) for handle in people.READERS]
        self.auditor = Reader(self, people.STEWARD, people.READ, looks_back=900)
        """Looks only in the end, with nothing held: what a page that is loaded now would show."""

    def reader(self, handle: str) -> Reader:
        if handle in people.POLLERS:
            return Poller(self, handle, ("common-1",))
        return Reader(self, handle, people.READ)

    def any_server(self, chance: random.Random, *, besides: str = "") -> str:
        urls = [server.url for server in self.rig.servers if server.url != besides]
        return chance.choice(urls or [besides])

    async def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end."""
        try:
            async with asyncio.timeout(seconds):
                await self.ending.wait()
        except TimeoutError:
            pass

    async def go(self) -> None:
        async with self.http, asyncio.TaskGroup() as everybody:
            self.began = time.monotonic()
            for reader in self.readers:
                everybody.create_task(reader.live())
            authors = [self.start(Writer(self, number).live()) for number in range(len(people.WRITERS))]
            movers = [self.start(PageMover(self, handle).live()) for handle in people.LEAVE_BY_PAGE]
            movers += [self.start(OutsideMover(self).live()), self.start(rename_by_page(self))]
            nemesis = self.start(Nemesis(self).live())
            await asyncio.sleep(self.plan.seconds)
            await nemesis
            self.ending.set()
            await finish([*authors, *movers], self.giving_up)
            everybody.create_task(self.auditor.live())
            await self.let_all_become_level()
            self.over.set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(work)

    async def let_all_become_level(self) -> None:
        """Wait until every screen shows what is stored, or the time for it is over."""
        began = time.monotonic()
        stored = await asyncio.to_thread(self.rig.stored)
        versions = {room: version for room, version, _, _ in stored["rooms"]}
        self.journal.counts["settled versions"] = sum(versions.values())
        while time.monotonic() - began < LEVEL_WITHIN and any(
            reader.behind(versions) for reader in (*self.readers, self.auditor)
        ):
            await asyncio.sleep(0.1)
        self.level_after = time.monotonic() - began
        self.stored = stored


async def finish(tasks: list[asyncio.Task[None]], giving_up: asyncio.Event) -> None:
    """Wait for those who still want an answer, and in the end tell them to give up. Raises what they raised."""
    _, unfinished = await asyncio.wait(tasks, timeout=LAST_TRIES)
    if unfinished:
        giving_up.set()
    await asyncio.gather(*tasks)


async def carry_out(plan: Plan, template: Template | None = None) -> Verdict:
    """Do a run and judge it. The journal stays on disk when it went wrong."""
    rig = Rig(plan.profile, mutant=plan.mutant, template=template)
    community = await asyncio.to_thread(rig.start)
    try:
        run = Run(plan, rig, community)
        await run.go()
        verdict = judge(run)
        verdict.server_logs = rig.logs()
        if verdict.broken:
            keep(run, verdict)
        return verdict
    finally:
        await asyncio.to_thread(rig.discard)


def keep(run: Run, verdict: Verdict) -> Path:
    """For a person who wants to know how it came to this."""
    for promise, words in verdict.broken:
        run.journal.note("judge", promise, words=words)
    verdict.file = run.journal.keep()
    verdict.file.with_suffix(".log").write_text(verdict.server_logs)
    return verdict.file
