"""Notices about moderation: what was decided about somebody, what became of a report, what was reported."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from events.catalogue import CaseChanged, CaseClosed, DecisionRecorded, NoticesChanged, SeatDrawn
from events.publish import publish
from members.access import moderators
from members.mail import send_soon
from members.models import Member
from moderation.appeals.links import address_of_letter
from moderation.models import Act, Case, Decision
from notifications.models import Notice


def tell_whom_it_concerns(event: DecisionRecorded) -> None:
    """The member about whom something was decided reads why, unless they decided it themselves."""
    if event.about and event.about != event.by:
        Notice.objects.create(member_id=event.about, decision_id=event.decision, kind=Notice.Kind.DECISION)
        publish(NoticesChanged(members=(event.about,)))
    if event.act == Act.SUSPEND:
        write_to_the_suspended(event)


def write_to_the_suspended(event: DecisionRecorded) -> None:
    """Their notices are closed to them until it is over, so a letter says why, until when, and what they can do."""
    decision = Decision.objects.select_related("about").get(pk=event.decision)
    if decision.about and decision.until:
        send_soon(
            decision.about.email,
            "Your account is suspended",
            "suspended",
            whose=decision.whose,
            until=f"{timezone.localtime(decision.until):%-d %B %Y, %H:%M}",
            rule=decision.get_ground_display(),
            reason=decision.reason,
            words=decision.words,
            link=address_of_letter(decision.number),
        )


def tell_moderators(event: CaseChanged) -> None:
    """Every moderator hears of a case that has just been opened, except whose doing it is; one of them takes it."""
    if event.is_new:
        keep(Notice.Kind.CASE, event.case, *who_looks_at(event.case).values_list("pk", flat=True))


def write_to_moderators_at_once(event: CaseChanged) -> None:
    """What cannot wait is told by mail too, at any hour: the letter says that there is something, and never what."""
    if event.is_new and event.at_once:
        for address in who_looks_at(event.case).values_list("email", flat=True):
            send_soon(address, "Something cannot wait", "at_once", page=settings.SITE_URL + reverse("notices"))


def who_looks_at(case: int) -> QuerySet[Member]:
    about = Case.objects.filter(pk=case).values_list("about", flat=True).first()
    return moderators().exclude(pk=about or 0)


def tell_reporters(event: CaseClosed) -> None:
    """Who reported something hears the outcome. Moderators need not look any more."""
    told = Notice.objects.filter(case=event.case, kind=Notice.Kind.CASE)
    members = tuple(told.values_list("member_id", flat=True))
    told.delete()
    publish(NoticesChanged(members=members))
    keep(Notice.Kind.OUTCOME, event.case, *event.reporters)


def tell_panel(event: SeatDrawn) -> None:
    Notice.objects.create(member_id=event.member, decision_id=event.decision, kind=Notice.Kind.PANEL)
    publish(NoticesChanged(members=(event.member,)))


def keep(kind: str, case: int, *members: int) -> None:
    Notice.objects.bulk_create(Notice(member_id=member, case_id=case, kind=kind) for member in members)
    publish(NoticesChanged(members=members))
