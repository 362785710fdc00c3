"""What was said around a reported message: five before, five after, for the moderator who has the case in hand.

That they looked stands in the case. Into a direct conversation nobody looks alone: another moderator has to agree first.
"""

from django.db import transaction
from django.utils import timezone

from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import NotAllowed
from moderation.access import held_second_look
from moderation.actions import concerned_in, held_open, save, tell
from moderation.models import Case, Entry, SecondLook
from rooms.access import said_around
from rooms.models import Message

EACH_WAY = 5


@transaction.atomic
def look_around(moderator: Member, case_id: int, version: int) -> Case:
    """Open what was said around it to this moderator, and write down that they looked. Raises NotHere, NotAllowed, MovedOn."""
    case = held_open(moderator, case_id, version)
    allow(permissions.may_look_around(moderator, case, is_direct=is_direct(case), is_agreed=is_agreed(case)))
    if case.message is None:
        raise NotAllowed("There is no message here any more.")
    if not has_looked(moderator, case):
        tell(case, Entry.Kind.LOOKED_AROUND, moderator)
        save(case)
    return case


@transaction.atomic
def ask_to_look(moderator: Member, case_id: int, version: int) -> Case:
    """Ask another moderator to agree to a look into a direct conversation. Raises NotHere, NotAllowed, MovedOn."""
    case = held_open(moderator, case_id, version)
    if case.taken_by_id != moderator.pk:
        raise NotAllowed("Take the case in hand first.")
    if not is_direct(case):
        raise NotAllowed("That is needed for direct conversations only.")
    if not case.second_looks.filter(answered_at=None).exists():
        SecondLook.objects.create(case=case, asked_by=moderator)
        tell(case, Entry.Kind.ASKED, moderator)
        save(case)
    return case


@transaction.atomic
def answer_look(moderator: Member, case_id: int, version: int, *, agree: bool) -> Case:
    """Agree that another moderator looks into a direct conversation, or decline. Raises NotHere, NotAllowed, MovedOn."""
    case = held_open(moderator, case_id, version)
    look = held_second_look(case=case)
    allow(permissions.may_agree(moderator, look.asked_by_id, concerned_in(case), timezone.now()))
    look.answered_by, look.answered_at, look.agreed = moderator, timezone.now(), agree
    look.save()
    tell(case, Entry.Kind.AGREED if agree else Entry.Kind.DECLINED, moderator)
    save(case)
    return case


def is_direct(case: Case) -> bool:
    return case.group is not None and case.group.is_direct


def is_agreed(case: Case) -> bool:
    """Since it was last opened: what was agreed for one case does not open the next."""
    return case.second_looks.filter(agreed=True, asked_at__gte=case.opened_at).exists()


def has_looked(moderator: Member, case: Case) -> bool:
    return case.entries.filter(kind=Entry.Kind.LOOKED_AROUND, by=moderator, at__gte=case.opened_at).exists()


def context_for(moderator: Member, case: Case) -> list[Message]:
    """What was said around it, to whoever has the case in hand and has written down that they looked; nothing otherwise."""
    if case.taken_by_id != moderator.pk or case.message is None or not has_looked(moderator, case):
        return []
    return said_around(case.message, EACH_WAY)
