"""What is done to messages and rooms by those who keep the peace. Moderation decides who may and why; this does it.

Each says why (`Because`) and publishes PowerUsed in its own transaction, so that it stands in the record or does not happen.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from events.catalogue import Because, MessageHidden, MessageRestored, PowerUsed, QuoteChanged, RoomChanged
from events.publish import publish
from members.refusals import NotAllowed, NotHere
from rooms.access import held_membership, held_room, message_of_nobody
from rooms.actions.messages import advance, redraw_replies, take_away, take_next_version
from rooms.models import Membership, Message, Room


@transaction.atomic
def hide_message(message_id: int, because: Because) -> Message:
    """Take a message from every screen at once; its words are kept, so that it can be restored. Raises NotHere, NotAllowed."""
    message, room = held_message(message_id)
    if message.removed_at:
        raise NotAllowed("This message was removed already.")
    if message.hidden_at:
        return message
    message.hidden_at = timezone.now()
    message.pinned_at = message.pinned_by = None
    take_next_version(message, room, "hidden_at", "pinned_at", "pinned_by")
    publish(MessageHidden(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
    redraw_replies(message, room)
    used("hide", message, room, because)
    return message


@transaction.atomic
def restore_message(message_id: int, because: Because) -> Message:
    """Show a hidden message again, in its old place. Raises NotHere, NotAllowed."""
    message, room = held_message(message_id)
    if message.removed_at:
        raise NotAllowed("This message was removed for good. It cannot be restored.")
    if not message.hidden_at:
        return message
    message.hidden_at = None
    take_next_version(message, room, "hidden_at")
    publish(MessageRestored(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
    redraw_replies(message, room)
    used("restore", message, room, because)
    return message


@transaction.atomic
def take_down_message(message_id: int, because: Because) -> Message:
    """Remove a message for good: words, earlier wordings, files, mentions, reactions. Raises NotHere, NotAllowed."""
    message, room = held_message(message_id)
    if message.removed_at:
        raise NotAllowed("This message was removed already.")
    take_away(message, room, by_moderator=True)
    used("remove", message, room, because)
    return message


@transaction.atomic
def purge_message(message_id: int, because: Because) -> None:
    """Remove the words of a message for good, whatever became of it before. Where nothing is left, only the record says so."""
    found = message_of_nobody(message_id)
    if found is None:
        publish(PowerUsed(act="purge", because=because))
        return
    message, room = found
    if not message.removed_at:
        take_away(message, room, by_moderator=True)
    used("purge", message, room, because)


@transaction.atomic
def cut_quotation(message_id: int, text: str, wordings: Sequence[int], because: Because) -> None:
    """Leave a message with this text, without what it quoted, and without these earlier wordings; one left empty goes."""
    found = message_of_nobody(message_id)
    if found is None or found[0].removed_at:
        return
    message, room = found
    if text.strip():
        message.revisions.filter(pk__in=wordings).delete()
        # Drawn anew when it is read.
        message.text, message.html, message.html_version = text, "", 0
        take_next_version(message, room, "text", "html", "html_version")
        publish(QuoteChanged(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
        redraw_replies(message, room)
    else:
        take_away(message, room, by_moderator=True)
    used("purge", message, room, because)


@transaction.atomic
def silence_in_group(member_id: int, group_id: int, until: datetime | None, because: Because) -> Membership:
    """Let somebody read a group and not write in it, until then; None lets them write again. Raises NotHere."""
    membership = held_membership(member_id, group_id)
    if membership is None:
        raise NotHere
    membership.silenced_until = until
    membership.save(update_fields=["silenced_until"])
    act = "silence" if until else "end_silence"
    publish(PowerUsed(act=act, because=because, about=member_id, group=group_id, until=until))
    return membership


@transaction.atomic
def lock_by_moderator(room_id: int, because: Because, *, on: bool) -> Room:
    """Leave writing in a room to leaders and moderators, or give it back to everybody. Raises NotHere."""
    room = held_room(room_id)
    if room is None:
        raise NotHere
    if on == (room.locked_at is not None):
        return room
    advance(room, changed_version=room.version + 1, locked_at=timezone.now() if on else None)
    publish(RoomChanged(room=room.pk, group=room.group_id, version=room.version))
    act = "lock" if on else "unlock"
    publish(PowerUsed(act=act, because=because, group=room.group_id, room=room.pk))
    return room


def held_message(message_id: int) -> tuple[Message, Room]:
    """A message that its room still keeps, with the room locked for this transaction. Raises NotHere."""
    found = message_of_nobody(message_id)
    if found is None or found[0].cleared_at:
        raise NotHere
    return found


def used(act: str, message: Message, room: Room, because: Because) -> None:
    publish(
        PowerUsed(
            act=act, because=because, about=message.author_id, group=room.group_id, room=room.pk, message=message.pk
        )
    )
