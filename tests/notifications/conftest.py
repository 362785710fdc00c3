"""A real mail server, and the hour at which digests are due."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


class Clock:
    """What the time is said to be: noon of tomorrow where the community is, and then moved.

    Not the true time: a day after one o'clock at night no digest is due yet, a day after noon there is. Never behind it: what
    takes its time from a column's default takes the true one, and lies in the past.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        true_now = timezone.now
        local = timezone.localtime(true_now(), LONDON)
        self.ahead = datetime.combine(local.date() + timedelta(days=1), time(12), LONDON) - local
        monkeypatch.setattr(timezone, "now", lambda: true_now() + self.ahead)

    def moves(self, **by: float) -> None:
        """clock.moves(days=1), clock.moves(hours=-3)"""
        self.ahead += timedelta(**by)

    def is_at_noon_of_a(self, weekday: int) -> None:
        """Of the coming Monday (0) or another day, where the community is: outside everybody's quiet hours."""
        local = timezone.localtime(timezone.now(), LONDON)
        day = local.date() + timedelta(days=(weekday - local.weekday()) % 7 or 7)
        self.ahead += datetime.combine(day, time(12), LONDON) - local


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
