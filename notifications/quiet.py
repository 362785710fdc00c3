"""Quiet hours: when nothing may buzz or ring for a member. Pure functions of a choice, a zone and a moment.

They are the same on all devices, for they are kept here and not there. Only letters about a member's own sign-in and own
data break them, and for moderators that something cannot wait (notifications/push/urgent.py). What else comes meanwhile
waits until they are over, and is then told once. The digest does not ring; it comes at its own hour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

EVENINGS, NIGHTS, OWN, NEVER = "evenings", "nights", "own", "never"
type Hours = Sequence[int] | None
"""From which hour until which one may disturb them, by the member's clock; None: not on that day.

24 is midnight. An hour that is not later than the first is the next day's, as on a night shift.
"""
WEEKS: dict[str, list[Hours]] = {
    EVENINGS: [*[(8, 18)] * 5, None, None],
    NIGHTS: [(7, 22)] * 7,
    NEVER: [(0, 24)] * 7,
}


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a member chose: a pattern, for `own` the hours of each day from Monday on, and perhaps peace until a moment."""

    pattern: str = EVENINGS
    own: Sequence[Hours] = ()
    until: datetime | None = None

    def hours_on(self, day: date) -> Hours:
        week = self.own if self.pattern == OWN else WEEKS[self.pattern]
        return week[day.weekday()] if day.weekday() < len(week) else None


def may_disturb(quiet: Quiet, zone: tzinfo, now: datetime) -> bool:
    """Whether something may buzz now."""
    if quiet.until and now < quiet.until:
        return False
    return any(begins <= now < ends for begins, ends in openings(quiet, zone, now))


def next_opening(quiet: Quiet, zone: tzinfo, now: datetime) -> datetime | None:
    """The first moment from now on at which something may; None for who never wants to be disturbed."""
    earliest = max(now, quiet.until) if quiet.until else now
    for begins, ends in openings(quiet, zone, earliest):
        if ends > earliest:
            return max(begins, earliest)
    return None


def closes_at(quiet: Quiet, zone: tzinfo, now: datetime) -> datetime:
    """Until when from now on something may, without a pause, as far as a week ahead; now itself where nothing may."""
    until = now
    if may_disturb(quiet, zone, now):
        for begins, ends in openings(quiet, zone, now):
            if begins <= until < ends:
                until = ends
    return until


def openings(quiet: Quiet, zone: tzinfo, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times in UTC in which one may disturb, from the day before on, for somewhat more than a week, in order."""
    today = now.astimezone(zone).date()
    for ahead in range(-1, 9):
        day = today + timedelta(days=ahead)
        hours = quiet.hours_on(day)
        if hours:
            begins, ends = hours
            last_day = day if begins < ends < 24 else day + timedelta(days=1)
            yield moment(day, begins, zone), moment(last_day, ends % 24, zone)


def moment(day: date, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
