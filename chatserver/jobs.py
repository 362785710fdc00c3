"""What a server does by itself now and then: this table is to work what urls.py is to requests.

Every job finds its work as rows and claims it there, so that several processes do nothing twice, and what a killed
process left is done by the next. A job that fails is logged, and tried again when its time comes. One-off work of
actions is in tasks.py. Both run on threads, in the web process or in one of their own (`manage.py work`).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from chatserver.models import JobRun
from chatserver.task_backend import NEWS
from chatserver.tasks import do_waiting_tasks, forget_failed_tasks, take_back_lost_tasks, work_on_tasks
from members.backlog import Backlog
from members.community.facts import in_its_time_zone
from members.complaints.actions import forget_old_complaints, remind_of_complaints
from members.copies import copies_to_make, make_waiting_copies, remove_old_copies
from members.erasure import erase_due, finish_erasures
from members.invitations.postman import letters_to_send, send_invitations
from moderation.appeals.hearing import tend_appeals
from moderation.hidden import forget_quoted, remove_long_hidden
from moderation.slips.purging import carry_on_purges, purges_to_finish
from moderation.slips.settling import remind_guardians
from notifications.digests.sending import digests_to_send, forget_old_digests, send_digests
from notifications.missed.sending import forget_old_letters, missed_to_send, send_missed
from notifications.push.devices import forget_old_devices
from notifications.push.sending import pushes_to_send, tell_devices
from rooms.actions.files import sweep_files
from rooms.actions.retention import clear_old_messages
from rooms.actions.waiting import forget_answered
from rooms.preserving import destroy_set_aside
from rooms.threads import give_back_connections

log = logging.getLogger(__name__)

NOTED_EVERY = timedelta(minutes=1)
TASK_THREADS = 2
"""So that one letter at a slow mail server does not hold up the next."""


@dataclass(frozen=True, slots=True)
class Job:
    """`do` returns when there is nothing more to do for now; it is called again `seconds` later.

    `backlog` counts what it has to do.
    """

    seconds: int
    do: Callable[[], object]
    backlog: Callable[[], Backlog] | None = None

    @property
    def name(self) -> str:
        return self.do.__name__


JOBS = (
    Job(3, send_invitations, letters_to_send),
    Job(3, make_waiting_copies, copies_to_make),
    Job(15, take_back_lost_tasks),
    Job(60, erase_due),
    Job(600, remove_old_copies),
    Job(600, destroy_set_aside),
    Job(600, finish_erasures),
    Job(600, sweep_files),
    Job(3600, forget_answered),
    Job(60, clear_old_messages),
    Job(3600, remove_long_hidden),
    Job(3600, forget_quoted),
    Job(60, tend_appeals),
    Job(3600, remind_of_complaints),
    Job(3600, forget_old_complaints),
    Job(10, send_digests, digests_to_send),
    Job(20, send_missed, missed_to_send),
    Job(5, tell_devices, pushes_to_send),
    Job(60, carry_on_purges, purges_to_finish),
    Job(300, remind_guardians),
    Job(3600, forget_old_digests),
    Job(3600, forget_old_letters),
    Job(3600, forget_old_devices),
    Job(3600, forget_failed_tasks),
)


class Crew:
    """The threads of this process that work: one by the clock, the others on tasks."""

    def __init__(self) -> None:
        self.rest = threading.Event()
        """Set when this process is to begin no more work. What is cut off is done again by another process."""
        posts = [("jobs", work_forever)] + [(f"tasks-{number}", work_on_tasks) for number in range(TASK_THREADS)]
        self.threads = [threading.Thread(target=do, args=[self.rest], name=name, daemon=True) for name, do in posts]

    def begin(self) -> None:
        for thread in self.threads:
            thread.start()

    def leave(self, seconds: float) -> None:
        """Begin no more, and give what was begun some time to end."""
        self.rest.set()
        NEWS.set()
        until = time.monotonic() + seconds
        for thread in self.threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))


def work_once() -> None:
    """Do what there is to do now, each job once."""
    for job in JOBS:
        attempt(job)
    do_waiting_tasks()


def work_forever(rest: threading.Event, jobs: tuple[Job, ...] = JOBS) -> None:
    """Do each job at its time, one after the other, until told to rest."""
    due = dict.fromkeys(range(len(jobs)), 0.0)
    while not rest.is_set():
        for number, job in enumerate(jobs):
            if time.monotonic() >= due[number] and not rest.is_set():
                attempt(job)
                give_back_connections()
                due[number] = time.monotonic() + job.seconds
        rest.wait(max(0.0, min(due.values()) - time.monotonic()))


def attempt(job: Job) -> None:
    began_at, began, error = timezone.now(), time.monotonic(), ""
    try:
        with in_its_time_zone():
            job.do()
    except Exception as raised:
        error = type(raised).__name__
        # Its words may hold what members wrote.
        log.error("%s failed: %s", job.name, error)
    try:
        note(JobRun(job=job.name, began_at=began_at, seconds=time.monotonic() - began, error=error))
    except Exception as raised:
        log.error("That %s ran could not be noted: %s", job.name, type(raised).__name__)


def note(run: JobRun) -> None:
    """Keep what the page of the work shows: at once where something changed, else once a minute, to spare the disk."""
    last = JobRun.objects.filter(job=run.job).first()
    if last is None or last.error != run.error or run.began_at - last.began_at >= NOTED_EVERY:
        JobRun.objects.update_or_create(
            job=run.job, defaults={"began_at": run.began_at, "seconds": run.seconds, "error": run.error}
        )
