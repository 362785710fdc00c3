"""Direct conversations, as those who are in them see them: by the others' names.

A direct conversation is a group with one room, so that all that guards rooms guards it too: who is in it reads it, and
nobody else, whatever their role. It has no name of its own; it is called after whoever else is in it.
"""

from collections import defaultdict
from collections.abc import Iterable

from members.models import Member
from rooms.access import Standing
from rooms.models import Membership, Room

NOBODY = "Former member"
"""Where all others have left the community."""


def called(member: Member, groups: Iterable[int]) -> dict[int, str]:
    """Group → what a direct conversation is called for this member. One query, and none where there are none."""
    ids = list(groups)
    names: defaultdict[int, list[str]] = defaultdict(list)
    if ids:
        others = Membership.objects.filter(group__in=ids).exclude(member=member).order_by("member__display_name", "pk")
        for group, name in others.values_list("group_id", "member__display_name"):
            names[group].append(name)
    return {group: in_a_row(names[group]) for group in ids}


def in_a_row(names: list[str]) -> str:
    """`Bob`, `Bob and Lena`, `Bob, Lena and Mo`."""
    if len(names) < 2:
        return names[0] if names else NOBODY
    return f"{', '.join(names[:-1])} and {names[-1]}"


def title_of(standing: Standing) -> str:
    """What the room is called, for this member."""
    return title_for(standing.member, standing.room, is_direct=standing.group.is_direct)


def title_for(member: Member, room: Room, *, is_direct: bool) -> str:
    return called(member, [room.group_id])[room.group_id] if is_direct else room.name
