"""Changing the house rules by proposal: a member proposes, all say what they think, an administrator answers to all."""

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import CommunityChanged, RulesProposed
from events.publish import publish
from frontend.text import clean, is_blank
from members import permissions
from members.access import proposal_for
from members.community.facts import the_community
from members.community.rules import LONGEST_REASON, add_version, check_text, text_of
from members.models import Member, RulesProposal, RulesVersion, Stance
from members.permissions import allow
from members.refusals import BadRequest
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens

WORKING_DAYS = 5
"""How long a proposal stays open, besides the day it is made: a week, so that who reads one digest a week, works part of it
or was on nights hears of it in time. Longer would leave a small mending waiting, and people forget what they have read."""
LONGEST_ANSWER = 1_000
LONGEST_ANSWER_TO_OBJECTIONS = 2_000

MEANINGS = {
    Stance.Kind.AGREE: "I can keep these rules, and would like them in force.",
    Stance.Kind.CONCERN: "It may go into force, but something in it worries me, and I say what.",
    Stance.Kind.OBJECT: "It should not go into force as it is, and I say why. Whoever decides has to answer me.",
}
"""What each stance means, as its button says it."""


class OneAtATime(BadRequest):
    code = "one_at_a_time"
    words = "You have a proposal open already. When it has been answered you can make another one."


def propose_rules(
    member: Member, text: str, why: str, *, after: int, answered: Answered = NOTHING_ANSWERED
) -> RulesProposal:
    """Propose other house rules instead of the version `after`. Raises NotAllowed, BadRequest."""
    allow(permissions.may_propose_rules(member, timezone.now()))
    text, why = clean(text).strip(), reason(why, field="why")
    check_text(text)
    if text == text_of(after).strip():
        raise BadRequest("That is what the house rules say already.", field="rules")
    pass_screens(Draft(member, f"{text}\n\n{why}", answered=answered))
    closes_at = end_of_working_days(timezone.now())
    with transaction.atomic():
        try:
            with transaction.atomic():
                proposal = RulesProposal.objects.create(by=member, text=text, why=why, closes_at=closes_at)
        except IntegrityError as error:
            raise OneAtATime from error
        publish(RulesProposed(proposal=proposal.pk, by=member.pk))
    return proposal


def reason(words: str, *, field: str, longest: int = LONGEST_REASON) -> str:
    words = clean(words).strip()
    if is_blank(words):
        raise BadRequest("Say why, in a few words.", code="blank", field=field)
    if len(words) > longest:
        raise BadRequest(f"That is over the limit of {longest} characters.", code="too_long", field=field)
    return words


def end_of_working_days(now: datetime, days: int = WORKING_DAYS) -> datetime:
    """The midnight, by the community's clock, after so many whole days from Monday to Friday. Holidays are not known here."""
    zone = ZoneInfo(the_community().time_zone)
    day = now.astimezone(zone).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return datetime.combine(day + timedelta(days=1), time(), zone)


@transaction.atomic
def take_stance(
    member: Member, proposal_id: int, kind: str, words: str, answered: Answered = NOTHING_ANSWERED
) -> Stance:
    """Say what one thinks, or something else than before. Raises NotHere, NotAllowed, BadRequest."""
    now = timezone.now()
    proposal = proposal_for(proposal_id, locked=True)
    allow(permissions.may_take_stance(member, proposal, now))
    if kind not in Stance.Kind.values:
        raise BadRequest("Choose what you think.", field="kind")
    words = reason(words, field="words") if kind != Stance.Kind.AGREE or clean(words).strip() else ""
    pass_screens(Draft(member, words, answered=answered))
    stance, _ = Stance.objects.update_or_create(
        proposal=proposal, member=member, defaults={"kind": kind, "words": words, "said_at": now}
    )
    return stance


def stances_to(proposal: RulesProposal) -> QuerySet[Stance]:
    """Everybody's, in the order in which they were said, with who it is."""
    return (
        Stance.objects.filter(proposal=proposal)
        .select_related("member__organisation", "member__profession")
        .order_by("said_at", "pk")
    )


def counted(stances: QuerySet[Stance]) -> list[tuple[str, str, int]]:
    """(kind, in words, how many) of each kind, none left out."""
    found = Counter(stance.kind for stance in stances)
    return [(kind.value, kind.label, found[kind.value]) for kind in Stance.Kind]


@transaction.atomic
def answer_proposal(
    administrator: Member,
    proposal_id: int,
    *,
    accept: bool,
    answer: str,
    to_objections: str,
    after: int,
    answered: Answered = NOTHING_ANSWERED,
) -> RulesProposal:
    """Put a proposal into force as the version that follows `after`, or do not; and say why.

    Nobody can outvote an objection, and nobody can overlook one either: where there are any, the answer to them is needed.
    Raises NotHere, NotAllowed, BadRequest, RulesMovedOn.
    """
    proposal = proposal_for(proposal_id, locked=True)
    allow(permissions.may_answer_proposal(administrator, proposal, timezone.now()))
    answer = reason(answer, field="answer", longest=LONGEST_ANSWER)
    objected = proposal.stances.filter(kind=Stance.Kind.OBJECT).exists()
    if objected or to_objections.strip():
        to_objections = reason(to_objections, field="to_objections", longest=LONGEST_ANSWER_TO_OBJECTIONS)
    pass_screens(Draft(administrator, f"{answer}\n\n{to_objections}", answered=answered))
    proposal.answered_at, proposal.is_accepted = timezone.now(), accept
    proposal.answer, proposal.answer_to_objections = answer, to_objections.strip()
    proposal.save(update_fields=["answered_at", "is_accepted", "answer", "answer_to_objections"])
    if accept:
        role = administrator.get_role_display().lower()
        add_version(proposal.text, proposal.why, role=role, after=after, proposal=proposal)
        publish(CommunityChanged())
    return proposal


def open_proposals() -> QuerySet[RulesProposal]:
    """Those that are not answered, the one that closes next first."""
    return RulesProposal.objects.filter(answered_at=None).select_related("by").order_by("closes_at", "pk")


def answered_proposals() -> QuerySet[RulesProposal]:
    return RulesProposal.objects.exclude(answered_at=None).select_related("by").order_by("-answered_at", "-pk")


def versions() -> QuerySet[RulesVersion]:
    """All of them, the one in force first, without their words."""
    return RulesVersion.objects.defer("text").order_by("-number")
