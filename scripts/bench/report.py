"""The table on the screen, and docs/performance.md."""

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scripts.bench.rows import Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def show(row: Row) -> None:
    """One line as soon as it is known."""
    floor = f"  (floor {row.floor})" if row.floor else ""
    print(
        f"{'✓' if row.reached else '✗'} {row.what}: {row.measured}{floor}. Must reach: {row.must_reach}. {row.remark}",
        flush=True,
    )


def write(rows: Sequence[Row], failed: Sequence[str], seconds: float, others: float | None) -> None:
    PAGE.write_text(page(rows, failed, seconds, others), encoding="utf-8")


def page(rows: Sequence[Row], failed: Sequence[str], seconds: float, others: float | None) -> str:
    lines = [
        "# What it costs",
        "",
        "Written by `make bench`; do not edit it by hand. What each line means stands below the table.",
        "",
        f"Measured on {datetime.now(tz=UTC):%-d %B %Y} in {seconds / 60:.0f} minutes on {machine()};",
        f"{company(others)}.",
        "",
        "| what | measured | floor in the same run | must reach | reached |",
        "|---|---|---|---|---|",
        *(
            f"| {row.what} | {row.measured} | {row.floor or '-'} | {row.must_reach} | {'yes' if row.reached else '**no**'} |"
            for row in rows
        ),
        "",
        *remarks(rows, failed),
        EXPLANATION,
    ]
    return "\n".join(lines)


def company(others: float | None) -> str:
    """How much else the machine had to do meanwhile."""
    return (
        "what else ran is not known" if others is None else f"other programs took {others:.0%} of the machine meanwhile"
    )


def machine() -> str:
    implementation = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores ({platform.machine()}, {sys.platform}) with {implementation}"


def remarks(rows: Sequence[Row], failed: Sequence[str]) -> list[str]:
    found = [f"- {row.what}: {row.remark}." for row in rows if row.remark]
    short = [f"- **Short of its mark**: {row.what}." for row in rows if not row.reached]
    missing = [f"- **Not measured**: {what}." for what in failed]
    return [*short, *missing, *found, ""]


EXPLANATION = """\
## How it is measured

    make bench                                      everything, under ten minutes; writes this page
    .venv/bin/python scripts/bench.py --quick       whether everything works, with rough figures
    .venv/bin/python scripts/bench.py --only posts  one measurement; --help names them

One process starts real servers (`python -m chatserver.serve`, on daphne, and SQLite unless the line says otherwise) and drives
them over loopback. The servers, their PostgreSQL and their Redis share one core, the load client has the other; only the line
with two processes lets them have both. The limits on how fast one member may post are lifted, since a few posters stand for a
crowd. CPU is what the kernel charged the server's processes, in and out of the kernel. Two cores that belong to the same physical
one slow each other down, and so does whatever else runs: a ratio to a floor measured in the same run says more than a number of
microseconds.

**CPU a delivered frame, ten messages under way.** Ten members post as fast as they are answered into a room with 200 tabs.
What the server used, divided by the messages that reached a tab: so the transaction, its commit to disk, Markdown and the drawing
of the message are in it. The floor is a bare loop in Python on uvloop, C where it counts: it gives each post a number and writes
one ready frame of the same size to every socket; it keeps nothing and knows nobody. The two take turns.

**CPU a frame, steady; post to everyone's screen.** Members post at a fixed pace, a little irregular. Each message finds an idle
server, so waking up is paid for in full. The time runs from handing the post to the kernel to the message being read
by each of the tabs; all tabs share one client, so the last of 200 waits for 199 others to be read.

**150 messages at once.** 150 members post in the same moment. Each tab checks that each version follows the one before.

**Connecting one socket.** Handshake, session, hello, the room opened, and the news of it to those who are there.

**Durable posts a second.** Ten members, one room, each waiting for its acknowledgement, which comes after the commit. SQLite
with `synchronous=FULL`; PostgreSQL with `fsync` on. The floor is one INSERT and COMMIT after the other, through the bare driver.

**Memory an idle socket.** Growth of resident memory over so many more tabs with a room open.

**Open sockets, two processes.** `PROCESSES=2` on PostgreSQL and Redis; then five messages, each to all.

**Restart.** SIGTERM to the server, a new start when it has ended. The tabs go when they are told, come back after the random
waits that browsers use, and catch up by version. From the signal until each tab is connected and holds the newest message. Five
members go on posting: every acknowledged post must have reached every tab once.

**First view of a room.** A member of every group, who has read nothing, opens rooms one after the other: until the first byte of
the page. A tenth of all messages is in one room. Queries are counted in the same database.

**What a first visit downloads.** The page of a room with 50 messages and everything that a browser fetches with it, as compressed
on the wire. Not what comes only once it is used: looking for patient data as one types, editing, mentions, passkeys.

**Digests.** 10,000 members in 40 groups with 400 rooms, each in three groups and with thirty rooms full of news; every fifth is
mentioned. Gathered, chosen and written as HTML and text, five hundred at a time as sending does; not handed to a mail server.

**How far one run is from another.** Five runs on one day, on two cores of a shared machine, gave: full speed 4.3 to 4.9 times the
bare loop; 35 to 50 µs a frame at 5 messages a second; 1.9 to 2.9 ms for connecting; 280 to 369 posts a second on SQLite, 159 to
217 on PostgreSQL on the same core and 202 to 263 on any; 28.8 to 29.2 KB a socket.

**Where the time goes.** Most of a post, of a connection and of a page's questions was Django's writing of SQL, which it now does
once for what is asked all the time (`members/written_once.py`). Of a post on SQLite a quarter is left for making the INSERT and
the UPDATE, and a seventh each for the two locked reads and for drawing the message, a twentieth for
looking whether it names a patient; of a page with 50 messages two thirds are templates. Of a digest a third is Python's
`email`, which makes headers and parts of it, a third templates, and a tenth each reading what happened and writing styles
into the elements.
"""
