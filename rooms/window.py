"""Which messages of a room a page shows to a member who stands before it, and how they lie in days."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import prefetch_related_objects
from django.utils import timezone

from members.written_once import written_once
from rooms.access import Standing
from rooms.models import Message, MessageQuerySet, beside_the_words

PAGE = 50
BEFORE_UNREAD = 12
"""Messages shown above the first unread, so that one reads it in its context."""
AROUND = 25


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a room's messages without a gap, in order."""

    messages: list[Message]
    has_older: bool
    has_newer: bool

    @property
    def days(self) -> list[tuple[date, list[Message]]]:
        """The messages by the day they were posted, in the time zone that is active."""
        by_day = groupby(self.messages, key=lambda message: timezone.localtime(message.posted_at).date())
        return [(day, list(messages)) for day, messages in by_day]


def window_at_first_unread(standing: Standing, read: int) -> Window:
    """From a little before the first unread message on; the newest messages when all is read."""
    older, unread = around(standing, read + 1)
    if len(unread) > PAGE:
        return page_of(older, unread, before=BEFORE_UNREAD)
    newest = older + unread
    return Window(drawn(newest[-PAGE:]), has_older=len(newest) > PAGE, has_newer=False)


def window_around(standing: Standing, created: int, *, before: int = AROUND) -> Window:
    """A page with the message at `created` in it, and `before` older ones above."""
    older, newer = around(standing, created)
    return page_of(older, newer, before=before)


def window_before(standing: Standing, created: int) -> Window:
    """The page that ends just before `created`."""
    older = older_than(standing, created)
    return Window(drawn(older[-PAGE:]), has_older=len(older) > PAGE, has_newer=True)


def window_after(standing: Standing, created: int) -> Window:
    """The page that begins just after `created`."""
    newer = newer_than(standing, created)
    return Window(drawn(newer[:PAGE]), has_older=True, has_newer=len(newer) > PAGE)


def around(standing: Standing, created: int) -> tuple[list[Message], list[Message]]:
    """A page and one message more of those below `created`, and of those from there on, each in order."""
    return older_than(standing, created), newer_than(standing, created - 1)


def page_of(older: list[Message], newer: list[Message], *, before: int) -> Window:
    """A page of which `before` messages are the last of `older`. Both lists are longer than a page, or all there is."""
    above = older[-before:]
    below = PAGE - len(above)
    return Window(drawn(above + newer[:below]), has_older=len(older) > before, has_newer=len(newer) > below)


def older_than(standing: Standing, created: int) -> list[Message]:
    """A page and one message more of what the member may read below `created`, in order."""
    if created <= standing.floor + 1:
        return []  # Nothing can stand between them: somebody's first look.
    return last_between(standing.room.pk, standing.floor, created)[::-1]


def newer_than(standing: Standing, created: int) -> list[Message]:
    """A page and one message more of what the member may read above `created`, in order."""
    return first_above(standing.room.pk, max(created, standing.floor))


@written_once
def last_between(room_id: int, floor: int, created: int) -> MessageQuerySet:
    messages = Message.objects.kept().filter(room=room_id, created_version__gt=floor, created_version__lt=created)
    return messages.with_people().order_by("-created_version")[: PAGE + 1]


@written_once
def first_above(room_id: int, created: int) -> MessageQuerySet:
    messages = Message.objects.kept().filter(room=room_id, created_version__gt=created)
    return messages.with_people().order_by("created_version")[: PAGE + 1]


def drawn(messages: list[Message]) -> list[Message]:
    """The same messages with their reactions, mentions and files, in three queries."""
    prefetch_related_objects(messages, *beside_the_words())
    return messages
