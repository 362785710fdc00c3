"""Reads what happened around many members at once: as many queries for a hundred as for one.

Rooms are read before their messages. Versions become visible in order, so nothing up to the version that was read can be
missing; what is newer waits for the next digest.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched, chain

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from members.access import of_the_unsuspended
from members.models import Member, Mute
from members.permissions import MODERATORS
from notifications.digests.news import (
    LONGEST_BACK,
    Belonging,
    Head,
    News,
    Noticed,
    RoomFacts,
    Tables,
    bounds_of,
    lowest_by_room,
    news_of,
)
from notifications.models import Notice, Preference, RoomLevel
from rooms.models import Membership, Message, Reading, Room

ROOMS_A_QUERY = 100
"""Each brings a condition of its own."""


def gather(preferences: Sequence[Preference], now: datetime) -> list[News]:
    """What is news to each of these members, whose rows come with their preferences, in their order."""
    tables = tables_around([preference.member_id for preference in preferences], now)
    bounds = chain.from_iterable(bounds_of(preference, tables, now) for preference in preferences)
    tables.heads = heads_above(lowest_by_room(bounds))
    return [news_of(preference, tables, now) for preference in preferences]


def tables_around(members: Sequence[int], now: datetime) -> Tables:
    """Everything but the messages."""
    memberships = Membership.objects.filter(of_the_unsuspended(), member__in=members, group__closed_at=None)
    belonging = [
        Belonging(member, group, joined_at, role == Membership.Role.LEADER)
        for member, group, joined_at, role in memberships.values_list("member_id", "group_id", "joined_at", "role")
    ]
    readings = Reading.objects.filter(member__in=members).values_list("member_id", "room_id", "version", "floor")
    silent = RoomLevel.objects.filter(member__in=members, level=RoomLevel.Level.NOTHING)
    muted = by(Mute.objects.filter(member__in=members), lambda mute: mute.member_id)
    groups = {each.group for each in belonging}
    return Tables(
        belonging=by(belonging, lambda each: each.member),
        rooms=by(rooms_in(groups), lambda room: room.group),
        readings={(member, room): (version, floor) for member, room, version, floor in readings},
        silent=frozenset(silent.values_list("member_id", "room_id")),
        muted={member: frozenset(mute.other_id for mute in mutes) for member, mutes in muted.items()},
        notices=by(notices_to(members), lambda notice: notice.member),
        newcomers=by(newcomers_to(groups, now - LONGEST_BACK), lambda each: each.group),
    )


def rooms_in(groups: Iterable[int]) -> list[RoomFacts]:
    rooms = Room.objects.filter(group__in=groups).values_list(
        *("pk", "group_id", "group__name", "group__direct_key", "name", "version", "is_sensitive"),
        *("opened_at", "opened_by_id"),
    )
    return [
        RoomFacts(pk, group, group_name, direct_key is not None, name, version, is_sensitive, opened_at, opened_by)
        for pk, group, group_name, direct_key, name, version, is_sensitive, opened_at, opened_by in rooms
    ]


def newcomers_to(groups: Iterable[int], since: datetime) -> list[Belonging]:
    """Who joined working groups; not who restricted the use of their data."""
    joined = Membership.objects.filter(
        of_the_unsuspended(),
        group__in=groups,
        group__direct_key=None,
        joined_at__gt=since,
        member__restricted_at=None,
    ).order_by("joined_at")
    return [
        Belonging(member, group, joined_at, name=name)
        for member, group, joined_at, name in joined.values_list(
            "member_id", "group_id", "joined_at", "member__display_name"
        )
    ]


def notices_to(members: Sequence[int]) -> list[Noticed]:
    """Unseen notices of messages that stand, of groups, of moderation, and for moderators of what waits for one of them."""
    standing = Q(message=None) | Q(message__removed_at=None, message__hidden_at=None)
    for_moderators = Q(kind=Notice.Kind.CASE) | Q(newcomer__isnull=False)
    answerable = ~for_moderators | Q(member__role__in=MODERATORS)
    answerable &= Q(complaint=None) | Q(member__role=Member.Role.ADMINISTRATOR)
    notices = Notice.objects.filter(standing, answerable, member__in=members, seen_at=None).order_by("pk")
    return [
        Noticed(pk, member, kind, created_at, mailed_at, message, room, place or 0, *rest)
        for pk, member, kind, created_at, mailed_at, message, room, place, *rest in notices.values_list(
            *("pk", "member_id", "kind", "created_at", "mailed_at", "message_id", "message__room_id"),
            *("message__created_version", "message__author_id", "group_id"),
            *(Coalesce("room__name", "group__name"), Coalesce("newcomer__name", "by__display_name"), "room_id"),
            *("proposal_id", "complaint_id"),
            *("decision_id", "decision__act", "decision__ground", "decision__role", "case_id"),
        )
    ]


def heads_above(lowest: Mapping[int, int]) -> dict[int, list[Head]]:
    """By room: what stands above the given places, in order."""
    some_rooms = batched(lowest.items(), ROOMS_A_QUERY, strict=False)
    return by(chain.from_iterable(heads_in(dict(rooms)) for rooms in some_rooms), lambda head: head.room)


def heads_in(lowest: Mapping[int, int]) -> list[Head]:
    above = Q()
    for room, place in lowest.items():
        above |= Q(room=room, created_version__gt=place)
    found: QuerySet[Message] = Message.objects.standing().filter(above).order_by("room", "created_version")
    return [Head(*row) for row in found.values_list("room_id", "pk", "created_version", "author_id", "posted_at")]


def by[Row, Key: Hashable](rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    """Rows in heaps, in their order."""
    heaps: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        heaps[key(row)].append(row)
    return dict(heaps)
