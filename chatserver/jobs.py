"""What a server does by itself now and then: this table is to work what urls.py is to requests.

Every job finds its work as rows and claims it there, so that several processes do nothing twice, and what a killed
process left is done by the next. A job that fails is logged, and tried again when its time comes.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from members.community.facts import in_its_time_zone
from members.copies import make_waiting_copies, remove_old_copies
from members.erasure import erase_due
from members.invitations.postman import send_invitations
from notifications.digests.sending import forget_old_digests, send_digests
from rooms.actions.files import sweep_files
from rooms.actions.retention import clear_old_messages
from rooms.threads import give_back_connections

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """`do` returns when there is nothing more to do for now; it is called again `seconds` later."""

    seconds: int
    do: Callable[[], object]


JOBS = (
    Job(3, send_invitations),
    Job(3, make_waiting_copies),
    Job(60, erase_due),
    Job(600, remove_old_copies),
    Job(600, sweep_files),
    Job(60, clear_old_messages),
    Job(10, send_digests),
    Job(3600, forget_old_digests),
)


def work_once() -> None:
    """Do what there is to do now, each job once."""
    for job in JOBS:
        attempt(job)


def work_forever(stop: threading.Event, jobs: tuple[Job, ...] = JOBS) -> None:
    """Do each job at its time, one after the other, until told to stop."""
    due = dict.fromkeys(range(len(jobs)), 0.0)
    while not stop.is_set():
        for number, job in enumerate(jobs):
            if time.monotonic() >= due[number] and not stop.is_set():
                attempt(job)
                give_back_connections()
                due[number] = time.monotonic() + job.seconds
        stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def attempt(job: Job) -> None:
    try:
        with in_its_time_zone():
            job.do()
    except Exception as error:
        # Its words may hold what members wrote.
        log.error("%s failed: %s", job.do.__name__, type(error).__name__)
