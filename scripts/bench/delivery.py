"""What it costs to put one message on many screens, how long it takes, and whether all of it comes."""

import asyncio
import statistics
from collections.abc import Sequence

from scripts.bench.client import Arrivals, Tab, leave_all, level, open_tabs, post_steadily, post_without_pause
from scripts.bench.rows import Pace, Row, microseconds, milliseconds, percentile
from scripts.bench.stage import BareLoop, Cost, Meter, Server, Stage, stage

POSTERS = 10
SETTLING_SECONDS = 3.0
"""After many have come: until everybody has been told who is there."""
ROUNDS = 5


async def full_speed(pace: Pace) -> list[Row]:
    """200 tabs, ten messages under way, taking turns with the bare loop so that both meet the same moods of the machine."""
    with stage(200) as here:
        tabs = await crowd(here, 200)
        with BareLoop(await bytes_of_a_frame(here.server, tabs)) as bare:
            bare_tabs = await open_tabs(bare.place, here.sessions, 1)
            pairs = []
            for _ in range(2 if pace.quick else ROUNDS):
                floor = await cost_at_full_speed(bare, bare_tabs, pace.seconds(2))
                pairs.append((await cost_at_full_speed(here.server, tabs, pace.seconds(4)), floor))
            leave_all(bare_tabs)
        leave_all(tabs)
    ratio = statistics.median(cost.microseconds_a_frame / floor.microseconds_a_frame for cost, floor in pairs)
    spent = statistics.median(cost.microseconds_a_frame for cost, _ in pairs)
    least = statistics.median(floor.microseconds_a_frame for _, floor in pairs)
    posts = statistics.median(cost.frames / 200 / cost.seconds for cost, _ in pairs)
    return [
        Row(
            "CPU a delivered frame, history kept, 200 sockets, ten messages under way",
            f"{microseconds(spent)}, {ratio:.1f} times the bare loop",
            "at most 5 times the bare loop",
            ratio <= 5,
            microseconds(least),
            f"{posts:.0f} posts a second, {pairs[0][0].bytes_a_frame} bytes a frame",
        )
    ]


async def crowd(here: Stage, count: int, arrivals: Arrivals | None = None) -> list[Tab]:
    """So many tabs in the room, when it has become quiet again."""
    tabs = await open_tabs(here.place, here.sessions[:count], here.room, arrivals=arrivals)
    await asyncio.sleep(SETTLING_SECONDS)
    return tabs


async def bytes_of_a_frame(server: Server, tabs: Sequence[Tab]) -> int:
    """As large as the server's own; the first posts also warm it up."""
    async with Meter(server, tabs) as meter:
        await post_without_pause(tabs[:POSTERS], 0.5)
    return meter.cost.bytes_a_frame


async def cost_at_full_speed(server: Server, tabs: Sequence[Tab], seconds: float) -> Cost:
    async with Meter(server, tabs) as meter:
        await post_without_pause(tabs[:POSTERS], seconds)
    return meter.cost


async def steady(pace: Pace) -> list[Row]:
    """The pace of real rooms, where each message wakes the server anew: CPU, and from post to everyone's screen."""
    return [
        *await at_a_rate(pace, tabs=200, rate=5, must_cost=45, must_take=15),
        *await at_a_rate(pace, tabs=200, rate=20, must_take=40),
        *await at_a_rate(pace, tabs=1_000, rate=10, must_cost=35),
    ]


async def at_a_rate(
    pace: Pace, *, tabs: int, rate: int, must_cost: float | None = None, must_take: float | None = None
) -> list[Row]:
    """Rows for so many tabs and messages a second: what a frame costs, how long a post takes to every screen."""
    arrivals, seconds = Arrivals(), pace.seconds(12)
    with stage(tabs) as here, BareLoop(700) as bare:
        crowd_here = await crowd(here, tabs, arrivals)
        bare_crowd = await open_tabs(bare.place, here.sessions[:tabs], 1)
        await post_steadily(crowd_here[:POSTERS], 20, 1)
        async with Meter(bare, bare_crowd) as floor:
            await post_steadily(bare_crowd[:POSTERS], rate, seconds / 2)
        async with Meter(here.server, crowd_here) as meter:
            sent = await post_steadily(crowd_here[:POSTERS], rate, seconds)
        leave_all([*crowd_here, *bare_crowd])
    took = [
        (time - sent[version]) * 1e3
        for version, time in zip(arrivals.versions, arrivals.times, strict=True)
        if version in sent
    ]
    cost, least = meter.cost.microseconds_a_frame, microseconds(floor.cost.microseconds_a_frame)
    name = f"{tabs:,} sockets, {rate} messages a second"
    rows = []
    if must_cost is not None:
        rows.append(
            Row(f"CPU a frame: {name}", microseconds(cost), f"at most {must_cost} µs", cost <= must_cost, least)
        )
    if must_take is not None:
        half, nearly_all = percentile(took, 50), percentile(took, 99)
        rows.append(
            Row(
                f"Post to everyone's screen: {name}",
                f"p50 {milliseconds(half)}, p99 {milliseconds(nearly_all)}",
                f"p99 at most {must_take} ms",
                nearly_all <= must_take and len(took) == len(sent) * tabs,
                remark=f"{len(took):,} of {len(sent) * tabs:,} arrived",
            )
        )
    return rows


async def burst(pace: Pace) -> list[Row]:
    """150 members post in the same moment into a room of 1,000."""
    posts, count = 150, pace.many(1_000)
    with stage(max(count, posts)) as here:
        tabs = await crowd(here, count)
        before = tabs[0].held
        async with Meter(here.server, tabs) as meter:
            await asyncio.gather(*(tab.post() for tab in tabs[:posts]))
            await level(tabs, before + posts)
        arrived = sum(tab.delivered for tab in tabs)
        disorder = sum(tab.gaps + tab.repeated for tab in tabs)
        leave_all(tabs)
    wanted = posts * count
    return [
        Row(
            f"{posts} messages at once into a room of {count:,} sockets",
            f"{arrived:,} of {wanted:,}, {'in order' if not disorder else f'{disorder:,} out of order'}",
            "all, in order",
            arrived == wanted and not disorder,
            remark=f"all there after {meter.cost.seconds:.1f} s, {microseconds(meter.cost.microseconds_a_frame)} a frame",
        )
    ]
