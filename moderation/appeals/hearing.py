"""Appealing, and hearing an appeal: three members drawn by lot, nobody from the case; what two of them say is done.

Who is late is replaced, so an appeal is not left lying: `tend_appeals` is a job of chatserver/jobs.py.
"""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import Because, PowerUsed, SeatDrawn
from events.publish import publish
from members import permissions
from members.models import Member, Organisation
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed, NotHere
from members.screens import Draft, pass_screens
from moderation.access import decision_about, held_appeal, held_seat, people_in
from moderation.actions import UNDONE_BY, checked
from moderation.appeals.lot import SEATS, Candidate, draw
from moderation.models import THE_HOUSE, Act, Appeal, Decision, PanelVolunteer, Seat

LONGEST_WORDS = 1_000
LONGEST_REASON = 600
ANSWER_WITHIN = timedelta(days=5)
AGAINST = (Act.HIDE, Act.REMOVE, Act.MOVE, Act.WARN, Act.SILENCE, Act.SUSPEND)
"""What one can appeal against."""


def appeal_against(member: Member, number: int, words: str) -> Appeal:
    """Ask that a decision about oneself be looked at again; asked twice, it is one appeal.

    Raises NotHere, NotAllowed, BadRequest.
    """
    words = checked(words, LONGEST_WORDS, "words", is_needed=True)
    pass_screens(Draft(member, words, "report"))
    with transaction.atomic():
        decision = decision_about(member, number)
        allow(permissions.may_appeal(member, decision.about_id, decision.made_at, timezone.now()))
        if reason := why_not(decision):
            raise NotAllowed(reason)
        appeal, is_new = Appeal.objects.get_or_create(decision=decision, defaults={"words": words})
        if is_new:
            fill_seats(appeal)
    return appeal


def why_not(decision: Decision) -> str:
    """Why there is nothing to appeal against; empty when there is."""
    if decision.act not in AGAINST or decision.role == THE_HOUSE:
        return "There is nothing to appeal against in this."
    if Decision.objects.filter(undoes=decision).exists():
        return "This decision has been taken back already."
    return ""


def fill_seats(appeal: Appeal) -> None:
    """Draw for the seats that are free, as far as there is anybody. Must run with the appeal locked, or new."""
    taken = list(appeal.seats.filter(left_at=None).select_related("member__organisation", "member__profession"))
    needed = SEATS - len(taken)
    if needed <= 0:
        return
    seated = [as_candidate(seat.member) for seat in taken]
    drawn = draw([as_candidate(member) for member in volunteers(appeal)], seated, needed)
    if len(drawn) < needed:
        moderators = [as_candidate(member) for member in uninvolved_moderators(appeal, drawn)]
        drawn += draw(moderators, [*seated, *drawn], needed - len(drawn))
    now = timezone.now()
    for candidate in drawn:
        Seat.objects.create(appeal=appeal, member_id=candidate.member, drawn_at=now, due_at=now + ANSWER_WITHIN)
        publish(SeatDrawn(appeal=appeal.pk, decision=appeal.decision_id, member=candidate.member))


def volunteers(appeal: Appeal) -> QuerySet[Member]:
    """Who offered to, and has nothing to do with the case nor was drawn for it before."""
    return people_in(appeal).exclude(panel_volunteer=None)


def uninvolved_moderators(appeal: Appeal, drawn: list[Candidate]) -> QuerySet[Member]:
    """Where too few offered to: an appeal is rather heard by moderators than by nobody."""
    roles = (Member.Role.MODERATOR, Member.Role.ADMINISTRATOR)
    return people_in(appeal).filter(role__in=roles).exclude(pk__in=[candidate.member for candidate in drawn])


def as_candidate(member: Member) -> Candidate:
    organisation = member.organisation
    return Candidate(
        member.pk,
        member.profession_name,
        member.organisation_name,
        organisation is not None and organisation.kind == Organisation.Kind.LIVED_EXPERIENCE,
    )


