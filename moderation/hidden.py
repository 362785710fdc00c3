"""What was hidden goes for good after thirty days, and so do the words that reports of a closed case quoted.

Until then it can be restored. It also stays as long as somebody may still need it: while an appeal against the hiding is
heard, a case about it is open, or a guardian has it in hand.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from events.catalogue import Because
from moderation.models import THE_HOUSE, Appeal, Case, Decision, Ground, Report, Slip
from rooms.actions.moderating import take_down_messages
from rooms.models import Message, MessageQuerySet

HIDDEN_FOR = timedelta(days=30)
QUOTED_FOR = timedelta(days=30)
"""After the case was closed."""
AT_A_TURN = 200
"""Messages, before other work has its turn."""
REASON = "It had been hidden for 30 days, and nobody restored it."


def remove_long_hidden(most: int = AT_A_TURN) -> int:
    """Remove them for good, as decisions of the house by the rule that they were hidden by. Returns how many."""
    due = list(long_hidden().order_by("hidden_at", "pk").values_list("pk", flat=True)[:most])
    hidings = Decision.objects.filter(message__in=due, act="hide").order_by("number")
    ground_of = {**dict.fromkeys(due, str(Ground.OTHER)), **dict(hidings.values_list("message", "ground"))}
    removed = 0
    for ground in sorted(set(ground_of.values())):
        because = Because(by=None, role=THE_HOUSE, ground=ground, reason=REASON)
        removed += take_down_messages([pk for pk in due if ground_of[pk] == ground], because, long_hidden())
    return removed


def long_hidden() -> MessageQuerySet:
    """Messages hidden so long that nobody needs them any more, as it stands when it is asked."""
    hidden = Message.objects.kept().filter(hidden_at__lte=timezone.now() - HIDDEN_FOR, removed_at=None)
    appealed = Appeal.objects.filter(ended_at=None, decision__message__isnull=False).values("decision__message")
    open_cases = Case.objects.filter(message__isnull=False).exclude(state=Case.State.CLOSED).values("message")
    in_hand = Q(outcome="") | Q(state__in=(Slip.State.OPEN, Slip.State.PURGING))
    slips = Slip.objects.filter(in_hand, message__isnull=False).values("message")
    return hidden.exclude(pk__in=appealed).exclude(pk__in=open_cases).exclude(pk__in=slips)


def forget_quoted() -> int:
    """What reports quoted, once their case has been closed for so long. Returns of how many."""
    closed = Case.objects.filter(state=Case.State.CLOSED, closed_at__lte=timezone.now() - QUOTED_FOR)
    return Report.objects.filter(case__in=closed).exclude(quoted="").update(quoted="")
