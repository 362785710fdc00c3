"""How much of some work waits and how much has failed, for whoever runs the server."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Min, QuerySet


class Backlog(NamedTuple):
    """Numbers and a time, never whose or what."""

    waiting: int
    failed: int
    oldest: datetime | None
    """Since when the longest of it waits."""


def backlog(waiting: QuerySet[Any], *, since: str, failed: QuerySet[Any]) -> Backlog:
    """`since` names the column that says from when on a row waits."""
    found = waiting.aggregate(waiting=Count("pk"), oldest=Min(since))
    return Backlog(found["waiting"], failed.count(), found["oldest"])
