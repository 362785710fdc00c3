"""How moderation goes, in figures for all members: by month, never by person, and late and coarse enough to point at nobody.

A month is shown when the record shows all of it (moderation/showing.py). One or two of anything are not told apart, and where
a part of something is that small, no part of it is said, for the others and the sum would give it away.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.db.models import Q
from django.utils import timezone

from moderation.models import Appeal, Case, Decision, GuardCount, Slip
from moderation.showing import shown_before
from rooms.models import HeldPost

MONTHS_SHOWN = 12
FEWEST = 3
"""Of anything, below which its number is not said."""
FEW = "one or two"
NOT_SAID = "too few to say"
POSTS_SHOWN_FOR = timedelta(weeks=2)
STATES = (HeldPost.State.POSTED, HeldPost.State.DECLINED, HeldPost.State.TAKEN_BACK, HeldPost.State.WAITING)


@dataclass(frozen=True, slots=True)
class Figure:
    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Month:
    first_day: date
    figures: list[Figure]


def figures_shown(now: datetime) -> list[Month]:
    """The last twelve months that are over and shown, the newest first: a query for each kind of row."""
    months = months_shown(now)
    begin = beginning_of(months[-1])
    cases = list(
        Case.objects.filter(Q(opened_at__gte=begin) | Q(closed_at__gte=begin)).values_list(
            "opened_at", "first_look_at", "closed_at"
        )
    )
    undone = Decision.objects.filter(made_at__gte=begin, undoes__isnull=False).values_list("made_at", flat=True)
    taken_back = Counter(map(month_of, undone))
    appeals = list(Appeal.objects.filter(made_at__gte=begin).values_list("made_at", "outcome"))
    guard = GuardCount.objects.filter(day__gte=months[-1]).values_list("day", "verdict", "times")
    counts = summed(guard)
    slips = Counter(map(month_of, Slip.objects.filter(flagged_at__gte=begin).values_list("flagged_at", flat=True)))
    return [
        Month(
            month,
            [
                *figures_of_cases(month, cases),
                Figure("Decisions taken back", blurred(taken_back[month])),
                *figures_of_appeals(month, appeals),
                *figures_of_guard(counts.get(month, {})),
                Figure("Messages flagged because they might name a patient", blurred(slips[month])),
            ],
        )
        for month in months
    ]


def posts_shown(now: datetime) -> list[Figure]:
    """Of the posts that came to wait in the last two weeks that are shown: answered ones are not kept much longer."""
    end = shown_before(now)
    held = HeldPost.objects.filter(held_at__gte=end - POSTS_SHOWN_FOR, held_at__lt=end)
    return figures_of_posts(held.values_list("state", flat=True))


def months_shown(now: datetime) -> list[date]:
    """The first days of the months of which nothing is too fresh, the newest first."""
    months = []
    end = month_of(shown_before(now))
    for _ in range(MONTHS_SHOWN):
        end = month_before(end)
        months.append(end)
    return months


def month_of(moment: datetime) -> date:
    return timezone.localtime(moment).date().replace(day=1)


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def beginning_of(month: date) -> datetime:
    return timezone.make_aware(datetime.combine(month, time.min))


type CaseRow = tuple[datetime, datetime | None, datetime | None]
"""When it was last opened, first looked at, and closed."""


def figures_of_cases(month: date, cases: Iterable[CaseRow]) -> list[Figure]:
    opened = [(at, look) for at, look, _ in cases if month_of(at) == month]
    closed = sum(1 for _, _, at in cases if at and month_of(at) == month)
    # A case that was opened again had its first look before that.
    waits = [(look - at).total_seconds() for at, look in opened if look and look >= at]
    return [
        Figure("Cases opened", blurred(len(opened))),
        Figure("Cases closed", blurred(closed)),
        Figure("Median time to the first look", lasting(median(waits)) if len(waits) >= FEWEST else NOT_SAID),
    ]


def figures_of_appeals(month: date, appeals: Iterable[tuple[datetime, str]]) -> list[Figure]:
    """Of the appeals made in a month, whatever became of them since."""
    outcomes = Counter(outcome for at, outcome in appeals if month_of(at) == month)
    made = outcomes.total()
    upheld, overturned, _ = parts_of([outcomes[each] for each in (*Appeal.Outcome.values, "")])
    return [
        Figure("Appeals made", blurred(made)),
        Figure("… in which the decision stands", upheld),
        Figure("… in which it was taken back", overturned),
    ]


def figures_of_posts(states: Iterable[str]) -> list[Figure]:
    """What became of posts that waited for a look."""
    counts = Counter(states)
    posted, declined, taken_back, _ = parts_of([counts[each] for each in STATES])
    return [
        Figure("Posts that waited", blurred(counts.total())),
        Figure("… and were let through", posted),
        Figure("… and were not posted", declined),
        Figure("… and were taken back by their author", taken_back),
    ]


def figures_of_guard(counts: Mapping[str, int]) -> list[Figure]:
    """What the patient-data guard did; each kind of thing that it saw in a text counts."""
    return [
        Figure("Patient-data guard: asked", blurred(counts.get("asked", 0))),
        Figure("… went on after the question", blurred(counts.get("went_on", 0))),
        Figure("… stopped", blurred(counts.get("stopped", 0))),
    ]


def summed(rows: Iterable[tuple[date, str, int]]) -> dict[date, Counter[str]]:
    """Counts by day, as counts by month."""
    months: dict[date, Counter[str]] = {}
    for day, verdict, times in rows:
        months.setdefault(day.replace(day=1), Counter())[verdict] += times
    return months


def blurred(count: int) -> str:
    if count == 0:
        return "none"
    return FEW if count < FEWEST else f"{count:,}"


def parts_of(parts: Sequence[int]) -> list[str]:
    """All the parts that something has: said where none of them is one or two."""
    if any(0 < part < FEWEST for part in parts):
        return [NOT_SAID for _ in parts]
    return [blurred(part) for part in parts]


def lasting(seconds: float) -> str:
    """As coarse as one says it: `25 minutes`, `3 hours`, `2 days`."""
    minutes = round(seconds / 60)
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {unit}s"
    return "under a minute" if minutes < 1 else f"{minutes} minute{'s' if minutes > 1 else ''}"
