"""A restart under 5,000 open tabs, which come back by the rules of docs/protocol.md while posting goes on."""

import asyncio
import contextlib
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any

from scripts.bench.client import Place, Tab, WasRefused, open_tab
from scripts.bench.rows import Pace, Row
from scripts.bench.stage import stage

GOING_AWAY, RESTART = 1001, 1012
POSTERS = 5
SECONDS_BETWEEN_POSTS = 2.5
PATIENCE = 60


class Browser:
    """A tab that comes back, as frontend/static/js/socket.js does. Its counts go on over all its sockets."""

    def __init__(self, place: Place, session: str, room: int) -> None:
        self.place, self.session, self.room = place, session, room
        self.tab: Tab | None = None
        self.back = (1.5, 5.0)
        self.held = self.had = self.breaks = self.tries = 0

    @property
    def is_up(self) -> bool:
        return self.tab is not None and self.tab.welcomed.done() and not self.tab.closed.done()

    @property
    def level(self) -> int:
        return self.tab.held if self.tab else self.held

    @property
    def received(self) -> int:
        """Different messages, each counted once, whichever way it came."""
        return self.had + (self.tab.delivered + self.tab.caught_up if self.tab else 0)

    async def live(self) -> None:
        while True:  # noqa: ASYNC110 - it waits its turn, not for something
            await asyncio.sleep(await self.be_connected())

    async def be_connected(self) -> float:
        """One socket, from its opening to its end. Returns the seconds to wait before the next."""
        self.tries += 1
        self.tab = Tab(self.place, self.session, self.room, self.held)
        was_up = False
        try:
            await open_tab(self.tab)
            was_up = True
            await self.tab.closed
        except OSError:
            pass
        if self.tab.asked_away.done():
            self.back = self.tab.asked_away.result()
        self.held, self.had = self.level, self.received
        code = self.tab.closed.result() if self.tab.closed.done() else 1006
        self.tab = None
        self.breaks += 1
        if was_up and code in (RESTART, GOING_AWAY):
            after, within = self.back
            return after + random.uniform(0, within)
        return random.uniform(0, min(30, 0.5 * 2 ** (self.breaks - 1)))


class Outbox:
    """A member who goes on writing: what is not acknowledged is sent again under the same client id."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.written = 0
        self.versions: list[int] = []

    async def write_until(self, enough: asyncio.Event) -> None:
        while not enough.is_set():
            self.written += 1
            self.versions.append(await self.send(str(uuid.uuid4())))
            await asyncio.sleep(SECONDS_BETWEEN_POSTS * random.uniform(0.5, 1.5))

    async def send(self, client_id: str) -> int:
        """The version it got, once it is acknowledged."""
        while True:
            tab = self.browser.tab
            if tab is None or not self.browser.is_up:
                await asyncio.sleep(0.05)
                continue
            with contextlib.suppress(ConnectionResetError, WasRefused, TimeoutError):
                answer: dict[str, Any] = await asyncio.wait_for(tab.post(client_id=client_id), 20)
                return int(answer["version"])


async def restart(pace: Pace) -> list[Row]:
    """SIGTERM, and a new start as soon as the process has ended. The clock runs from the signal."""
    count = pace.many(5_000)
    with stage(count) as here:
        here.server.patience = PATIENCE
        browsers = [Browser(here.place, session, here.room) for session in here.sessions]
        async with asyncio.TaskGroup() as tasks:
            lives = [tasks.create_task(come_in(browser, place / 400)) for place, browser in enumerate(browsers)]
            await until(lambda: all(browser.is_up for browser in browsers))
            enough = asyncio.Event()
            outboxes = [Outbox(browser) for browser in browsers[:POSTERS]]
            writing = [tasks.create_task(outbox.write_until(enough)) for outbox in outboxes]
            await asyncio.sleep(3)
            began = time.perf_counter()
            await asyncio.to_thread(here.server.restart)
            up_after = time.perf_counter() - began
            await until(lambda: all_level(browsers, outboxes))
            back_after = time.perf_counter() - began
            enough.set()
            await asyncio.gather(*writing)
            last = sum(outbox.written for outbox in outboxes)
            await until(lambda: all(browser.level >= last for browser in browsers))
            lost = sum(max(0, last - browser.received) for browser in browsers)
            twice = sum(max(0, browser.received - last) for browser in browsers)
            stored_once = sorted(version for outbox in outboxes for version in outbox.versions) == list(
                range(1, last + 1)
            )
            for life in lives:
                life.cancel()
    tries = sum(browser.tries for browser in browsers) / count - 1
    return [
        Row(
            f"Restart with {count:,} sockets, posts going on",
            f"all back and level after {back_after:.1f} s, {lost} lost, {twice} twice",
            "15 s, nothing lost, nothing twice",
            back_after <= 15 and not lost and not twice and stored_once,
            remark=f"{last} posts; it answered /readyz after {up_after:.1f} s; {tries:.1f} tries a tab",
        )
    ]


async def come_in(browser: Browser, after: float) -> None:
    await asyncio.sleep(after)
    await browser.live()


def all_level(browsers: Sequence[Browser], outboxes: Sequence[Outbox]) -> bool:
    newest = max((version for outbox in outboxes for version in outbox.versions[-1:]), default=0)
    return all(browser.is_up and browser.level >= newest for browser in browsers)


async def until(happened: Any) -> None:
    """Raises TimeoutError when it does not happen."""
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
