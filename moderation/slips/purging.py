"""Having words removed with every copy: which steps there are, and doing them until all are done, whoever dies in between."""

import logging
from collections.abc import Collection

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from events.catalogue import Because
from members.backlog import Backlog, backlog
from members.purging import Counts, Purge, purger_called, purgers
from members.traces import Traces, holds, traces_of
from moderation.access import held_slip
from moderation.models import Appeal, Decision, Entry, PurgeStep, Report, Seat, Slip
from rooms.models import File, Message
from rooms.purging import repeating

log = logging.getLogger(__name__)


def traces(slip: Slip) -> Traces:
    return frozenset(slip.traces)


def quoting(slip: Slip) -> list[Message]:
    """Messages that repeat words of the flagged one, for a guardian to choose from, before it is purged."""
    return repeating(slip.message, traces(slip)) if slip.message and slip.state == Slip.State.OPEN else []


def begin_purge(slip: Slip, because: Because, chosen: Collection[int]) -> None:
    """The transaction of a purge: the words themselves go with it; the copies follow, each step a row that is there already."""
    slip.quoting = sorted(message.pk for message in quoting_at_all(slip) if message.pk in chosen)
    # What was said when it was reported may be all that is left of it.
    reported = slip.case.reports.exclude(quoted="").values_list("quoted", flat=True)
    slip.traces = sorted(traces(slip) | traces_of(*reported))
    files = File.objects.filter(message=slip.message) if slip.message else File.objects.none()
    slip.stored = [name for file in files for name in file.stored_names]
    slip.save()
    purge = purge_of(slip, because)
    now_names, later_names = purgers()
    for name in now_names:
        PurgeStep.objects.create(slip=slip, purger=name, counts=purger_called(name)(purge), done_at=timezone.now())
    PurgeStep.objects.bulk_create(PurgeStep(slip=slip, purger=name) for name in later_names)
    carry_on.enqueue(slip.pk)


def quoting_at_all(slip: Slip) -> list[Message]:
    return repeating(slip.message, traces(slip)) if slip.message else []


def purge_of(slip: Slip, because: Because) -> Purge:
    """What the purgers are told."""
    by = [slip.case.about_id] if slip.case.about_id else []
    authors = Message.objects.filter(pk__in=slip.quoting).order_by("author").values_list("author_id", flat=True)
    return Purge(
        message=slip.number,
        case=slip.case_id,
        authors=tuple(dict.fromkeys([*by, *authors.distinct()])),
        traces=traces(slip),
        stored=tuple(slip.stored),
        quoting=tuple(slip.quoting),
        posted_at=slip.posted_at,
        because=because,
    )


@task
def carry_on(slip_id: int) -> None:
    """Do the steps that are left. One that fails does not hold up the others; it is tried again, as a task and by the clock."""
    failed: Exception | None = None
    for name in PurgeStep.objects.filter(slip=slip_id, done_at=None).order_by("pk").values_list("purger", flat=True):
        try:
            take_step(slip_id, name)
        except Exception as error:
            failed = failed or error
    if failed:
        raise failed
    finish(slip_id)


@transaction.atomic
def take_step(slip_id: int, name: str) -> None:
    """One purger's part, and that it is done: both or neither, and by one worker at a time."""
    slip = held_slip(slip_id)
    step = PurgeStep.objects.filter(slip=slip_id, purger=name, done_at=None).first()
    if slip is None or step is None:
        return
    step.counts = purger_called(name)(purge_of(slip, because_again(slip)))
    step.done_at = timezone.now()
    step.save(update_fields=["counts", "done_at"])


def because_again(slip: Slip) -> Because:
    """As the record has it of the purge's beginning."""
    said = Decision.objects.filter(case=slip.case_id, act="purge").order_by("-number")[:1].get()
    words = "It repeated words of another message that could tell who a patient is. Nothing is held against you."
    return Because(
        by=said.by_id, role=said.role, ground=said.ground, reason=said.reason, words=words, case=slip.case_id
    )


@transaction.atomic
def finish(slip_id: int) -> None:
    """When every step is done: nothing is kept by which the words could be found."""
    slip = held_slip(slip_id)
    if slip and slip.state == Slip.State.PURGING and not slip.steps.filter(done_at=None).exists():
        slip.state, slip.purged_at, slip.traces, slip.stored = Slip.State.PURGED, timezone.now(), [], []
        slip.save(update_fields=["state", "purged_at", "traces", "stored"])


def carry_on_purges() -> None:
    """The clock's part: what no task does any more, because it failed too often or its server is gone."""
    for slip_id in list(Slip.objects.filter(state=Slip.State.PURGING).order_by("pk").values_list("pk", flat=True)):
        try:
            carry_on.call(slip_id)
        except Exception as error:
            # Its words may hold what has to go.
            log.error("The purge of slip %s is not finished: %s", slip_id, type(error).__name__)


def purges_to_finish() -> Backlog:
    return backlog(Slip.objects.filter(state=Slip.State.PURGING), since="settled_at", failed=Slip.objects.none())


# --- What this floor keeps ---


def purge_reports(purge: Purge) -> Counts:
    """What reports of it quoted; and what reporters and moderators wrote that repeats its words, in this case or another."""
    quoted = Report.objects.filter(case=purge.case).exclude(quoted="").update(quoted="")
    reports = entries = 0
    for report in Report.objects.filter(made_at__gte=purge.posted_at).exclude(words="", quoted="", place=""):
        if any(holds(purge.traces, said) for said in (report.words, report.quoted, report.place)):
            Report.objects.filter(pk=report.pk).update(words="", quoted="", place="")
            reports += 1
    for entry in Entry.objects.filter(at__gte=purge.posted_at).exclude(words=""):
        if holds(purge.traces, entry.words):
            Entry.objects.filter(pk=entry.pk).update(words="")
            entries += 1
    appeals = purge_appeals(purge)
    return {"Quotations in reports": quoted + reports, "Notes of moderators": entries, "Appeals": appeals}


def purge_appeals(purge: Purge) -> int:
    """What somebody said in an appeal, or one of its panel, and that repeats the words. Returns how many."""
    appeals = [each.pk for each in Appeal.objects.exclude(words="") if holds(purge.traces, each.words)]
    seats = [each.pk for each in Seat.objects.exclude(reason="") if holds(purge.traces, each.reason)]
    return Appeal.objects.filter(pk__in=appeals).update(words="") + Seat.objects.filter(pk__in=seats).update(reason="")
