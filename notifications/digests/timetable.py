"""When a member's digest is due: at the hour they chose, by their own clock, on the days they chose.

Pure functions of days, hours, zones and moments.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

EVERY_DAY = "0123456"
WEEKDAYS = "01234"


def is_choice_of_days(days: str) -> bool:
    """Whether these are days of the week, each once and in order."""
    return days == "".join(sorted(set(days) & set(EVERY_DAY)))


def next_digest(days: str, hour: int, zone: tzinfo, *, now: datetime, after_day: date | None = None) -> datetime | None:
    """The next moment at which a digest is due, in UTC; None for who wants none.

    `days`: weekdays as digits, Monday 0. `after_day`: the local day that has had its digest. An hour that the clock skips
    counts as the hour after it, and of one that comes twice the first counts, so that each day has its moment.
    """
    today = now.astimezone(zone).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        if str(day.weekday()) not in days or (after_day and day <= after_day):
            continue
        due = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if due > now:
            return due
    return None


def said_days(days: str) -> str:
    """`every day`, `Monday to Friday`, `every Monday and Thursday`, `never`."""
    if days in SAID:
        return SAID[days]
    names = [DAY_NAMES[int(day)] for day in days]
    return "every " + " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


SAID = {"": "never", EVERY_DAY: "every day", WEEKDAYS: "Monday to Friday"}
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
