"""From an id to a row of moderation that a member may see. Missing and forbidden give the same answer, NotHere."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from members.models import Member
from members.permissions import may_guard, may_moderate
from members.refusals import NotHere
from moderation.models import Case, Decision, RecordHead, Slip, WatchedWord
from rooms.models import HeldPost


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


def held_posts_for(moderator: Member) -> QuerySet[HeldPost]:
    """All posts that wait, or waited, for a look, to a moderator; to nobody else any."""
    if may_moderate(moderator, timezone.now()):
        return HeldPost.objects.none()
    return HeldPost.objects.all()


def held_post_for(moderator: Member, held_id: int) -> HeldPost:
    """One of them. Raises NotHere."""
    held = held_posts_for(moderator).filter(pk=held_id).first()
    if held is None:
        raise NotHere
    return held


def held_head() -> RecordHead:
    """The end of the record, locked until the transaction ends."""
    head = RecordHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        RecordHead.objects.get_or_create(pk=1)
        head = RecordHead.objects.select_for_update().get(pk=1)
    return head


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


def slips_for(guardian: Member) -> QuerySet[Slip]:
    """All slips, to a guardian; nobody else sees any."""
    if may_guard(guardian, timezone.now()):
        return Slip.objects.none()
    return Slip.objects.select_related("case__room", "case__group", "message__room", "settled_by", "outcome_by")


def slip_for(guardian: Member, slip_id: int) -> Slip:
    """A slip that this guardian may look at. Raises NotHere."""
    slip = slips_for(guardian).filter(pk=slip_id).first()
    if slip is None:
        raise NotHere
    return slip


def held_slip(slip_id: int) -> Slip | None:
    """A slip, locked; after its case and its message's room, where those are locked too."""
    return Slip.objects.select_for_update().filter(pk=slip_id).first()


def slip_about(author: Member, message_id: int) -> Slip | None:
    """The latest slip about a message of this author's own."""
    return Slip.objects.filter(message__author=author, message=message_id).order_by("-pk").first()


def watched_word_for(moderator: Member, word_id: int) -> WatchedWord:
    """A watched word, to a moderator. Raises NotHere."""
    found = None if may_moderate(moderator, timezone.now()) else WatchedWord.objects.filter(pk=word_id).first()
    if found is None:
        raise NotHere
    return found
