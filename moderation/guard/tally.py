"""Counts what the guard did: by day, verdict and kind, and nothing else. Never who, nor what it was."""

from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from moderation.models import GuardCount


def count(verdict: str, kinds: Iterable[str]) -> None:
    """`verdict`: stopped, asked, went_on. Screens come before the transaction, so that a refusal does not undo it."""
    day = timezone.localdate()
    for kind in kinds:
        rows = GuardCount.objects.filter(day=day, verdict=verdict, kind=kind)
        if not rows.update(times=F("times") + 1):
            GuardCount.objects.get_or_create(day=day, verdict=verdict, kind=kind)
            rows.update(times=F("times") + 1)
