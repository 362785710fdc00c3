"""The public record as members read it: every use of power, late enough and blurred enough to point at nobody.

Who was there at the time could tell from a fresh row whom it is about; so rows appear a week at a time, on a Monday, when
at least seven days have passed, and say in which week, not on which day. A small or private group is not named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from moderation.models import Act, Decision
from rooms.models import Membership, WorkingGroup

SHOWN_AFTER = timedelta(days=7)
"""Counted from the Monday after the decision: by then a week has several, and memory of a single evening fades."""
FEWEST_TO_NAME = 10
"""Members of a group below which naming it would come close to naming a person."""
MONTHS_COUNTED = 12


def shown_before(now: datetime) -> datetime:
    """Decisions made before this moment are shown now."""
    today = timezone.localtime(now)
    this_monday = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=today.weekday())
    return this_monday - SHOWN_AFTER


def decisions_shown(now: datetime) -> QuerySet[Decision]:
    return Decision.objects.filter(made_at__lt=shown_before(now)).select_related("group").order_by("-number")


@dataclass(frozen=True, slots=True)
class Row:
    """What everybody may know of a decision. Never the text, the member concerned, nor who reported it."""

    number: int
    whose: str
    """`A moderator`, `The house`."""
    act: str
    rule: str
    reason: str
    scope: str
    week: date
    """The Monday of the week in which it was made."""
    until: date | None
    undoes: int | None


def rows(decisions: Iterable[Decision]) -> list[Row]:
    decisions = list(decisions)
    named = groups_to_name({decision.group_id for decision in decisions if decision.group_id})
    return [row(decision, named) for decision in decisions]


def row(decision: Decision, named: set[int]) -> Row:
    made = timezone.localtime(decision.made_at).date()
    return Row(
        number=decision.number,
        whose=decision.whose,
        act=decision.get_act_display(),
        rule=decision.get_ground_display(),
        reason=decision.reason,
        scope=scope_of(decision, named),
        week=made - timedelta(days=made.weekday()),
        until=timezone.localtime(decision.until).date() if decision.until else None,
        undoes=decision.undoes_id,
    )


def scope_of(decision: Decision, named: set[int]) -> str:
    if decision.group is None:
        return "the whole community"
    return decision.group.name if decision.group_id in named else "a small or private group"


def groups_to_name(groups: set[int]) -> set[int]:
    """Those of the groups that everybody knows of, and that are large enough."""
    public = WorkingGroup.objects.filter(pk__in=groups, direct_key=None).exclude(kind=WorkingGroup.Kind.PRIVATE)
    members = Membership.objects.filter(group__in=public).values("group").annotate(members=Count("pk"))
    return set(members.filter(members__gte=FEWEST_TO_NAME).values_list("group", flat=True))


def monthly_counts(now: datetime) -> list[tuple[date, list[tuple[str, int]]]]:
    """How often what was done, by month, the newest first: of the decisions that are shown."""
    shown = Decision.objects.filter(
        made_at__lt=shown_before(now), made_at__gte=now - timedelta(days=31 * MONTHS_COUNTED)
    )
    counted = shown.annotate(month=TruncMonth("made_at")).values("month", "act").annotate(times=Count("pk"))
    months: dict[date, list[tuple[str, int]]] = {}
    for each in counted.order_by("-month", "act"):
        months.setdefault(each["month"], []).append((Act(each["act"]).label, each["times"]))
    return list(months.items())
