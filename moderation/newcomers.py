"""What is looked at first because its author has only just come, or because the same goes to many rooms.

A newcomer is somebody whom no member invited, in their first week and until three of their messages stand. Then it is over,
by itself.
"""

import re
import time
from collections import OrderedDict
from datetime import timedelta
from hashlib import blake2b
from threading import Lock

from django.utils import timezone

from frontend.text import EVERYONE, names_mentioned
from members.models import Invitation, Member
from members.permissions import is_moderator
from members.screens import Draft, Hold
from rooms.models import Message

NEW_FOR = timedelta(days=7)
FIRST_MESSAGES = 3
MOST_MENTIONS = 2
LINK = re.compile(r"\bhttps?://|\bwww\.\w", re.IGNORECASE)

SAME_WITHIN = 600.0
"""Seconds."""
MOST_ROOMS = 2
SHORT = 25
"""Letters. "Thank you" is said in many rooms."""
KEPT = 5_000


def screen_newcomer(draft: Draft) -> Hold | None:
    """Links, several names or the whole room: what those send who come to advertise. Asks the database only then."""
    if (
        draft.author is None
        or draft.kind not in ("message", "edit")
        or timezone.now() - draft.author.joined_at > NEW_FOR
    ):
        return None
    what = unusual_in(draft.text)
    if not what or not is_new_here(draft.author):
        return None
    return Hold(
        "newcomer",
        f"You have only just come, and it {what}: so a moderator looks at it first. "
        f"That ends by itself, after {FIRST_MESSAGES} messages or a week.",
    )


def unusual_in(text: str) -> str:
    if LINK.search(text):
        return "has a link in it"
    names = names_mentioned(text)
    if EVERYONE in names:
        return "calls everybody in the room"
    return f"names more than {MOST_MENTIONS} people" if len(names) > MOST_MENTIONS else ""


def is_new_here(member: Member) -> bool:
    if is_moderator(member) or Invitation.objects.filter(used_by=member).exclude(invited_by=None).exists():
        return False
    return Message.objects.filter(author=member).standing()[:FIRST_MESSAGES].count() < FIRST_MESSAGES


class Lately:
    """In which rooms somebody said the same lately: a digest of the words, never the words. Counted in this process."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[tuple[int, bytes], dict[int, float]] = OrderedDict()
        self._lock = Lock()

    def rooms_with(self, member: int, text: str, room: int) -> int:
        """How many rooms have the same words of this member within the time, this one too; counts this one."""
        now = time.monotonic()
        key = (member, blake2b(" ".join(text.casefold().split()).encode(), digest_size=16).digest())
        with self._lock:
            rooms = self._rooms.pop(key, {})
            rooms = {each: at for each, at in rooms.items() if now - at < SAME_WITHIN} | {room: now}
            self._rooms[key] = rooms
            if len(self._rooms) > KEPT:
                self._rooms.popitem(last=False)
            return len(rooms)


LATELY = Lately()


def screen_repeated(draft: Draft) -> Hold | None:
    """The same words in one room after another."""
    if draft.author is None or draft.kind != "message" or draft.room is None:
        return None
    if len(draft.text) < SHORT or is_moderator(draft.author):
        return None
    if LATELY.rooms_with(draft.author.pk, draft.text, draft.room) <= MOST_ROOMS:
        return None
    return Hold(
        "repeated", f"You sent the same to {MOST_ROOMS} other rooms just now: so a moderator looks at it first."
    )
