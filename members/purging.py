"""Words that must go for good, with every copy: what a purger is told, and what this floor keeps.

Every floor purges its own: settings.PURGED_AT_ONCE and settings.PURGED_AFTER name those functions, like the erasers of a
member. Each may be called again after a crash. `docs/patient-slip.md` lists every place that can hold words, and a test holds
the list to the models.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from events.catalogue import Because
from members.copies import remove_files_of
from members.models import DataCopy
from members.traces import Traces


@dataclass(frozen=True, slots=True)
class Purge:
    """A message whose words go. They may be gone already: copies are found by their traces."""

    message: int
    case: int
    authors: tuple[int, ...]
    """Whoever wrote it, or quotes it."""
    traces: Traces
    stored: tuple[str, ...]
    """Under which names its files were stored."""
    quoting: tuple[int, ...]
    """Messages whose quotations of it go too, as a guardian chose."""
    posted_at: datetime
    because: Because


type Counts = Mapping[str, int]
"""Place, in words for the receipt → how much was there."""
type Purger = Callable[[Purge], Counts]


@cache
def purger_called(name: str) -> Purger:
    purger: Purger = import_string(name)
    return purger


def purgers() -> tuple[list[str], list[str]]:
    """The names of those that run with the words themselves, and of those that follow."""
    return list(settings.PURGED_AT_ONCE), list(settings.PURGED_AFTER)


# --- What this floor keeps ---


def purge_copies(purge: Purge) -> Counts:
    """Copies of data that an author has ready, or that are being made, are made anew without the words.

    Whoever is writing one now finds its row gone, and throws it away.
    """
    replaced = 0
    for copy in DataCopy.objects.filter(member__in=purge.authors, failed_at=None).exclude(claimed_at=None):
        # The claim may be older than the words' going, whatever state the copy is in.
        remove_files_of(copy)
        DataCopy.objects.create(member_id=copy.member_id, asked_at=copy.asked_at)
        copy.delete()
        replaced += 1
    return {"Copies of their data that members had asked for": replaced}
