"""A raid: fifty accounts post twenty times each within a minute, while everything waits for a look; one act clears it."""

import asyncio
import json
import random
import time
import uuid

from scripts.bench.client import WORDS, Tab, WasRefused, leave_all
from scripts.bench.delivery import crowd
from scripts.bench.rows import Pace, Row, milliseconds, percentile
from scripts.bench.stage import stage

RAIDERS, POSTS = 50, 20
OTHERS = 10
SWITCH_SECONDS = 6.0
"""Until every process knows that the community's posts wait."""


async def raid(pace: Pace) -> list[Row]:
    seconds, took = pace.seconds(45), list[float]()
    with stage(RAIDERS + OTHERS) as here:
        here.server.run("-m", "scripts.bench.raiders", "hold", str(OTHERS))
        await asyncio.sleep(SWITCH_SECONDS)
        tabs = await crowd(here, RAIDERS + OTHERS)
        raiding = [asyncio.create_task(flood(tab, seconds)) for tab in tabs[:RAIDERS]]
        writing = [asyncio.create_task(write(tab, seconds, took)) for tab in tabs[RAIDERS:]]
        await asyncio.gather(*raiding, *writing)
        cleared = json.loads(here.server.run("-m", "scripts.bench.raiders", "clear"))
        leave_all(tabs)
    p95 = percentile(took, 95) * 1e3
    return [
        Row(
            f"Declining a raid of {cleared['declined']:,.0f} posts by {RAIDERS} accounts in one act",
            f"{cleared['seconds']:.2f} s, {cleared['queries']:.0f} queries",
            "at most 2 s, nothing of it seen",
            cleared["seconds"] <= 2 and not cleared["shown"],
        ),
        Row(
            "Posting during it, for the other members, to the acknowledgement",
            f"p50 {milliseconds(percentile(took, 50) * 1e3)}, p95 {milliseconds(p95)}",
            "p95 at most 500 ms",
            p95 <= 500,
            remark=f"{OTHERS} members, one message a second each",
        ),
    ]


async def flood(tab: Tab, seconds: float) -> None:
    for number in range(POSTS):
        await post(tab, f"Buy soup number {number} now")
        await asyncio.sleep(2 * random.random() * seconds / POSTS)


async def write(tab: Tab, seconds: float, took: list[float]) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        await post(tab, WORDS)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(1)


async def post(tab: Tab, text: str) -> None:
    """As a browser does: the same again, until it is acknowledged."""
    client_id = str(uuid.uuid4())
    while True:
        try:
            await tab.post(text, client_id)
            return
        except WasRefused:
            await asyncio.sleep(0.05)
