"""Notices about moderation: what was decided about somebody, what became of a report, what was reported."""

from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime

from events.catalogue import CaseChanged, CaseClosed, DecisionRecorded, NoticesChanged, SeatDrawn
from events.publish import publish
from members.mail import send_soon
from members.models import Member
from moderation.appeals.links import address_of_letter
from moderation.models import Act, Decision
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


def write_to_who_was_suspended(event: DecisionRecorded) -> None:
    """Who cannot sign in to read why hears it by mail, with a link by which they can appeal."""
    if event.act != Act.SUSPEND or event.about is None:
        return
    decision = Decision.objects.select_related("about").get(number=event.decision)
    assert decision.about is not None
    assert decision.until is not None
    send_soon(
        decision.about.email,
        "Your account is suspended",
        "suspended",
        until=f"{localtime(decision.until):%-d %B %Y, %H:%M}",
        rule=decision.get_ground_display(),
        reason=decision.reason,
        words=decision.words,
        link=address_of_letter(decision.number),
    )


def moderators() -> list[int]:
    roles = (Member.Role.MODERATOR, Member.Role.ADMINISTRATOR)
    suspended = Q(suspended_until__gt=timezone.now())
    return list(Member.objects.filter(role__in=roles, is_active=True).exclude(suspended).values_list("pk", flat=True))


def keep(kind: str, case: int, *members: int) -> None:
    Notice.objects.bulk_create(Notice(member_id=member, case_id=case, kind=kind) for member in members)
    publish(NoticesChanged(members=members))
