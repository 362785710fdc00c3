"""Runs the measurements one after the other, and stops what they started, however they end."""

import argparse
import asyncio
import signal
import sys
import time
import traceback
from collections.abc import Mapping

import uvloop

from scripts.bench import report
from scripts.bench.delivery import burst, full_speed, steady
from scripts.bench.digests import digests
from scripts.bench.pages import pages
from scripts.bench.posts import posts
from scripts.bench.raid import raid
from scripts.bench.restart import restart
from scripts.bench.rows import Measurement, Pace, Row
from scripts.bench.sockets import connecting, memory, ten_thousand
from scripts.bench.stage import Others, prepare_this_process

MEASUREMENTS: Mapping[str, Measurement] = {
    "full-speed": full_speed,
    "steady": steady,
    "burst": burst,
    "connecting": connecting,
    "posts": posts,
    "memory": memory,
    "ten-thousand": ten_thousand,
    "restart": restart,
    "pages": pages,
    "digests": digests,
    "raid": raid,
}
LONGEST_SECONDS = 180
"""For one measurement."""
LONGEST_RUN_SECONDS = 900


def main() -> None:
    arguments = read_arguments()
    signal.alarm(LONGEST_RUN_SECONDS)
    prepare_this_process()
    began, others = time.monotonic(), Others()
    rows: list[Row] = []
    failed: list[str] = []
    try:
        for name in arguments.only or MEASUREMENTS:
            measure(name, Pace(quick=arguments.quick), rows, failed)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("stopped")
    if not arguments.only and not arguments.quick:
        report.write(rows, failed, time.monotonic() - began, others.share())
    reached = sum(row.reached for row in rows)
    print(f"\n{reached} of {len(rows)} reached, in {time.monotonic() - began:.0f} s; {report.company(others.share())}")
    sys.exit(1 if failed else 0)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench.py", description="Measure what docs/performance.md shows.")
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, help="measure this alone; may be given several times"
    )
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: whether everything works")
    return parser.parse_args()


def measure(name: str, pace: Pace, rows: list[Row], failed: list[str]) -> None:
    """One measurement on a loop of its own. One that fails leaves the others be."""
    try:
        for row in uvloop.run(within_time(MEASUREMENTS[name], pace)):
            report.show(row)
            rows.append(row)
    except Exception as error:
        traceback.print_exc()
        failed.append(f"{name} ({type(error).__name__})")


async def within_time(measurement: Measurement, pace: Pace) -> list[Row]:
    """Being told to stop cancels the measurement, so that its `with` blocks take its servers down; so does the alarm."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGALRM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with asyncio.timeout(LONGEST_SECONDS):
        return await measurement(pace)
