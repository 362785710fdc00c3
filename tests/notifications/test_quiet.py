"""Quiet hours: evenings, nights and weekends unless one says otherwise, by one's own clock, whatever clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.quiet import EVENINGS, NEVER, NIGHTS, OWN, Hours, Quiet, closes_at, may_disturb, next_opening

LONDON, NEW_YORK, KATHMANDU = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")
NIGHT_SHIFT: list[Hours] = [(20, 8), (20, 8), None, None, None, None, (20, 8)]


def utc(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "opens"),
    [
        pytest.param(Quiet(), LONDON, "2026-11-23T09:00", "2026-11-23T09:00", id="a Monday morning is open"),
        pytest.param(Quiet(), LONDON, "2026-11-23T18:00", "2026-11-24T08:00", id="the evening is not"),
        pytest.param(Quiet(), LONDON, "2026-11-20T18:00", "2026-11-23T08:00", id="nor is the weekend"),
        pytest.param(Quiet(), LONDON, "2026-10-23T18:00", "2026-10-26T08:00", id="over the end of summer time"),
        pytest.param(Quiet(), LONDON, "2026-03-27T18:00", "2026-03-30T07:00", id="over its beginning"),
        pytest.param(Quiet(NIGHTS), LONDON, "2026-03-29T00:30", "2026-03-29T06:00", id="in the short night"),
        pytest.param(Quiet(NIGHTS), NEW_YORK, "2026-11-01T04:30", "2026-11-01T12:00", id="in the long night"),
        pytest.param(Quiet(), KATHMANDU, "2026-11-23T12:20", "2026-11-24T02:15", id="a quarter past in Kathmandu"),
        pytest.param(Quiet(NEVER), LONDON, "2026-11-22T03:00", "2026-11-22T03:00", id="who wants no quiet"),
        pytest.param(Quiet(OWN, NIGHT_SHIFT), LONDON, "2026-11-24T03:00", "2026-11-24T03:00", id="on the night shift"),
        pytest.param(Quiet(OWN, NIGHT_SHIFT), LONDON, "2026-11-24T08:00", "2026-11-24T20:00", id="after it"),
        pytest.param(Quiet(OWN, NIGHT_SHIFT), LONDON, "2026-11-25T09:00", "2026-11-29T20:00", id="on days off"),
        pytest.param(
            Quiet(NIGHTS, until=utc("2026-11-25T12:00")), LONDON, "2026-11-23T12:00", "2026-11-25T12:00", id="peace"
        ),
    ],
)
def test_it_opens_by_the_members_own_clock(quiet: Quiet, zone: ZoneInfo, now: str, opens: str) -> None:
    assert next_opening(quiet, zone, utc(now)) == utc(opens)
    assert may_disturb(quiet, zone, utc(now)) == (now == opens)


def test_who_chose_no_hours_is_never_disturbed() -> None:
    assert next_opening(Quiet(OWN, [None] * 7), LONDON, utc("2026-11-23T09:00")) is None
    assert not may_disturb(Quiet(OWN, []), LONDON, utc("2026-11-23T09:00"))


@pytest.mark.parametrize(
    ("quiet", "now", "closes"),
    [
        pytest.param(Quiet(), "2026-11-23T09:00", "2026-11-23T18:00", id="until the evening"),
        pytest.param(Quiet(), "2026-11-23T18:00", "2026-11-23T18:00", id="it is closed"),
        pytest.param(Quiet(NEVER), "2026-11-23T23:30", "2026-12-02T00:00", id="midnight is no end"),
        pytest.param(Quiet(OWN, NIGHT_SHIFT), "2026-11-23T23:30", "2026-11-24T08:00", id="until the shift ends"),
        pytest.param(Quiet(NIGHTS, until=utc("2026-11-25T12:00")), "2026-11-23T12:00", "2026-11-23T12:00", id="peace"),
    ],
)
def test_until_when_it_is_open(quiet: Quiet, now: str, closes: str) -> None:
    assert closes_at(quiet, LONDON, utc(now)) == utc(closes)


hours = st.none() | st.tuples(st.integers(0, 23), st.integers(1, 24))


# A machine that is busy with other things says nothing against the rule.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    now=st.floats(utc("2024-01-01").timestamp(), utc("2030-01-01").timestamp()).map(
        lambda seconds: datetime.fromtimestamp(int(seconds), UTC)
    ),
    zone=st.sampled_from([LONDON, NEW_YORK, KATHMANDU, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Chatham")]),
    quiet=st.builds(
        Quiet, st.sampled_from([EVENINGS, NIGHTS, NEVER, OWN]), st.lists(hours, min_size=7, max_size=7), st.none()
    ),
)
def test_the_next_opening_is_open_and_nothing_before_it_is(now: datetime, zone: ZoneInfo, quiet: Quiet) -> None:
    opens = next_opening(quiet, zone, now)
    if opens is None:
        assert all(not may_disturb(quiet, zone, now + timedelta(hours=hour)) for hour in range(200))
        return
    assert may_disturb(quiet, zone, opens)
    before = opens - timedelta(seconds=1)
    assert opens == now or not may_disturb(quiet, zone, before)
    assert opens == now or not may_disturb(quiet, zone, now)
    for part in range(1, 20):
        between = now + (opens - now) * part / 20
        assert opens == now or not may_disturb(quiet, zone, between)
