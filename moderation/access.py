"""From an id to a row of moderation that a member may see. Missing and forbidden give the same answer, NotHere."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from members.models import Member
from members.permissions import may_moderate
from members.refusals import NotAllowed, NotHere
from moderation.models import Appeal, Case, Decision, Entry, RecordHead, Report, Seat


def cases_for(moderator: Member) -> QuerySet[Case]:
    """All cases, to a moderator; nobody else sees any."""
    if may_moderate(moderator, timezone.now()):
        return Case.objects.none()
    return Case.objects.all()


def case_for(moderator: Member, case_id: int, *, locked: bool = False) -> Case:
    """A case; `locked` while something is done about it. Raises NotHere."""
    cases = cases_for(moderator)
    case = (cases.select_for_update() if locked else cases).filter(pk=case_id).first()
    if case is None:
        raise NotHere
    return case


def held_case(key: str) -> Case:
    """The case of a thing, locked; made when there is none yet. Two who report at once get the same one."""
    Case.objects.get_or_create(key=key)
    return Case.objects.select_for_update().get(key=key)


def held_head() -> RecordHead:
    """The end of the record, locked until the transaction ends."""
    RecordHead.objects.get_or_create(pk=1)
    return RecordHead.objects.select_for_update().get(pk=1)


def decisions_about(member: Member) -> QuerySet[Decision]:
    """What was decided about a member, the newest first."""
    return Decision.objects.filter(about=member).order_by("-number")


def decision_for(member: Member, number: int) -> Decision:
    """A decision about this member, with the words that are for them alone; to a moderator any. Raises NotHere."""
    whose = Q() if not may_moderate(member, timezone.now()) else Q(about=member)
    decision = Decision.objects.filter(whose, pk=number).select_related("message", "room", "group").first()
    if decision is None:
        raise NotHere
    return decision


def decision_about(member: Member, number: int) -> Decision:
    """A decision about this very member; also where they are suspended. Raises NotHere."""
    decision = decisions_about(member).filter(pk=number).select_related("message", "room", "group").first()
    if decision is None:
        raise NotHere
    return decision


def people_in(appeal: Appeal) -> QuerySet[Member]:
    """Members who could hear an appeal: nobody whom the decision is about, who made it, or who reported, handled or was
    drawn for the case.
    """
    decision = appeal.decision
    involved = [pk for pk in (decision.about_id, decision.by_id) if pk]
    handled = Entry.objects.filter(case=decision.case_id, by__isnull=False).values("by")
    reported = Report.objects.filter(case=decision.case_id, by__isnull=False).values("by")
    return (
        Member.objects.filter(is_active=True, restricted_at=None)
        .filter(Q(suspended_until=None) | Q(suspended_until__lte=timezone.now()))
        .exclude(pk__in=involved)
        .exclude(pk__in=handled)
        .exclude(pk__in=reported)
        .exclude(pk__in=appeal.seats.values("member"))
        .select_related("organisation", "profession")
    )


def seats_of(member: Member) -> QuerySet[Seat]:
    """Seats for which this member was drawn and that they did not leave, the newest first."""
    return Seat.objects.filter(member=member, left_at=None).select_related("appeal__decision").order_by("-drawn_at")


def seat_for(member: Member, appeal_id: int) -> Seat:
    """This member's seat in the panel of an appeal. Raises NotHere."""
    seat = seats_of(member).filter(appeal=appeal_id).first()
    if seat is None:
        raise NotHere
    return seat


def held_appeal(member: Member | None, appeal_id: int) -> Appeal:
    """An appeal, locked, to one of its panel; to nobody in particular (None) for what the house does itself. Raises NotHere."""
    if member is not None:
        seat_for(member, appeal_id)
    appeal = Appeal.objects.select_for_update().filter(pk=appeal_id).first()
    if appeal is None:
        raise NotHere
    return appeal


def held_seat(appeal: Appeal, member: Member) -> Seat:
    """The member's seat that waits for their answer, in a locked appeal. Raises NotAllowed when there is nothing to answer."""
    seat = appeal.seats.filter(member=member, left_at=None).first()
    if seat is None:
        raise NotHere
    if appeal.ended_at or seat.answered_at:
        raise NotAllowed("You have answered already." if seat.answered_at else "This appeal has been heard. Thank you.")
    return seat


def appeal_against_it(decision: Decision) -> Appeal | None:
    return Appeal.objects.filter(decision=decision).first()


def voices_in(appeal: Appeal | None) -> QuerySet[Seat]:
    """What the panel said, once all is over, without who said it: the person who appealed reads it then."""
    if appeal is None or appeal.ended_at is None:
        return Seat.objects.none()
    return appeal.seats.exclude(voice="").order_by("?").only("voice", "reason")
