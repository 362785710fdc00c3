"""Readers: tabs that come and go, hold versions, and catch up. Most by websocket, some by long poll."""

import asyncio
import contextlib
import json
import random
import time
from typing import TYPE_CHECKING

import httpx

from tests.faults import people
from tests.faults.journal import Heard, Opened
from tests.faults.line import PATIENCE, Denied, Frame, Line, Lost
from tests.faults.view import View

if TYPE_CHECKING:
    from tests.faults.run import Run

SILENCE = 6.0
"""Seconds without a heartbeat after which a tab takes its socket for dead: three beats."""
TRY_DOORS = 0.7
TRY_FOREIGN = 0.2
FRESH = 0.1
"""How often a forgetful tab that comes back is a new one, which remembers nothing."""
AS_A_NEW_PAGE = 2**53
"""A version that no room has: the answer says which one it has."""
EVER_OUTSIDE = {*people.LEAVE_BY_PAGE, *people.LEAVE_OUTSIDE} | {
    handle for handle in people.READERS if not people.belongs(handle, "revolving")
}
ROOMS_WATCHED = {key: key == "revolving" or key in people.PRIVATE for key in people.ROOMS}


class Reader:
    def __init__(self, run: "Run", handle: str, rooms: tuple[str, ...], *, looks_back: int = 40) -> None:
        self.run = run
        self.handle = handle
        self.person = run.community.people[handle]
        self.rooms = {run.community.rooms[key]: key for key in rooms}
        """Rooms whose doors it tries; not all of them open."""
        self.looks_back = looks_back
        """Versions that loading a room anew looks back."""
        self.foreign = [people.secret(key) for key in people.PRIVATE if not people.belongs(handle, key)]
        self.random = random.Random(f"{run.plan.seed} {handle}")
        self.views: dict[int, View] = {}
        self.revolving = run.community.rooms["revolving"]
        self.catching_up: dict[int, asyncio.Task[None]] = {}
        self.server = ""
        self.line: Line | None = None

    def held(self) -> dict[int, int]:
        return {room: view.held for room, view in self.views.items()}

    @property
    def must_read(self) -> list[int]:
        """The rooms that it has to have on its screen in the end."""
        return [room for room, key in self.rooms.items() if people.belongs(self.handle, key)]

    def behind(self, versions: dict[int, int]) -> list[str]:
        """The rooms where it is not level with these versions."""
        views = {room: self.views.get(room) for room in self.must_read}
        return [self.rooms[room] for room, view in views.items() if view is None or view.held < versions[room]]

    async def live(self) -> None:
        """Come, read, go, come back: until the run is over."""
        while not self.run.over.is_set():
            with contextlib.suppress(Lost):
                await self.sit_down()
            self.stop_catching_up()
            self.run.journal.counts["comings and goings"] += 1
            if self.handle in people.FORGETFUL and self.random.random() < FRESH and not self.run.ending.is_set():
                self.views.clear()
            await asyncio.sleep(self.random.uniform(0.05, 1))
        self.stop_catching_up()

    async def sit_down(self) -> None:
        """One socket from its handshake to its end. Raises Lost."""
        self.server = self.run.any_server(self.random)
        line = self.line = await Line.open(self.server, self.person.session, self.hear_raw, self.held)
        try:
            asked, asked_at = self.held(), time.monotonic()
            welcome = await self.say_hello(line, asked)
            for room, after in asked.items():
                changes = welcome["rooms"].get(str(room))
                if changes is None:
                    self.shut(room)
                elif self.took(room, changes, after, asked_at):
                    self.catch_up_soon(line, room, at_once=True)
            await self.read(line)
        finally:
            self.line = None
            if self.random.random() < 0.5:
                line.cut()
            await line.close()

    async def say_hello(self, line: Line, asked: dict[int, int]) -> Frame:
        try:
            return await line.ask("hello", protocol=1, rooms=asked)
        except Denied as denied:
            if denied.code not in ("try_again", "too_fast"):
                self.run.journal.oddities.append(f"{self.handle}: hello was refused with {denied.code}")
            raise Lost from denied

    async def read(self, line: Line) -> None:
        """Until the tab is closed, its network breaks, or nothing more comes."""
        leaving_at = time.monotonic() + self.random.expovariate(1 / self.run.plan.stay)
        stalling_at = time.monotonic() + self.random.uniform(2, 6)
        while line.is_open and not self.run.over.is_set():
            now = time.monotonic()
            if now - line.heard_at > SILENCE and line.reading.is_set():
                self.run.journal.note(self.handle, "silence")
                return
            if self.run.ending.is_set():
                leaving_at = stalling_at = float("inf")
            if now > leaving_at:
                return
            if now > stalling_at and self.handle in people.STALLERS:
                stalling_at = now + self.random.uniform(4, 8)
                await self.stall(line)
            await self.try_doors(line)
            await asyncio.sleep(TRY_DOORS * self.random.uniform(0.5, 1))

    async def stall(self, line: Line) -> None:
        line.reading.clear()
        self.run.journal.counts["stalls"] += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.random.uniform(2, 7)):
                await self.run.ending.wait()
        line.heard_at = time.monotonic()
        line.reading.set()

    async def try_doors(self, line: Line) -> None:
        """Rooms that are not on the screen: those one lately belongs to, those one was put out of, and others' rooms."""
        for room, key in self.rooms.items():
            if room in self.views or not line.is_open:
                continue
            if not people.belongs(self.handle, key) and self.random.random() > TRY_FOREIGN:
                continue
            asked_at = time.monotonic()
            try:
                answer = await line.ask("room.open", room=room, after=AS_A_NEW_PAGE)
            except Denied as denied:
                self.expect_denied(key, denied)
                continue
            self.views[room] = View(room, self.looks_back)
            if self.took(room, answer["changes"], AS_A_NEW_PAGE, asked_at):
                self.catch_up_soon(line, room, at_once=True)

    def expect_denied(self, key: str, denied: Denied) -> None:
        if denied.code == "not_here":
            self.run.journal.counts["doors that stayed shut"] += 1
        elif denied.code != "try_again":
            self.run.journal.oddities.append(f"{self.handle}: room.open of {key} was refused with {denied.code}")

    def took(self, room: int, changes: Frame, after: int, asked_at: float) -> bool:
        """Take what a question about a room brought. Returns whether to ask again."""
        key = self.rooms[room]
        if ROOMS_WATCHED[key]:
            self.run.journal.opened.append(Opened(asked_at, time.monotonic(), self.handle, key))
        self.run.journal.counts["answers to a catch-up"] += 1
        if changes.get("refetch"):
            self.run.journal.counts["loaded anew"] += 1
        view = self.views.get(room)
        return view is not None and view.take(changes, after)

    def shut(self, room: int) -> None:
        """What others wrote there goes from the screen at once."""
        self.views.pop(room, None)

    # What comes by itself ---------------------------------------------------------------------------------------

    def hear_raw(self, frame: Frame, raw: str) -> None:
        journal = self.run.journal
        for word in self.foreign:
            if word in raw:
                journal.leaks.append(f"{self.handle} was sent a {frame['kind']} with “{word}” in it")
        if frame["kind"] in ("done", "welcome", "refused"):
            return
        self.watch_revolving(frame)
        journal.counts["frames heard"] += 1
        self.hear(frame)

    def watch_revolving(self, frame: Frame) -> None:
        """Note what this tab hears of the room that its member may have been put out of."""
        version = None
        if frame["kind"] == "heartbeat":
            version = frame["rooms"].get(str(self.revolving))
            if version is None:
                return
        elif frame.get("room") == self.revolving:
            version = frame.get("version")
        else:
            return
        if self.handle in EVER_OUTSIDE:
            self.run.journal.heard.append(Heard(time.monotonic(), self.handle, self.server, frame["kind"], version))

    def hear(self, frame: Frame) -> None:
        match frame["kind"]:
            case "message.posted" | "message.changed" | "room.changed":
                if view := self.views.get(frame["room"]):
                    view.hear(frame)
                if frame["kind"] == "message.posted" and self.handle not in people.STALLERS:
                    self.run.journal.shown(frame["client_id"])
            case "room.changes":
                self.found(frame)
            case "heartbeat":
                for room, version in frame["rooms"].items():
                    if view := self.views.get(int(room)):
                        view.level(version)
            case "access.ended":
                self.end(frame["group"])
        self.ask_about_gaps()

    def found(self, frame: Frame) -> None:
        """What the server found that it had not announced: the answer to what is above `after`."""
        view = self.views.get(frame["room"])
        if view is None:
            return
        self.run.journal.counts["found by a sweep"] += 1
        if view.held >= frame["after"]:
            view.take(frame, frame["after"])
        else:
            view.level(frame["version"])

    def end(self, group: int) -> None:
        for room in list(self.views):
            if self.run.community.groups[people.ROOMS[self.rooms[room]]] == group:
                self.shut(room)
        if group == self.run.community.groups["revolving"]:
            self.run.journal.exiles.append((time.monotonic(), self.handle))

    # Catching up ------------------------------------------------------------------------------------------------

    def ask_about_gaps(self) -> None:
        for room, view in self.views.items():
            if view.is_behind and self.line is not None:
                self.catch_up_soon(self.line, room)

    def catch_up_soon(self, line: Line, room: int, *, at_once: bool = False) -> None:
        """A short random wait first: frames that merely overtook each other arrive in it."""
        task = self.catching_up.get(room)
        if task is None or task.done():
            wait = 0.0 if at_once else 0.2 + 0.8 * self.random.random()
            self.catching_up[room] = asyncio.create_task(self.catch_up(line, room, wait, asking=at_once))

    async def catch_up(self, line: Line, room: int, wait: float, *, asking: bool) -> None:
        """Ask, page after page, until level."""
        await asyncio.sleep(wait)
        view = self.views.get(room)
        more = asking
        while view is not None and (more or view.is_behind) and line.is_open:
            after, asked_at = view.held, time.monotonic()
            try:
                answer = await line.ask("room.open", room=room, after=after)
            except Lost:
                return
            except Denied as denied:
                if denied.code == "not_here":
                    self.shut(room)
                return
            if self.views.get(room) is not view:
                return
            more = self.took(room, answer["changes"], after, asked_at)

    def stop_catching_up(self) -> None:
        for task in self.catching_up.values():
            task.cancel()
        self.catching_up.clear()


