"""An urgent concern: somebody may be in danger, and moderators should know at once."""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from members import permissions
from members.limits import Allowance, Limits
from members.models import Member
from members.permissions import allow
from members.refusals import TooFast
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from moderation.access import held_case
from moderation.actions import LONGEST_WORDS, Facts, add_report, checked
from moderation.models import Ground, Report

raising = Limits(Allowance(burst=5, a_minute=0.5))


def raise_concern(member: Member, words: str = "", answered: Answered = NOTHING_ANSWERED) -> Report:
    """Tell moderators at once. Every concern is a case of its own, so that no later words stand in the place of earlier ones.

    Raises BadRequest, NotAllowed, TooFast.
    """
    words = checked(words, LONGEST_WORDS, "words")
    pass_screens(Draft(member, words, answered=answered))
    allow(permissions.may_report(member, timezone.now()))
    if not raising.allow(member.pk):
        raise TooFast("Moderators have been told several times just now. If somebody is in danger, call 999.")
    with transaction.atomic():
        case = held_case(f"urgent:{uuid4().hex}")
        return add_report(case, Facts(), by=member, ground=Ground.DANGER, words=words)
