"""How long the letters of one morning take to write, for a community forty times as large as the first."""

import json

from scripts.bench.rows import Pace, Row
from scripts.bench.stage import Server


async def digests(pace: Pace) -> list[Row]:
    members = pace.many(10_000)
    found = json.loads(on_an_empty_site("-m", "scripts.bench.letters", str(members)))
    seconds = found["seconds"] * 10_000 / members
    return [
        Row(
            "Digests composed for 10,000 members",
            f"{seconds:.0f} s, {found['queries']:.0f} queries for each batch",
            "at most 90 s",
            seconds <= 90,
            remark=(
                f"{found['letters']:,.0f} letters with 30 rooms to tell of, {found['batch']} gathered together, "
                f"{found['kilobytes']:.0f} KB each"
            ),
        )
    ]


def on_an_empty_site(*command: str) -> str:
    """What a command prints, on the servers' core; no server runs beside it, which would send the letters."""
    server = Server(port=None)
    try:
        server.prepare()
        return server.run(*command)
    finally:
        server.discard()
