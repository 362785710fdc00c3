"""Notices about moderation: what was decided about somebody, what became of a report, what was reported."""

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from events.catalogue import CaseChanged, CaseClosed, DecisionRecorded, NoticesChanged
from events.publish import publish
from members.mail import send_soon
from members.models import Member
from notifications.models import Notice


def tell_whom_it_concerns(event: DecisionRecorded) -> None:
    """The member about whom something was decided reads why, unless they decided it themselves."""
    if event.about and event.about != event.by:
        Notice.objects.create(member_id=event.about, decision_id=event.decision, kind=Notice.Kind.DECISION)
        publish(NoticesChanged(members=(event.about,)))


def tell_moderators(event: CaseChanged) -> None:
    """Every moderator hears of a case that has just been opened; one of them takes it."""
    if event.is_new:
        keep(Notice.Kind.CASE, event.case, *moderators())


def write_to_moderators_at_once(event: CaseChanged) -> None:
    """What cannot wait is told by mail too, at any hour: the letter says that there is something, and never what."""
    if event.is_new and event.at_once:
        for address in Member.objects.filter(pk__in=moderators()).order_by("pk").values_list("email", flat=True):
            send_soon(address, "Something cannot wait", "at_once", page=settings.SITE_URL + reverse("notices"))


def tell_reporters(event: CaseClosed) -> None:
    """Who reported something hears the outcome. Moderators need not look any more."""
    told = Notice.objects.filter(case=event.case, kind=Notice.Kind.CASE)
    members = tuple(told.values_list("member_id", flat=True))
    told.delete()
    publish(NoticesChanged(members=members))
    keep(Notice.Kind.OUTCOME, event.case, *event.reporters)


def moderators() -> list[int]:
    roles = (Member.Role.MODERATOR, Member.Role.ADMINISTRATOR)
    suspended = Q(suspended_until__gt=timezone.now())
    return list(Member.objects.filter(role__in=roles, is_active=True).exclude(suspended).values_list("pk", flat=True))


def keep(kind: str, case: int, *members: int) -> None:
    Notice.objects.bulk_create(Notice(member_id=member, case_id=case, kind=kind) for member in members)
    publish(NoticesChanged(members=members))
