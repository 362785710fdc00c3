"""Notices to guardians: something may name a patient, and the time in which a breach has to be reported runs."""

from django.db.models import QuerySet

from events.catalogue import NoticesChanged, PatientFlagged, SlipOutcomeRecorded, SlipRunsOut, SlipSettled
from events.publish import publish
from members.access import moderators
from members.models import Member
from notifications.models import Notice


def tell_guardians(event: PatientFlagged) -> None:
    """All of them at once, without who flagged it; whoever flagged it knows."""
    keep(Notice.Kind.PATIENT, event.slip, *ids(moderators().exclude(pk=event.by)))


def tell_time_runs(event: SlipRunsOut) -> None:
    """Once more, in the place of what was said before."""
    withdraw(Notice.objects.filter(slip=event.slip, kind=Notice.Kind.CLOCK))
    keep(Notice.Kind.CLOCK, event.slip, *ids(moderators()))


def settle_guardians(event: SlipSettled) -> None:
    """One of them has looked."""
    withdraw(Notice.objects.filter(slip=event.slip, kind=Notice.Kind.PATIENT))


def stop_reminding(event: SlipOutcomeRecorded) -> None:
    withdraw(Notice.objects.filter(slip=event.slip, kind=Notice.Kind.CLOCK))


def ids(guardians: QuerySet[Member]) -> list[int]:
    return list(guardians.values_list("pk", flat=True))


def keep(kind: str, slip: int, *members: int) -> None:
    Notice.objects.bulk_create(Notice(member_id=member, slip_id=slip, kind=kind) for member in members)
    publish(NoticesChanged(members=members))


def withdraw(notices: QuerySet[Notice]) -> None:
    members = tuple(notices.order_by("member").values_list("member_id", flat=True))
    notices.delete()
    publish(NoticesChanged(members=members))
