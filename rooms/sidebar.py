"""The list of my groups and rooms, most recent first, with what is unread in each.

Counts derive from one reading position a room and are capped, so that a list costs the same whatever the number of
rooms and messages. Written in SQL because a count over a capped list has no words in the ORM; both databases
run the same text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from members.models import Member
from rooms.access import memberships_of
from rooms.direct import called
from rooms.models import WorkingGroup

MOST_COUNTED = 100
"""Unread messages that are counted in a room; the page says 99+."""
SHOWN = 40
"""Rooms in the list beside a conversation: those that moved last. Their groups' pages have all."""

COUNTED_ROOMS = """
SELECT room.id, room.name, room.about, room.group_id, room.last_message_at, room.locked_at, room.archived_at,
       (SELECT COUNT(*) FROM (
            SELECT 1 FROM rooms_message message
            WHERE message.room_id = room.id AND message.created_version > COALESCE(reading.version, 0)
              AND message.author_id <> %(member)s AND message.removed_at IS NULL AND message.hidden_at IS NULL
            LIMIT {most}) unread) AS unread,
       (SELECT COUNT(*) FROM (
            SELECT message.id, message.mentions_everyone FROM rooms_message message
            WHERE message.room_id = room.id AND message.created_version > COALESCE(reading.version, 0)
              AND message.author_id <> %(member)s AND message.removed_at IS NULL AND message.hidden_at IS NULL
            ORDER BY message.created_version DESC LIMIT {most}) unread
        LEFT JOIN rooms_mention mention ON mention.message_id = unread.id AND mention.member_id = %(member)s
        WHERE mention.id IS NOT NULL OR unread.mentions_everyone) AS mentions
FROM rooms_room room
LEFT JOIN rooms_reading reading ON reading.room_id = room.id AND reading.member_id = %(member)s
WHERE {where}
ORDER BY room.last_message_at DESC, room.id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""
IN_MY_GROUPS = (
    "room.archived_at IS NULL AND room.group_id IN (SELECT mine.group_id FROM rooms_membership mine"
    " JOIN rooms_workinggroup own ON own.id = mine.group_id WHERE mine.member_id = %(member)s AND own.closed_at IS NULL)"
)
IN_ONE_GROUP = "room.group_id = %(group)s AND (room.archived_at IS NOT NULL) = %(archived)s"
NAMED_LIKE = IN_ONE_GROUP + r" AND LOWER(room.name) LIKE %(like)s ESCAPE '\'"


@dataclass(slots=True)
class ListedRoom:
    """A room in a list, for one member."""

    id: int
    name: str
    about: str
    group_id: int
    last_message_at: datetime
    locked_at: datetime | None
    archived_at: datetime | None
    unread: int
    mentions: int
    is_direct: bool = False


@dataclass(slots=True)
class ListedGroup:
    """A working group in the list, with those of its rooms that are shown."""

    id: int
    name: str
    rooms: list[ListedRoom] = field(default_factory=list)
    is_direct: bool = False
    """All direct conversations together stand where a group would."""


def sidebar_for(member: Member) -> list[ListedGroup]:
    """My direct conversations and my groups in use; in each those of its rooms that are among the last to move in any.

    Three queries where there are direct conversations, two where there are none.
    """
    groups, circles = {}, set()
    in_use = memberships_of(member).filter(group__closed_at=None)
    for membership in in_use.select_related("group").order_by("group__name"):
        if membership.group.is_direct:
            circles.add(membership.group_id)
        else:
            groups[membership.group_id] = ListedGroup(membership.group_id, membership.group.name)
    listed: dict[int, ListedGroup] = {}
    direct = ListedGroup(0, "Direct conversations", is_direct=True)
    for room in counted_rooms(IN_MY_GROUPS, member=member.pk, limit=SHOWN) if groups or circles else ():
        if room.group_id in groups:
            listed.setdefault(room.group_id, groups[room.group_id]).rooms.append(room)
        elif room.group_id in circles:
            direct.rooms.append(room)
    names = called(member, [room.group_id for room in direct.rooms])
    for room in direct.rooms:
        # Whatever is said there is said to me.
        room.name, room.mentions, room.is_direct = names[room.group_id], room.unread, True
    groups_listed = [*listed.values(), *(group for pk, group in groups.items() if pk not in listed)]
    return [direct, *groups_listed] if direct.rooms else groups_listed


def rooms_of_group(
    member: Member, group: WorkingGroup, *, find: str = "", archived: bool = False, limit: int = 50, offset: int = 0
) -> list[ListedRoom]:
    """A page of a group's rooms, most recent first. The caller has asked `access` for the group."""
    like = "%" + "".join("\\" + sign if sign in "%_\\" else sign for sign in find.lower()) + "%"
    return counted_rooms(
        NAMED_LIKE if find else IN_ONE_GROUP,
        member=member.pk,
        group=group.pk,
        archived=archived,
        like=like,
        limit=limit,
        offset=offset,
    )


def counted_rooms(where: str, *, offset: int = 0, **values: int | str) -> list[ListedRoom]:
    """Rooms with their capped counts; `where` is one of the texts above."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED_ROOMS.format(most=MOST_COUNTED, where=where), {**values, "offset": offset})
        return [ListedRoom(*read_times(row)) for row in cursor.fetchall()]


TIMES = (4, 5, 6)
"""The columns of COUNTED_ROOMS that are times."""


def read_times(row: Sequence[Any]) -> list[Any]:
    """SQLite keeps times without their zone, which is UTC; only the ORM reads them back by itself."""
    return [value.replace(tzinfo=UTC) if place in TIMES and value else value for place, value in enumerate(row)]
