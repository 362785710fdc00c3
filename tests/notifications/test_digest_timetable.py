"""When digests are due: by each member's own clock, whatever clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.digests.timetable import EVERY_DAY, WEEKDAYS, is_choice_of_days, next_digest, said_days

LONDON, NEW_YORK, KATHMANDU = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")
ZONES = [
    LONDON,
    NEW_YORK,
    KATHMANDU,
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Asia/Beirut"),
    ZoneInfo("Pacific/Apia"),
]


def utc(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour", "now", "due"),
    [
        pytest.param(LONDON, 7, "2026-03-28T07:00", "2026-03-29T06:00", id="the day London's clocks go forward"),
        pytest.param(LONDON, 1, "2026-03-28T07:00", "2026-03-29T01:00", id="an hour that London skips"),
        pytest.param(LONDON, 7, "2026-10-24T07:00", "2026-10-25T07:00", id="the day London's clocks go back"),
        pytest.param(LONDON, 1, "2026-10-24T07:00", "2026-10-25T00:00", id="an hour that comes twice, the first time"),
        pytest.param(LONDON, 1, "2026-10-25T00:30", "2026-10-26T01:00", id="not in the second hour of that name"),
        pytest.param(NEW_YORK, 2, "2026-03-08T05:00", "2026-03-08T07:00", id="an hour that New York skips"),
        pytest.param(NEW_YORK, 7, "2026-11-01T00:00", "2026-11-01T12:00", id="the day New York's clocks go back"),
        pytest.param(KATHMANDU, 7, "2026-06-01T00:00", "2026-06-01T01:15", id="a quarter of an hour in Kathmandu"),
        pytest.param(LONDON, 7, "2028-02-28T07:00", "2028-02-29T07:00", id="the day that comes every four years"),
        pytest.param(LONDON, 0, "2026-12-31T12:00", "2027-01-01T00:00", id="midnight of the new year"),
    ],
)
def test_the_hour_is_the_members_own(zone: ZoneInfo, hour: int, now: str, due: str) -> None:
    assert next_digest(EVERY_DAY, hour, zone, now=utc(now)) == utc(due)


def test_only_on_the_chosen_days() -> None:
    friday = utc("2026-11-20T08:00")
    assert next_digest(WEEKDAYS, 7, LONDON, now=friday) == utc("2026-11-23T07:00")
    assert next_digest("2", 7, LONDON, now=friday) == utc("2026-11-25T07:00")
    assert next_digest("4", 7, LONDON, now=friday) == utc("2026-11-27T07:00")
    assert next_digest("", 7, LONDON, now=friday) is None


def test_a_day_that_has_had_its_digest_gets_no_other_at_a_later_hour() -> None:
    now = utc("2026-11-20T08:00")
    assert next_digest(EVERY_DAY, 18, LONDON, now=now) == utc("2026-11-20T18:00")
    assert next_digest(EVERY_DAY, 18, LONDON, now=now, after_day=date(2026, 11, 20)) == utc("2026-11-21T18:00")


@given(
    start=st.floats(utc("2024-01-01").timestamp(), utc("2030-01-01").timestamp()),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: "".join(map(str, sorted(days)))),
)
def test_each_chosen_day_is_due_once(start: float, hour: int, zone: ZoneInfo, days: str) -> None:
    now, had = datetime.fromtimestamp(start, UTC), None
    seen = []
    for _ in range(10):
        due = next_digest(days, hour, zone, now=now, after_day=had)
        assert due is not None
        assert due > now
        now, had = due, due.astimezone(zone).date()
        seen.append(had)
        assert str(had.weekday()) in days
    assert len(set(seen)) == len(seen)
    between = {seen[0] + timedelta(days=n) for n in range((seen[-1] - seen[0]).days + 1)}
    assert {day for day in between if str(day.weekday()) in days} == set(seen)


def test_days_are_said_and_read() -> None:
    assert [said_days(days) for days in (EVERY_DAY, WEEKDAYS, "", "0", "024")] == [
        "every day",
        "Monday to Friday",
        "never",
        "every Monday",
        "every Monday, Wednesday and Friday",
    ]
    assert [days for days in ("", "0", "06", "60", "00", "7", "x") if is_choice_of_days(days)] == ["", "0", "06"]
