"""Moving a message that stands in the wrong room, and back. Moderation decides who may and why; this does it.

The message keeps its row, and so its address, files, reactions, earlier wordings, notices and cases. In the room that it
leaves, a row without words takes its place, under the next version there: so who was away hears of it like of any change.
docs/decisions/0018.
"""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from events.catalogue import Because, MessageMoved, MessagePosted, QuoteChanged
from events.publish import publish
from members.refusals import NotAllowed
from rooms.access import message_and_rooms
from rooms.actions.messages import advance, redraw_replies, take_next_version
from rooms.actions.moderating import used
from rooms.actions.retention import keeps
from rooms.drawing import message_html
from rooms.models import HeldPost, Message, Room

IS_REMOVED = "This message is hidden or removed, so it cannot be moved."


@transaction.atomic
def move_message(message_id: int, to: int, because: Because) -> Message:
    """Put a message at the end of another room of its group; its place says that it was moved. Raises NotHere, NotAllowed."""
    message, here, there = message_and_rooms(message_id, to)
    if reason := against_moving(message, here, there):
        raise NotAllowed(reason)
    now = timezone.now()
    left = place_of(message, now, moved_at=message.moved_at)
    advance(there, last_message_at=now)
    come_to(message, there, there.version, reply_to_id=None, moved_at=now)
    stand_for(left, here)
    message.replies.update(reply_to=left)
    HeldPost.objects.filter(reply_to=message).update(reply_to=left)
    tell_place(left, here)
    redraw_replies(left, here)
    tell_arrived(message, there)
    used("move", message, here, because)
    return message


def against_moving(message: Message, here: Room, there: Room) -> str:
    """Why it has to stay; nothing is moved to where somebody could read it who cannot now, or where it would be lost."""
    if message.is_removed:
        return IS_REMOVED
    if here.pk == there.pk:
        return "It stands in that room already."
    if here.group_id != there.group_id:
        return (
            "A message is moved within its working group. Elsewhere it would be read by people it was not written to."
        )
    if here.is_sensitive and not there.is_sensitive:
        return "What is said in its room does not leave by mail, and what is said in the other one does."
    if not keeps(there, message.posted_at):
        return "The other room keeps messages for a shorter time, and would clear this one."
    kept_from = here.readings.filter(floor__gte=message.created_version, member__memberships__group=here.group_id)
    if kept_from.exists():
        return "Some members joined after this was written and cannot read it here. In another room they could."
    return ""


@transaction.atomic
def move_back(message_id: int, because: Because) -> Message:
    """Put a message back into the place where it stood before it was moved last. Raises NotHere, NotAllowed."""
    place = Message.objects.kept().filter(moved_to=message_id).order_by("-pk").first()
    if place is None:
        raise NotAllowed("The place where it stood is gone.")
    message, there, here = message_and_rooms(message_id, place.room_id)
    # Read again, with its room locked: it may have been cleared in between.
    left = Message.objects.kept().filter(pk=place.pk, room=here, moved_to=message).first()
    if left is None:
        raise NotAllowed("The place where it stood is gone.")
    if message.is_removed:
        raise NotAllowed("It was hidden or removed meanwhile, so it is not moved back.")
    answers = list(message.replies.kept().order_by("created_version"))
    emptied = place_of(message, timezone.now(), cleared_at=timezone.now())
    message.replies.update(reply_to=None)
    HeldPost.objects.filter(reply_to=message).update(reply_to=None)
    left.replies.update(reply_to=message)
    HeldPost.objects.filter(reply_to=left).update(reply_to=message)
    replied, moved_before = left.reply_to_id, left.moved_at
    left.delete()
    advance(here)
    come_to(message, here, left.created_version, reply_to_id=replied, moved_at=moved_before)
    stand_for(emptied, there)
    tell_place(emptied, there)
    for answer in answers:
        # As where a message is cleared: nothing shows that there was something, so they no longer say whom they answer.
        answer.reply_to = None
        take_next_version(answer, there)
        publish(QuoteChanged(room=there.pk, group=there.group_id, version=answer.version, message=answer.pk))
    tell_place(message, here)
    redraw_replies(message, here)
    used("move_back", message, there, because)
    return message


def place_of(message: Message, now: datetime, **kept: datetime | None) -> Message:
    """A row without words for the place where a message stands: to everything else it is one that was removed.

    It keeps what belongs to the place and not to the message: whom it answers there, and since when it stood there.
    """
    return Message(
        room=message.room,
        created_version=message.created_version,
        author=message.author,
        client_id=uuid4(),
        profession=message.profession,
        organisation_name=message.organisation_name,
        reply_to_id=message.reply_to_id,
        posted_at=message.posted_at,
        removed_at=now,
        hidden_at=now,
        moved_to=message,
        **kept,
    )


def come_to(message: Message, room: Room, place: int, *, reply_to_id: int | None, moved_at: datetime | None) -> None:
    """Into a place of a locked room, under the version that it has just taken. Pins are of one room."""
    message.room, message.version, message.created_version = room, room.version, place
    message.reply_to_id, message.moved_at = reply_to_id, moved_at
    message.pinned_at = message.pinned_by = None
    message.save(update_fields=["room", "version", "created_version", "reply_to", "moved_at", "pinned_at", "pinned_by"])
    message.files.update(room=room)


def stand_for(place: Message, room: Room) -> None:
    """Store the row that stands in the place which a message has left."""
    place.version = advance(room).version
    place.save()


def tell_place(message: Message, room: Room) -> None:
    publish(MessageMoved(room=room.pk, group=room.group_id, version=message.version, message=message.pk))


def tell_arrived(message: Message, room: Room) -> None:
    """To who has the room open, and to the others in the group, it is a new message; nobody gets a second notice of it."""
    drawn = Message.objects.with_all_that_is_drawn().get(pk=message.pk)
    publish(
        MessagePosted(
            room=room.pk,
            group=room.group_id,
            version=drawn.version,
            message=drawn.pk,
            author=drawn.author_id,
            mentioned=tuple(sorted(mention.member_id for mention in drawn.its_mentions)),
            mentions_everyone=drawn.mentions_everyone,
            room_name=room.name,
            replied_to=None,
            client_id=str(drawn.client_id),
            posted_at=drawn.posted_at,
            html=message_html(drawn, 0),
            oldest_shown=drawn.oldest_shown,
            direct_to=(),
        )
    )
