"""One tap: what a member does who sees that a message names a patient."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from events.catalogue import Because, PatientFlagged
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import TooFast
from members.traces import traces_of
from moderation.access import held_case
from moderation.actions import Subject, add_report, facts_about
from moderation.models import Case, Ground, Slip, SlipReader
from rooms.access import message_for, message_of_nobody
from rooms.actions.moderating import hide_message
from rooms.models import Message

AN_HOUR, A_DAY = 5, 15
"""So many messages one member may hide by a tap: what a real slip needs, and no way to empty a room."""
REASON = "A member said that it could tell who a patient is. A guardian looks at it."
TO_THE_AUTHOR = (
    "Somebody thought that your message could tell who a patient is, so nobody sees it until a guardian has looked. "
    "This happens to careful people, and nothing is held against you. Until then you find your words on the page of "
    "the message."
)


@cache
def who_may_know() -> tuple[Callable[[Message], Iterable[tuple[int, str]]], ...]:
    """Each floor says who may have seen a message, as far as it knows."""
    return tuple(import_string(name) for name in settings.SEEN)


@transaction.atomic
def flag_patient(member: Member, message_id: int) -> Slip:
    """Hide a message at once, and tell the guardians. Flagged by many, it is one slip. Raises NotHere, NotAllowed, TooFast.

    A message that a guardian has restored, and that nobody has changed since, stays until a guardian has looked again.
    """
    allow(permissions.may_flag_patient(member, timezone.now()))
    seen = message_for(member, message_id)
    case = held_case(f"message:{seen.pk}")
    # As it stands once nobody else can flag or change it: its room is locked.
    message_of_nobody(message_id)
    message = message_for(member, message_id)
    latest = case.slips.order_by("-pk").first()
    if latest and latest.state != Slip.State.RESTORED:
        note_report(case, member, message)
        return latest
    within_reason(member)
    note_report(case, member, message)
    is_to_be_hidden = not message.is_removed and not (latest and is_as_it_was(message, latest))
    slip = open_slip(case, member, message, has_hidden=is_to_be_hidden)
    if is_to_be_hidden:
        hide_message(message.pk, because_of(case, member))
    publish(PatientFlagged(slip=slip.pk, message=message.pk, by=member.pk))
    return slip


def within_reason(member: Member) -> None:
    """Counted by rows, so that it is the same for all processes. Raises TooFast."""
    flagged = Slip.objects.filter(flagged_by=member)
    now = timezone.now()
    this_hour = flagged.filter(flagged_at__gt=now - timedelta(hours=1)).count()
    today = flagged.filter(flagged_at__gt=now - timedelta(days=1)).count()
    if this_hour >= AN_HOUR or today >= A_DAY:
        raise TooFast(
            "You have flagged many messages in a short time. Report this one, so that a moderator looks at it."
        )


def note_report(case: Case, member: Member, message: Message) -> None:
    """Who flagged it, for guardians alone; the words are not copied, for they stand where they were."""
    if not case.reports.filter(by=member, answered_at=None).exists():
        facts = replace(facts_about(member, Subject("message", message.pk)), quoted="")
        add_report(case, facts, by=member, ground=Ground.PATIENT, words="", is_told=True)


def is_as_it_was(message: Message, latest: Slip) -> bool:
    """Whether these are the words that a guardian looked at and restored."""
    return latest.settled_at is not None and not message.revisions.filter(replaced_at__gt=latest.settled_at).exists()


def open_slip(case: Case, member: Member, message: Message, *, has_hidden: bool) -> Slip:
    """With all that is known only now: who may have seen it, and how its copies are found again."""
    slip = Slip.objects.create(
        case=case,
        message=message,
        number=message.pk,
        posted_at=message.posted_at,
        flagged_by=member,
        has_hidden=has_hidden,
        traces=sorted(traces_of(*words_of(message))),
    )
    ways = {found for who in who_may_know() for found in who(message) if found[0] != message.author_id}
    SlipReader.objects.bulk_create(SlipReader(slip=slip, member_id=reader, how=how) for reader, how in sorted(ways))
    return slip


def words_of(message: Message) -> list[str]:
    """All that a message says or ever said, and how its files are called."""
    files = message.files.filter(discarded_at=None).values_list("name", "description")
    return [
        message.text,
        *message.revisions.values_list("text", flat=True),
        *(words for file in files for words in file),
    ]


def because_of(case: Case, member: Member) -> Because:
    return Because(by=member.pk, role="member", ground=Ground.PATIENT, reason=REASON, words=TO_THE_AUTHOR, case=case.pk)
