"""One-off work that an action leaves behind for later, beside the requests: the worker for the rows of django-tasks-db.

Its own worker polls, forgets what a killed one had in hand, and tries nothing again. This one is woken by the commit,
tries again with growing pauses, and takes back what was begun too long ago. So a task is done at least once, and twice when
a process dies between the work and the deleting of its row: what must not happen twice has rows of its own and a
constraint (docs/decisions/0011). What a task is called with is never logged or shown.
"""

import logging
import os
import threading
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, Q
from django.tasks import TaskResultStatus as Status
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from chatserver.task_backend import NEWS
from members.backlog import Backlog
from members.community.facts import in_its_time_zone
from members.refusals import NotHere
from rooms.threads import give_back_connections

log = logging.getLogger(__name__)

type TaskRow = DBTaskResult[..., object]

POLL_SECONDS = 1.0
"""How long what another process enqueued may wait to be found."""
LEASE = timedelta(minutes=2)
"""Whoever began a task longer ago than this is taken for dead. No task may take half as long."""
TRIES = 5
FIRST_PAUSE = timedelta(seconds=5)
"""Then four times as long each time: five tries in seven minutes, about half of how long a code to sign in holds."""
KEPT_FOR = timedelta(days=7)
"""How long one that failed is shown."""


def work_on_tasks(rest: threading.Event) -> None:
    """Do tasks as they come, until told to rest."""
    while not rest.is_set():
        NEWS.wait(POLL_SECONDS)
        if rest.is_set():
            break  # and leave the news to the others, who are to rest as well
        NEWS.clear()
        try:
            do_waiting_tasks(rest)
        except Exception as error:
            log.error("No tasks are done: %s", type(error).__name__)
            rest.wait(POLL_SECONDS)
        finally:
            give_back_connections()


def do_waiting_tasks(rest: threading.Event | None = None) -> None:
    """Do what there is to do now, one after the other."""
    while not (rest and rest.is_set()) and (row := claim()):
        do(row)


def claim() -> TaskRow | None:
    """Take the next task in hand. Two never take the same."""
    # Most often there is none, and to find that out nobody else's writing is held up.
    if not DBTaskResult.objects.ready().exists():
        return None
    with transaction.atomic():
        row = DBTaskResult.objects.ready().get_locked()
        if row:
            row.claim(str(os.getpid()))
    return row


def do(row: TaskRow) -> None:
    """Do a claimed task. What is done goes: what it was called with shall not lie about."""
    try:
        with in_its_time_zone():
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    except Exception as error:
        put_back(row, type(error).__name__)
    else:
        DBTaskResult.objects.filter(in_hand(row)).delete()


def in_hand(row: TaskRow) -> Q:
    """Nothing any more once another worker has taken it over."""
    return Q(pk=row.pk, status=Status.RUNNING, started_at=row.started_at)


def put_back(row: TaskRow, why: str) -> None:
    """It did not work: again after a pause, or not any more. `why` is the name of an error; its words may hold anything."""
    tries, now = len(row.worker_ids), timezone.now()
    log.warning("%s failed (%s), try %d of %d", name_of(row.task_path), why, tries, TRIES)
    is_last = tries >= TRIES
    DBTaskResult.objects.filter(in_hand(row)).update(
        status=Status.FAILED if is_last else Status.READY,
        run_after=now + FIRST_PAUSE * 4 ** (tries - 1),
        finished_at=now if is_last else None,
        exception_class_path=why,
    )


def take_back_lost_tasks() -> None:
    """What a killed process had in hand counts as a try that failed."""
    for row in DBTaskResult.objects.running().filter(started_at__lte=timezone.now() - LEASE):
        put_back(row, "Lost")


def forget_failed_tasks() -> None:
    DBTaskResult.objects.failed().filter(finished_at__lte=timezone.now() - KEPT_FOR).delete()


class FailedTask(NamedTuple):
    """One that was given up, and the name of the error at its last try."""

    id: UUID
    name: str
    at: datetime | None
    why: str


def failed_tasks() -> list[FailedTask]:
    """The latest first."""
    rows = (
        DBTaskResult.objects.failed()
        .order_by("-finished_at")
        .values_list("pk", "task_path", "finished_at", "exception_class_path")
    )
    return [FailedTask(pk, name_of(path), at, why) for pk, path, at, why in rows]


def try_again(task: UUID) -> None:
    """Begin anew with one that failed. Raises NotHere."""
    failed = DBTaskResult.objects.failed().filter(pk=task)
    if not failed.update(status=Status.READY, run_after=get_date_max(), worker_ids=[], finished_at=None):
        raise NotHere
    transaction.on_commit(NEWS.set)


def task_backlogs() -> dict[str, Backlog]:
    """For each kind of task that is in the queue, by its name."""
    to_do = ~Q(status=Status.FAILED)
    counted = DBTaskResult.objects.order_by("task_path").values("task_path")
    numbers = counted.annotate(
        waiting=Count("pk", filter=to_do),
        failed=Count("pk", filter=~to_do),
        oldest=Min("enqueued_at", filter=to_do),
    )
    return {name_of(each["task_path"]): Backlog(each["waiting"], each["failed"], each["oldest"]) for each in numbers}


def name_of(path: str) -> str:
    return path.rpartition(".")[2]
