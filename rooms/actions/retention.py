"""How long a room keeps its messages: a leader says so, and the house clears what is older.

Cleared is removed, and more: nothing shows that there was something. Nobody loses words unwarned: between the day on which a
limit is set, or made shorter, and the first clearing lie fourteen days, and all members are told. Pinned messages stay.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from events.catalogue import QuoteChanged, RetentionSet
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest
from rooms.access import message_of_nobody
from rooms.actions.messages import take_away, take_next_version
from rooms.actions.rooms import change, standing_in_group
from rooms.models import Message, MessageQuerySet, Room
from rooms.terms import months_after

CHOICES = {1: "1 month", 3: "3 months", 6: "6 months", 12: "1 year", 24: "2 years", 60: "5 years"}
"""Months that a room may keep its messages."""
GRACE = timedelta(days=14)
ROWS_KEPT = timedelta(days=30)
"""So long the empty row of a cleared message stays, for screens that were away to hear of it."""
AT_A_TURN = 200
"""Messages, before other work has its turn."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a limit would do: from which day on, and how many messages that stand today go on that day."""

    months: int | None
    begins: date | None
    messages: int


def preview(room: Room, months: int | None) -> Preview:
    """What it would mean to keep messages so long. Raises BadRequest for a time that is not offered."""
    if months is None:
        return Preview(None, None, 0)
    if months not in CHOICES:
        raise BadRequest("Choose one of these times.", field="months")
    begins = beginning(room, months)
    first = max(begins, timezone.localdate())
    return Preview(months, begins, cleared_on(room, months, first).standing().count())


def beginning(room: Room, months: int) -> date:
    """A longer limit than the present begins when that one does; a new or a shorter one after the days of grace."""
    if room.keep_months and room.keep_from and months >= room.keep_months:
        return room.keep_from
    return timezone.localdate() + GRACE


def cleared_on(room: Room, months: int, day: date) -> MessageQuerySet:
    """The messages that go on that day, of those that are there now."""
    return Message.objects.kept().filter(room=room, pinned_at=None, posted_at__lt=oldest_kept(months, day))


def oldest_kept(months: int, day: date) -> datetime:
    """What was posted before it goes on that day."""
    return timezone.make_aware(datetime.combine(months_after(day, -months), time.min))


def keeps(room: Room, posted_at: datetime) -> bool:
    """Whether a message of that time would stay in this room, and not go at the next clearing."""
    if not room.keep_months or not room.keep_from:
        return True
    return posted_at >= oldest_kept(room.keep_months, max(room.keep_from, timezone.localdate()))


@transaction.atomic
def keep_messages(member: Member, room_id: int, months: int | None, *, before: int | None) -> Room:
    """Set how long a room keeps its messages; None: without an end. `before`: the limit that the member saw when they chose.

    Raises NotHere, NotAllowed, BadRequest.
    """
    standing = standing_in_group(member, room_id, locked=True)
    allow(permissions.may_set_retention(standing.member, standing.membership, timezone.now()))
    room = standing.room
    if room.keep_months != before:
        raise BadRequest("Somebody else has changed this meanwhile. Look again before you choose.", code="changed")
    wished = preview(room, months)
    if months == room.keep_months:
        return room
    change(standing, keep_months=months, keep_from=wished.begins)
    if months:
        publish(RetentionSet(room=room.pk, group=room.group_id, by=member.pk))
    return room


def clear_old_messages(most: int = AT_A_TURN) -> int:
    """Clear what rooms no longer keep, each message in a transaction of its own, and forget rows cleared long ago."""
    cleared = 0
    for room in Room.objects.filter(keep_months__isnull=False, keep_from__lte=timezone.localdate()).order_by("pk"):
        for message_id in due_in(room, most - cleared):
            cleared += clear(message_id)
        if cleared >= most:
            break
    forget_cleared(timezone.now() - ROWS_KEPT)
    return cleared


def due_in(room: Room, most: int) -> list[int]:
    """The oldest messages of a room that it no longer keeps."""
    assert room.keep_months is not None  # the query asked
    due = cleared_on(room, room.keep_months, timezone.localdate())
    return list(due.order_by("created_version").values_list("pk", flat=True)[:most])


@transaction.atomic
def clear(message_id: int) -> bool:
    """Clear one message, if it still is to be: its limit may have been lifted, or it may have been pinned, meanwhile."""
    found = message_of_nobody(message_id)
    if found is None:
        return False
    message, room = found
    months, today = room.keep_months, timezone.localdate()
    if not months or not room.keep_from or room.keep_from > today:
        return False
    if not cleared_on(room, months, today).filter(pk=message.pk).exists():
        return False
    replies = list(message.replies.kept().order_by("created_version"))
    message.replies.update(reply_to=None)
    message.cleared_at = timezone.now()
    message.save(update_fields=["cleared_at"])
    take_away(message, room)
    for reply in replies:
        # They no longer quote what is gone, and later, when its row goes too, nothing changes any more.
        reply.reply_to = None
        take_next_version(reply, room)
        publish(QuoteChanged(room=room.pk, group=room.group_id, version=reply.version, message=reply.pk))
    return True


def forget_cleared(before: datetime) -> None:
    """Delete empty rows; who was away since before their clearing then begins anew: `Room.forgotten_version`."""
    # What the law requires to be kept of its files points at a row until it has gone.
    gone = Message.objects.filter(cleared_at__lt=before, files=None)
    for room_id, version in list(gone.values_list("room").annotate(Max("version")).order_by("room")):
        with transaction.atomic():
            Room.objects.filter(pk=room_id, forgotten_version__lt=version).update(forgotten_version=version)
            gone.filter(room=room_id, version__lte=version).delete()
