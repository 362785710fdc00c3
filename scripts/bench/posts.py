"""How many messages a second one process makes durable, on each database."""

import statistics

from scripts.bench.client import leave_all, post_without_pause
from scripts.bench.delivery import POSTERS, crowd
from scripts.bench.rows import Pace, Row
from scripts.bench.stage import PinnedPostgreSQL, Server, SpreadPostgreSQL, stage

ROUNDS = 3


async def posts(pace: Pace) -> list[Row]:
    rows = [await on("SQLite", "", pace, must_reach=300)]
    with PinnedPostgreSQL(durable=True) as postgresql:
        rows.append(await on("PostgreSQL on the same core", postgresql.url, pace, must_reach=250))
    with SpreadPostgreSQL(durable=True) as postgresql:
        rows.append(await on("PostgreSQL on any core", postgresql.url, pace, must_reach=250))
    return rows


async def on(database: str, url: str, pace: Pace, *, must_reach: int) -> Row:
    """Ten members of one room, each with one message under way: the room's lock lets one through at a time."""
    with stage(POSTERS, database_url=url) as here:
        tabs = await crowd(here, POSTERS)
        await post_without_pause(tabs, 1)
        speeds, floors = [], []
        for _ in range(1 if pace.quick else ROUNDS):
            speeds.append(await post_without_pause(tabs, pace.seconds(4)) / pace.seconds(4))
            floors.append(inserts_a_second(here.server, pace.seconds(2)))
        leave_all(tabs)
    speed = statistics.median(speeds)
    return Row(
        f"Durable posts a second, one process, {database}",
        f"{speed:.0f}",
        f"at least {must_reach}",
        speed >= must_reach,
        f"{statistics.median(floors):,.0f}",
        "the floor is INSERT and COMMIT alone, one after the other",
    )


def inserts_a_second(server: Server, seconds: float) -> float:
    return float(server.run("-m", "scripts.bench.floor", "insert", server.settings["DATABASE_URL"], str(seconds)))