class Poller(Reader):
    """A tab behind a network that blocks websockets: one room, by long poll."""

    async def sit_down(self) -> None:
        self.server = self.run.any_server(self.random)
        room = next(iter(self.rooms))
        view = self.views.setdefault(room, View(room, self.looks_back))
        leaving_at = time.monotonic() + self.random.expovariate(1 / self.run.plan.stay)
        seconds = 0
        while not self.run.over.is_set() and (time.monotonic() < leaving_at or self.run.ending.is_set()):
            after, asked_at = view.held, time.monotonic()
            found = await self.poll(room, after, seconds)
            self.run.journal.counts["long polls"] += 1
            more = self.took(room, found["changes"], after, asked_at)
            for frame in found["frames"]:
                self.hear_raw(frame, json.dumps(frame, ensure_ascii=False))
            seconds = 0 if more or view.is_behind else 2

    async def poll(self, room: int, after: int, seconds: int) -> Frame:
        """Raises Lost."""
        try:
            answer = await self.run.http.get(
                f"{self.server}/live/changes",
                params={"room": room, "after": after, "wait": seconds},
                headers={"Cookie": f"session={self.person.session}"},
                timeout=PATIENCE,
            )
        except httpx.HTTPError as error:
            raise Lost from error
        if answer.status_code == 500:
            self.run.journal.oddities.append(f"{self.handle}: a long poll was answered with 500")
        if answer.status_code != 200:
            raise Lost
        found: Frame = answer.json()
        return found
