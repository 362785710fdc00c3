"""Who may have seen a message, as far as notices and mail know: see rooms/seen.py."""

from collections.abc import Iterator

from django.db.models import Q

from notifications.models import Digest, MissedLetter, Notice
from rooms.models import Membership, Message

STARTED = ("sending", "sent", "unknown")
"""A letter that was handed over, or may have been."""


def who_was_told(message: Message) -> Iterator[tuple[int, str]]:
    """Who saw a notice of it; who was sent a letter or a digest since it was posted. What a letter said is not kept."""
    notices = Notice.objects.filter(message=message)
    for member in notices.filter(seen_at__isnull=False).values_list("member_id", flat=True):
        yield member, "notice"
    mailed = frozenset(notices.filter(mailed_at__isnull=False).values_list("member_id", flat=True))
    for place in message.places:
        # Of a sensitive room words leave by no mail.
        if not place.room.is_sensitive:
            yield from who_was_written_to(place, mailed)


def who_was_written_to(message: Message, mailed: frozenset[int]) -> Iterator[tuple[int, str]]:
    """While it stood at this place."""
    letters = MissedLetter.objects.filter(
        room=message.room_id, state__in=STARTED, settles_version__gte=message.created_version
    )
    since = Q(ended_at__gte=message.posted_at) | Q(ended_at=None)
    for member in letters.filter(since).values_list("member_id", flat=True):
        yield member, "letter"
    digests = Digest.objects.filter(
        since,
        state__in=STARTED,
        member__in=Membership.objects.filter(group=message.room.group_id).values("member"),
    )
    for digest in digests:
        if digest.since.get(str(message.room_id), 0) < message.created_version or digest.member_id in mailed:
            yield digest.member_id, "digest"
