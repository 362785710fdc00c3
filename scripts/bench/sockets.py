"""What one more socket costs: to connect, to keep, and ten thousand of them."""

import asyncio
import statistics

from scripts.bench.client import Tab, leave_all, level, open_tabs
from scripts.bench.delivery import SETTLING_SECONDS, crowd
from scripts.bench.rows import Pace, Row
from scripts.bench.stage import BareLoop, PinnedPostgreSQL, PinnedRedis, Server, SpreadServer, Stage, stage


async def connecting(pace: Pace) -> list[Row]:
    """Handshake, session, hello, the room opened: into a room of few, then into one of many."""
    newcomers, many = pace.many(400), pace.many(1_000)
    with stage(many + newcomers) as here, BareLoop(700) as bare:
        strangers = here.sessions[many:]
        floor = await cost_of_connecting(bare, Stage(bare, 1, here.sessions), strangers)
        few = await crowd(here, 10)
        await cost_of_connecting(here.server, here, strangers[:40])  # warms up
        into_few = await cost_of_connecting(here.server, here, strangers)
        rest = await open_tabs(here.place, here.sessions[10:many], here.room)
        await asyncio.sleep(SETTLING_SECONDS)
        into_many = await cost_of_connecting(here.server, here, strangers)
        leave_all([*few, *rest])
    return [
        Row(
            f"Connecting one socket: with 10, and with {many:,} in the room",
            f"{into_few:.2f} ms, {into_many:.2f} ms of CPU",
            "at most 2 ms of CPU",
            max(into_few, into_many) <= 2,
            f"{floor:.2f} ms",
            "a bare loop answers the handshake and the hello, and knows nobody",
        )
    ]


async def cost_of_connecting(server: Server, here: Stage, sessions: list[str]) -> float:
    """Milliseconds of CPU a socket, a few at a time. They leave again."""
    before = server.cpu_seconds()
    tabs = await open_tabs(here.place, sessions, here.room, at_once=4)
    spent = server.cpu_seconds() - before
    leave_all(tabs)
    await asyncio.sleep(SETTLING_SECONDS)
    return spent * 1e3 / len(sessions)


async def memory(pace: Pace) -> list[Row]:
    """What 2,000 tabs that only listen weigh, each in one room."""
    count = pace.many(2_000)
    with stage(count + 100) as here, BareLoop(700) as bare:
        first = await crowd(here, 100)
        await asyncio.gather(*(tab.post() for tab in first))
        before = here.server.rss_bytes()
        idle = await open_tabs(here.place, here.sessions[100:], here.room, held=first[0].held)
        await asyncio.sleep(SETTLING_SECONDS)
        weight = (here.server.rss_bytes() - before) / count / 1024
        leave_all([*first, *idle])
        before = bare.rss_bytes()
        idle = await open_tabs(bare.place, here.sessions[100:], 1)
        floor = (bare.rss_bytes() - before) / count / 1024
        leave_all(idle)
    return [
        Row(
            "Memory an idle socket",
            f"{weight:.1f} KB",
            "at most 30 KB",
            weight <= 30,
            f"{floor:.1f} KB",
            f"of {count:,}",
        )
    ]


async def ten_thousand(pace: Pace) -> list[Row]:
    """As many sockets as a small machine should hold, on two processes, all in one room, all reached by each message."""
    count, posts = pace.many(10_000), 5
    with (
        PinnedPostgreSQL() as postgresql,
        PinnedRedis() as redis,
        stage(count, database_url=postgresql.url, redis_url=redis.url, kind=SpreadServer, PROCESSES="2") as here,
    ):
        began = asyncio.get_running_loop().time()
        tabs = await open_tabs(here.place, here.sessions, here.room, at_once=100)
        connecting = asyncio.get_running_loop().time() - began
        await asyncio.sleep(SETTLING_SECONDS)
        took = [await post_and_wait(tabs, number) for number in range(posts)]
        open_still = sum(not tab.closed.done() for tab in tabs)
        arrived = sum(tab.delivered for tab in tabs)
        leave_all(tabs)
    return [
        Row(
            f"{count:,} open sockets, two processes, PostgreSQL and Redis",
            f"{open_still:,} open; {arrived:,} of {count * posts:,} frames",
            "none dropped, all receiving",
            open_still == count and arrived == count * posts,
            remark=f"all connected in {connecting:.0f} s; a message is on all screens after {statistics.median(took):.1f} s",
        )
    ]


async def post_and_wait(tabs: list[Tab], number: int) -> float:
    """Seconds until everybody has the message."""
    began = asyncio.get_running_loop().time()
    await tabs[number].post()
    await level(tabs, tabs[number].held)
    return asyncio.get_running_loop().time() - began
