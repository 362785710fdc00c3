"""Catching up asks for rows with a higher id instead of a higher version: edits and removals of older ones are not in it."""

from django.db.models import Max

from rooms import catch_up, doors, house
from rooms.catch_up import FAR_BEHIND, PAGE, Changes
from rooms.drawing import changed_frame_fields, room_frame_fields
from rooms.models import Message, Room


def infect() -> None:
    doors.changes_since = house.changes_since = catch_up.changes_since = changes_by_id  # type: ignore[attr-defined]


def changes_by_id(room: Room, after: int, floor: int) -> Changes:
    if after > room.version or room.version - after > FAR_BEHIND:
        return {"version": room.version, "refetch": True}
    messages = Message.objects.above(floor).filter(room=room)
    last = messages.filter(created_version__lte=after).aggregate(last=Max("pk"))["last"] or 0
    page = list(messages.filter(pk__gt=last).order_by("pk").with_all_that_is_drawn()[: PAGE + 1])
    frames = [changed_frame_fields(message, floor) for message in page[:PAGE]]
    if len(page) > PAGE:
        return {"version": page[PAGE - 1].created_version, "frames": frames, "more": True}
    if room.changed_version > after:
        frames.append(room_frame_fields(room))
    return {"version": room.version, "frames": frames, "more": False}
