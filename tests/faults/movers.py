"""Those who change who belongs and what rooms are called, while everybody writes and reads."""

import asyncio
import json
import random
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx

from tests.faults import people
from tests.faults.writer import CSRF, signed_in

if TYPE_CHECKING:
    from tests.faults.run import Run

SHORT, LONG = 2.0, 10.0
"""Seconds that a member stays away: short ones come thick, long ones leave time to hear what one should not."""
RENAME_SECONDS = 2.5


class PageMover:
    """One member who leaves the revolving group and joins it again by its pages."""

    def __init__(self, run: "Run", handle: str) -> None:
        self.run = run
        self.handle = handle
        self.random = random.Random(f"{run.plan.seed} {handle} moves")
        self.group = run.community.groups["revolving"]

    async def live(self) -> None:
        while not self.run.ending.is_set():
            await self.run.wait(self.random.uniform(1.5, 2.5))
            if not self.run.ending.is_set():
                await self.leave()
                await self.run.wait(self.random.choice([SHORT, SHORT, LONG]))
                await self.join()

    async def leave(self) -> None:
        leaving = time.monotonic()
        # 404: a try whose answer was lost had worked.
        server = await insist(self.run, self.handle, f"groups/{self.group}/leave", {}, settled=(302, 404))
        if server is not None:
            self.run.journal.left(self.handle, leaving, time.monotonic(), by=server)
            self.run.journal.note(self.handle, "left")

    async def join(self) -> None:
        self.run.journal.joining(self.handle, time.monotonic())
        self.run.journal.note(self.handle, "joining")
        await insist(self.run, self.handle, f"groups/{self.group}/join", {}, settled=(302,))
        self.run.journal.counts["memberships ended and begun"] += 1


async def rename_by_page(run: "Run") -> None:
    """A room whose new names the servers announce."""
    number = 0
    while not run.ending.is_set():
        await run.wait(RENAME_SECONDS)
        number += 1
        room = run.community.rooms[people.RENAMED_BY_PAGE]
        form = {"name": f"{people.RENAMED_BY_PAGE} {number}", "about": ""}
        run.journal.doubtful_turns[people.RENAMED_BY_PAGE] += 1
        if await insist(run, people.STEWARD, f"rooms/{room}/change", form, settled=(302,)) is not None:
            run.journal.doubtful_turns[people.RENAMED_BY_PAGE] -= 1
            run.journal.turns[people.RENAMED_BY_PAGE] += 1


async def insist(run: "Run", handle: str, path: str, form: dict[str, str], *, settled: tuple[int, ...]) -> str | None:
    """Post a form until a server answers with one of these.

    Returns the server that did it, empty where that may have been another one, or None when the run gave up.
    """
    tries = 0
    chance = random.Random(f"{run.plan.seed} {path} {time.monotonic()}")
    while not run.giving_up.is_set():
        server = run.any_server(chance)
        try:
            answer = await run.http.post(
                f"{server}/{path}",
                data={**form, "csrfmiddlewaretoken": CSRF},
                headers=signed_in(run.community.people[handle].session),
            )
            if answer.status_code in settled:
                return "" if tries else server
            if answer.status_code < 500:
                run.journal.oddities.append(f"{handle}: {path} was answered with {answer.status_code}")
        except httpx.HTTPError:
            pass
        tries += 1
        await asyncio.sleep(0.2)
    return None


class OutsideMover:
    """The process `tests.faults.community move`, and what it says."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.leaving: dict[str, float] = {}

    async def live(self) -> None:
        server = self.run.rig.servers[0]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.community", "move",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, **server.popen_options(),
        )  # fmt: skip
        try:
            listening = asyncio.create_task(self.listen(process))
            await self.run.ending.wait()
            assert process.stdin
            process.stdin.write(b"end\n")
            await process.stdin.drain()
            await listening
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            said = json.loads(line)
            if said["what"] == "settled":
                return
            self.take(said)

    def take(self, said: dict[str, Any]) -> None:
        journal = self.run.journal
        match said["what"]:
            case "versions":
                versions = {self.run.community.room_key(int(pk)): version for pk, version in said["versions"].items()}
                journal.samples.append((said["at"], versions))
            case "leaving":
                self.leaving[said["who"]] = said["at"]
            case "left":
                journal.left(said["who"], self.leaving[said["who"]], said["at"], by="")
            case "joining":
                journal.joining(said["who"], said["at"])
            case "joined":
                journal.counts["memberships ended and begun"] += 1
            case "renaming":
                journal.doubtful_turns[people.RENAMED_OUTSIDE] += 1
            case "renamed":
                journal.doubtful_turns[people.RENAMED_OUTSIDE] -= 1
                journal.turns[people.RENAMED_OUTSIDE] += 1
        if said["what"] != "versions":
            journal.note(said.get("who", "outside"), said["what"])