@transaction.atomic
def answer(member: Member, appeal_id: int, voice: str, reason: str) -> Appeal:
    """What one of the panel says. When two say the same it is done. Raises NotHere, NotAllowed, BadRequest."""
    reason = checked(reason, LONGEST_REASON, "reason", is_needed=True)
    if voice not in Seat.Voice.values:
        raise BadRequest("Choose whether the decision should stand.", field="voice")
    pass_screens(Draft(member, reason, "report"))
    allow(permissions.may_hear_appeals(member, timezone.now()))
    appeal = held_appeal(member, appeal_id)
    seat = held_seat(appeal, member)
    seat.voice, seat.reason, seat.answered_at = voice, reason, timezone.now()
    seat.save(update_fields=["voice", "reason", "answered_at"])
    voices = list(appeal.seats.exclude(voice="").values_list("voice", flat=True))
    if voices.count(voice) > SEATS // 2:
        end(appeal, voice, f"{voices.count(voice)} to {len(voices) - voices.count(voice)}")
    return appeal


@transaction.atomic
def decline(member: Member, appeal_id: int) -> None:
    """Leave the seat to somebody else; nobody asks why. Raises NotHere."""
    appeal = held_appeal(member, appeal_id)
    leave(held_seat(appeal, member))
    fill_seats(appeal)


def leave(seat: Seat) -> None:
    seat.left_at = timezone.now()
    seat.save(update_fields=["left_at"])


def end(appeal: Appeal, voice: str, count: str) -> None:
    """Write the outcome down and carry it out, in one transaction."""
    appeal.ended_at = timezone.now()
    is_overturned = voice == Seat.Voice.OVERTURN
    appeal.outcome = Appeal.Outcome.OVERTURNED if is_overturned else Appeal.Outcome.UPHELD
    appeal.save(update_fields=["outcome", "ended_at"])
    decision = appeal.decision
    carried = "was taken back" if is_overturned else "stands"
    reason = f"A panel of members drawn by lot heard an appeal: decision {decision.number} {carried} ({count})."
    because = Because(by=None, role="appeals panel", ground=decision.ground, reason=reason, case=decision.case_id)
    if not (is_overturned and is_taken_back(decision, because)):
        # What cannot be taken back, a warning or words that are gone, is at least said to have been wrong.
        act = Act.OVERTURN if is_overturned else Act.UPHOLD
        publish(PowerUsed(act=act, because=because, about=decision.about_id, group=decision.group_id))


def is_taken_back(decision: Decision, because: Because) -> bool:
    """Take the decision back, where that is still possible."""
    back = UNDONE_BY.get(decision.act)
    if back is None or why_not(decision):
        return False
    try:
        back(decision, replace(because, undoes=decision.number))
    except (NotAllowed, NotHere):
        # Its message was removed meanwhile, or they left the group.
        return False
    return True


def tend_appeals() -> None:
    """Replace who is late, draw where nobody was to be had, and end what a moderator has taken back meanwhile."""
    for appeal_id in Appeal.objects.filter(ended_at=None).order_by("pk").values_list("pk", flat=True):
        tend(appeal_id)


@transaction.atomic
def tend(appeal_id: int) -> None:
    appeal = held_appeal(None, appeal_id)
    if appeal.ended_at:
        return
    if Decision.objects.filter(undoes=appeal.decision).exists():
        appeal.outcome, appeal.ended_at = Appeal.Outcome.OVERTURNED, timezone.now()
        appeal.save(update_fields=["outcome", "ended_at"])
        return
    for seat in appeal.seats.filter(left_at=None, answered_at=None, due_at__lte=timezone.now()):
        leave(seat)
    fill_seats(appeal)


def offer_to_hear(member: Member, *, on: bool) -> None:
    """Be among those who can be drawn, or no longer. A seat one has stays until it is answered or declined."""
    allow(permissions.may_hear_appeals(member, timezone.now()))
    if on:
        PanelVolunteer.objects.get_or_create(member=member)
    else:
        PanelVolunteer.objects.filter(member=member).delete()
