"""A message and a room as frames carry them: the same for every reader with the same floor."""

from typing import Any

from django.template.loader import get_template

from members.community.facts import in_its_time_zone
from rooms.models import Message, Room


def message_html(message: Message, floor: int) -> str:
    """The message drawn by the one template that pages use too, for readers with this floor.

    Of one that its room no longer keeps nothing is drawn, and pages drop it.
    """
    if message.cleared_at:
        return ""
    # By the community's clock, not by that of the member whose request draws it: it is kept, and sent to everybody.
    with in_its_time_zone():
        return str(get_template("rooms/_message.html").render({"message": message, "floor": floor}))


def changed_frame_fields(message: Message, floor: int) -> dict[str, Any]:
    """A `message.changed` frame with the message's place and time, as catching up needs it."""
    return {
        "kind": "message.changed",
        "room": message.room_id,
        "version": message.version,
        "message": message.pk,
        "author": message.author_id,
        "client_id": str(message.client_id),
        "created": message.created_version,
        "at": message.posted_at.isoformat(),
        "html": message_html(message, floor),
    }


def room_frame_fields(room: Room) -> dict[str, Any]:
    """A `room.changed` frame. `closed`: its group is."""
    return {
        "kind": "room.changed",
        "room": room.pk,
        "version": room.changed_version,
        "name": room.name,
        "about": room.about,
        "locked": room.locked_at is not None,
        "archived": room.archived_at is not None,
        "closed": room.group.closed_at is not None,
        "note": room.note,
    }
