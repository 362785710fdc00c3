"""From events to frames: what open screens are told after the commit."""

from events.catalogue import (
    HeldPostsAnswered,
    HistoryOpened,
    MembershipBegan,
    MembershipEnded,
    MessageChanged,
    MessagePosted,
    MessagesChanged,
    RoomChanged,
    RoomRead,
)
from events.frames import Frame
from events.wire import tell_access, tell_history_opened, tell_member, tell_room
from rooms.drawing import changed_frame_fields, room_frame_fields
from rooms.models import Message, Room


def show_message(event: MessagePosted) -> None:
    """A new message."""
    frame = Frame.of(
        "message.posted",
        room=event.room,
        version=event.version,
        message=event.message,
        author=event.author,
        client_id=event.client_id,
        at=event.posted_at.isoformat(),
        mentions=event.mentioned,
        everyone=event.mentions_everyone,
        html=event.html,
    )
    tell_room(
        group=event.group,
        room=event.room,
        version=event.version,
        frame=frame,
        name=event.room_name,
        posted=1,
        author=event.author,
        mentions=event.mentioned,
        everyone=event.mentions_everyone or bool(event.direct_to),
        oldest_shown=event.oldest_shown,
    )


def show_held_answer(event: HeldPostsAnswered) -> None:
    """To the author alone: nobody else has seen what waited."""
    frame = Frame.of("held.answered", client_ids=event.client_ids, state=event.state, words=event.words)
    tell_member(event.member, frame)


def redraw_message(event: MessageChanged) -> None:
    """A message that was edited, removed, pinned or reacted to, as it is now.

    It may have changed again since: the frame then shows the later state under the earlier version, and the next frame
    shows the same once more. If it stands in another room by now, its going from here took a later version.
    """
    found = Message.objects.with_all_that_is_drawn().filter(pk=event.message, room=event.room)
    for message in found:
        tell_redrawn(message, event.group, event.version)


def redraw_messages(event: MessagesChanged) -> None:
    """Many at once: read together, and told in the order of their versions."""
    ids = [message for _, message in event.changed]
    found = Message.objects.with_all_that_is_drawn().filter(pk__in=ids, room=event.room)
    messages = {message.pk: message for message in found}
    for version, pk in event.changed:
        if pk in messages:
            tell_redrawn(messages[pk], event.group, version)


def tell_redrawn(message: Message, group: int, version: int) -> None:
    fields = {**changed_frame_fields(message, 0), "version": version}
    tell_room(
        group=group,
        room=message.room_id,
        version=version,
        frame=Frame.of(**fields),
        oldest_shown=message.oldest_shown,
    )


def show_room(event: RoomChanged) -> None:
    room = Room.objects.select_related("group").get(pk=event.room)
    fields = {**room_frame_fields(room), "version": event.version}
    tell_room(
        group=event.group,
        room=event.room,
        version=event.version,
        frame=Frame.of(**fields),
        name=room.name,
        oldest_shown=event.version,
    )


def move_reading(event: RoomRead) -> None:
    """The member's other tabs and devices stop counting what was read here."""
    tell_member(event.member, Frame.of("read.moved", room=event.room, version=event.version))


def let_in(event: MembershipBegan) -> None:
    tell_access(event.member, event.group, began=True)


def open_history(event: HistoryOpened) -> None:
    """Pages that kept something out are drawn anew."""
    tell_history_opened(event.group)


def turn_away(event: MembershipEnded) -> None:
    tell_access(event.member, event.group, began=False)
