"""Which moderators look first in which week. They put themselves down; nothing is enforced, and nobody counts who did."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from members.access import moderators
from members.models import Member
from members.permissions import allow, may_moderate
from members.refusals import BadRequest
from moderation.models import WeekOfFirstLooks

WEEKS_AHEAD = 8
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the rota, from this Monday on, as one moderator sees it."""

    monday: date
    names: list[str]
    is_mine: bool

    @property
    def sunday(self) -> date:
        return self.monday + A_WEEK - timedelta(days=1)


def mondays(today: date) -> list[date]:
    """The weeks that one can be down for: this one, and those after it."""
    this_monday = today - timedelta(days=today.weekday())
    return [this_monday + number * A_WEEK for number in range(WEEKS_AHEAD)]


def weeks_for(moderator: Member) -> list[Week]:
    """Who is down for them. Whoever does not moderate any more is left out, and so is who is suspended."""
    weeks = mondays(timezone.localdate())
    down: dict[date, list[tuple[int, str]]] = {monday: [] for monday in weeks}
    rows = WeekOfFirstLooks.objects.filter(monday__in=weeks, member__in=moderators())
    for monday, member, name in rows.order_by("pk").values_list("monday", "member", "member__display_name"):
        down[monday].append((member, name))
    return [Week(monday, [name for _, name in people], moderator.pk in dict(people)) for monday, people in down.items()]


@transaction.atomic
def look_first(moderator: Member, chosen: Collection[date]) -> None:
    """Be down for these weeks and for no others; past ones are forgotten. Raises NotAllowed, BadRequest."""
    allow(may_moderate(moderator, timezone.now()))
    if not set(chosen) <= set(mondays(timezone.localdate())):
        raise BadRequest("Choose among the weeks that are shown.", field="week")
    WeekOfFirstLooks.objects.filter(member=moderator).exclude(monday__in=chosen).delete()
    rows = [WeekOfFirstLooks(member=moderator, monday=monday) for monday in sorted(set(chosen))]
    WeekOfFirstLooks.objects.bulk_create(rows, ignore_conflicts=True)
