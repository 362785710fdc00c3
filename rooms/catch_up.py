"""The one question that makes lost frames harmless: everything in a room above version N."""

from operator import itemgetter
from typing import Any

from django.core.cache import caches

from rooms.drawing import changed_frame_fields, room_frame_fields
from rooms.models import Message, Room

PAGE = 200
"""Messages in one answer."""
FAR_BEHIND = 1_000
"""Versions after which loading the page anew is cheaper than catching up."""

type Changes = dict[str, Any]


def changes_since(room: Room, after: int, floor: int) -> Changes:
    """What changed in `room` above version `after`, in order, at most a page: see docs/protocol.md, *Catching up*.

    Of messages at or below `floor`, the reader's own, nothing is said: the answer passes over their changes.

    The room was read before the messages are. What commits in between may be in the answer too, but the answer never
    claims a level above the room's as it was read: the room itself may have changed again in between, unseen here. A
    version above the room's own (the database was restored from an older copy) cannot be caught up from, nor one below those
    that were forgotten.

    After a restart or a break of the network everybody who had the room open asks the same within seconds, and since
    every visible change takes a version, the same question at the same version has the same answer for all with the same
    floor: it is drawn once.
    """
    if after > room.version or room.version - after > FAR_BEHIND or after < room.forgotten_version:
        return {"version": room.version, "refetch": True}
    if after == room.version:
        return {"version": after, "frames": [], "more": False}
    question = f"{room.pk}:{after}:{room.version}:{floor}"
    changes: Changes | None = caches["catch_up"].get(question)
    if changes is None:
        changes = drawn_changes(room, after, floor)
        caches["catch_up"].set(question, changes)
    return changes


def drawn_changes(room: Room, after: int, floor: int) -> Changes:
    """A page of what changed above `after`, up to the room's version."""
    above = Message.objects.above(floor).filter(room=room, version__gt=after).order_by("version")
    page = list(above.with_all_that_is_drawn()[: PAGE + 1])
    more = len(page) > PAGE and page[PAGE - 1].version < room.version
    page = page[:PAGE]
    level = page[-1].version if more else room.version
    frames = [changed_frame_fields(message, floor) for message in page]
    if after < room.changed_version <= level:
        frames.append(room_frame_fields(room))
        frames.sort(key=itemgetter("version"))
    return {"version": level, "frames": frames, "more": more}
