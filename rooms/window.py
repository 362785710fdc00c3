"""Which messages of a room a page shows to a member who stands before it, and how they lie in days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import prefetch_related_objects
from django.utils import timezone

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
    older = stretch(older_than(standing, created, PAGE + 1))
    return Window(drawn(older[-PAGE:]), has_older=len(older) > PAGE, has_newer=True)


def window_after(standing: Standing, created: int) -> Window:
    """The page that begins just after `created`."""
    newer = stretch(newer_than(standing, created, PAGE + 1))
    return Window(drawn(newer[:PAGE]), has_older=True, has_newer=len(newer) > PAGE)


def around(standing: Standing, created: int) -> tuple[list[Message], list[Message]]:
    """A page and one message more of those below `created`, and of those from there on, each in order."""
    return stretch(older_than(standing, created, PAGE + 1)), stretch(newer_than(standing, created - 1, PAGE + 1))


def page_of(older: list[Message], newer: list[Message], *, before: int) -> Window:
    """A page of which `before` messages are the last of `older`. Both lists are longer than a page, or all there is."""
    above = older[-before:]
    below = PAGE - len(above)
    return Window(drawn(above + newer[:below]), has_older=len(older) > before, has_newer=len(newer) > below)


def older_than(standing: Standing, created: int, most: int) -> MessageQuerySet:
    return messages_in(standing).filter(created_version__lt=created).order_by("-created_version")[:most]


def newer_than(standing: Standing, created: int, most: int) -> MessageQuerySet:
    return messages_in(standing).filter(created_version__gt=created).order_by("created_version")[:most]


def messages_in(standing: Standing) -> MessageQuerySet:
    """Those that the member may read, and nothing older."""
    return Message.objects.filter(room=standing.room).kept().above(standing.floor).with_people()


def stretch(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: message.created_version)


def drawn(messages: list[Message]) -> list[Message]:
    """The same messages with their reactions, mentions and files, in three queries."""
    prefetch_related_objects(messages, *beside_the_words())
    return messages
