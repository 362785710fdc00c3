"""/work/, where moderators see what waits and what failed; and /metrics, the same for a monitoring system.

Both say numbers, times and names of errors, and never whom or what a piece of work is about.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chatserver.jobs import JOBS
from chatserver.models import JobRun
from chatserver.tasks import failed_tasks, task_backlogs, try_again
from events.ear import EAR
from members.backlog import Backlog
from members.permissions import allow, may_look_after_work
from members.refusals import NotHere
from members.requests import MemberRequest

ITSELF = ("127.0.0.1", "::1")
OF_PROXIES = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work. `run`: of jobs that the clock does, when they last ran."""

    name: str
    backlog: Backlog | None
    run: JobRun | None = None


def lines() -> list[Line]:
    """All kinds of work there are: the tasks in the queue, and the jobs of the clock."""
    runs = {run.job: run for run in JobRun.objects.all()}
    of_clock = [Line(job.name, job.backlog() if job.backlog else None, runs.get(job.name)) for job in JOBS]
    return [Line(name, backlog) for name, backlog in task_backlogs().items()] + of_clock


@require_safe
@login_required
def work(request: MemberRequest) -> HttpResponse:
    """What waits and since when, what failed and by which error."""
    allow(may_look_after_work(request.user))
    return render(request, "work.html", {"lines": lines(), "failed": failed_tasks()})


@require_POST
@login_required
def again(request: MemberRequest, task_id: UUID) -> HttpResponse:
    """Try a task once more that was given up."""
    allow(may_look_after_work(request.user))
    try_again(task_id)
    return redirect("work")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What waits, fails and is open, as Prometheus reads it. Elsewhere than to a monitoring system there is no such page."""
    if not may_read_metrics(request):
        raise NotHere
    return HttpResponse("".join(f"{line}\n" for line in measured()), content_type="text/plain; version=0.0.4")


def may_read_metrics(request: HttpRequest) -> bool:
    """With METRICS_TOKEN who knows it; without, this computer itself. What came through a proxy began elsewhere."""
    if token := settings.METRICS_TOKEN:
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    is_relayed = any(header in request.headers for header in OF_PROXIES)
    return request.META.get("REMOTE_ADDR") in ITSELF and not is_relayed


def measured() -> Iterator[str]:
    every, now = lines(), timezone.now()
    counted = [(line.name, line.backlog) for line in every if line.backlog]
    ran = [(line.name, line.run) for line in every if line.run]
    yield from gauge("waiting", "Pieces of work that wait.", {name: backlog.waiting for name, backlog in counted})
    yield from gauge(
        "failed", "Pieces of work that were given up.", {name: backlog.failed for name, backlog in counted}
    )
    yield from gauge(
        "oldest_waiting_seconds",
        "How long the oldest of them waits.",
        {name: age(backlog.oldest, now) for name, backlog in counted},
    )
    yield from gauge(
        "job_age_seconds", "How long ago a job last began.", {name: age(r.began_at, now) for name, r in ran}
    )
    yield from gauge("job_seconds", "How long it took.", {name: round(run.seconds, 3) for name, run in ran})
    yield from gauge("job_failing", "1: it failed.", {name: int(bool(run.error)) for name, run in ran})
    yield "# HELP roundtable_open_sockets Sockets of members that are open in this process."
    yield "# TYPE roundtable_open_sockets gauge"
    yield f"roundtable_open_sockets {len(getattr(EAR, 'listeners', ()))}"


def gauge(name: str, words: str, values: dict[str, float]) -> Iterator[str]:
    yield f"# HELP roundtable_{name} {words}"
    yield f"# TYPE roundtable_{name} gauge"
    for work, value in values.items():
        yield f'roundtable_{name}{{work="{work}"}} {value}'


def age(since: datetime | None, now: datetime) -> float:
    return round((now - since).total_seconds(), 1) if since else 0
