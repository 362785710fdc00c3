"""What of all that happened is news to one member: pure functions of rows that were read before.

Which messages a digest is about is decided by room versions, never by the time: above what the member has read, above what
a digest has told already, up to the version that the room had when it was read. Only where no digest has told of a room
yet does the time bound it: from joining the group, and at most a week back.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from members.models import Member
from moderation.models import ACT_TO_THEM, Act
from notifications.models import Notice, Preference

DIRECT = Notice.Kind.DIRECT
"""One notice stands for a whole direct conversation; how much was written there is told by its versions, like in any room."""
FIRST_LOOK_BACK = timedelta(days=7)
LONGEST_BACK = timedelta(days=35)
"""Who joined, and which rooms were opened, before that is no news."""
FAR_BACK = 500
"""Versions of one room that a digest looks back; of more it says that there were more."""


@dataclass(frozen=True, slots=True)
class Head:
    """A message without its words."""

    room: int
    id: int
    place: int
    author: int
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room as it stood before its messages were read."""

    id: int
    group: int
    group_name: str
    is_direct: bool
    name: str
    version: int
    is_sensitive: bool
    opened_at: datetime
    opened_by: int | None


@dataclass(frozen=True, slots=True)
class Belonging:
    """A membership; with the name of the member where others hear of it."""

    member: int
    group: int
    joined_at: datetime
    is_leader: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """An unseen notice. Of a message: with its place and author; of a group: with the name of who did it."""

    id: int
    member: int
    kind: str
    created_at: datetime
    mailed_at: datetime | None
    message: int | None
    room: int | None
    place: int
    author: int | None
    group: int | None
    called: str | None
    """The room or the group that it is about."""
    by: str | None
    about_room: int | None
    proposal: int | None
    complaint: int | None
    decision: int | None
    act: str | None
    """Of a decision about them: what was done, by which rule, and as what somebody did it."""
    rule: str | None
    role: str | None
    case: int | None

    @property
    def did(self) -> str:
        """`mentions you`, `asks to join`, `hid a message of yours`."""
        if self.kind == Notice.Kind.DECISION and self.act:
            return ACT_TO_THEM.get(Act(self.act), Act(self.act).label)
        return Notice.Kind(self.kind).label


@dataclass(frozen=True, slots=True)
class Need:
    """A notice that waits for the member; with its room where it is of a message."""

    notice: Noticed
    room: RoomFacts | None
    times: int = 1
    """How many of its kind it stands for."""


@dataclass(slots=True)
class Tables:
    """All that happened around some members, each table read once."""

    belonging: Mapping[int, Sequence[Belonging]]
    """By member."""
    rooms: Mapping[int, Sequence[RoomFacts]]
    """By group."""
    readings: Mapping[tuple[int, int], tuple[int, int]]
    """(member, room) → version read, floor."""
    silent: frozenset[tuple[int, int]]
    """(member, room) of rooms that the member wants to hear nothing of."""
    muted: Mapping[int, frozenset[int]]
    """By member: whom they do not wish to hear."""
    notices: Mapping[int, Sequence[Noticed]]
    """By member, oldest first."""
    newcomers: Mapping[int, Sequence[Belonging]]
    """By working group: who joined lately."""
    heads: Mapping[int, Sequence[Head]] = field(default_factory=dict)
    """By room, in order: what stands above the lowest bound of these members."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What of a room is not told yet: places above `low`, up to the room's version, posted after `since`."""

    room: RoomFacts
    low: int
    since: datetime | None

    @property
    def looked_from(self) -> int:
        """Where one begins to look."""
        return max(self.low, self.room.version - FAR_BACK)


@dataclass(frozen=True, slots=True)
class RoomNews:
    """What is unread in one room, oldest first; never empty."""

    room: RoomFacts
    messages: Sequence[Head]
    is_more: bool
    """Whether there was more than one looks back."""
    people: int
    """How many different people wrote."""


@dataclass(slots=True)
class News:
    """All that a digest could tell one member."""

    member: Member
    since: datetime
    """From when new members and rooms are told of."""
    until: datetime
    told: dict[str, int] = field(default_factory=dict)
    """`Preference.told` once this digest has been sent."""
    needs: list[Need] = field(default_factory=list)
    """Mentions, replies, and what concerns them in a group."""
    direct: list[RoomNews] = field(default_factory=list)
    rooms: list[RoomNews] = field(default_factory=list)
    new_rooms: list[RoomFacts] = field(default_factory=list)
    newcomers: list[Belonging] = field(default_factory=list)

    @property
    def is_worth_a_letter(self) -> bool:
        """New rooms and members are told along, and are no reason to write."""
        return bool(self.needs or self.direct or self.rooms)


def bounds_of(preference: Preference, tables: Tables, now: datetime) -> Iterator[Bound]:
    """Every room of the member with something above what they have read or been told."""
    member = preference.member_id
    for belonging in tables.belonging.get(member, ()):
        for room in tables.rooms.get(belonging.group, ()):
            # Never below the member's floor, so what a closed history keeps from them stays kept.
            read, _ = tables.readings.get((member, room.id), (0, 0))
            told = preference.told.get(str(room.id))
            low = max(read, told or 0)
            if room.version > low:
                since = None if told is not None else max(belonging.joined_at, now - FIRST_LOOK_BACK)
                yield Bound(room, low, since)


def news_of(preference: Preference, tables: Tables, now: datetime) -> News:
    """What is news to one member."""
    member = preference.member_id
    since = max(preference.told_at or now - FIRST_LOOK_BACK, now - LONGEST_BACK)
    news = News(preference.member, since, now)
    news.needs = [
        need for need in heeded(member, tables) if need.notice.mailed_at is None and need.notice.kind != DIRECT
    ]
    own_way = {notice.message for notice in tables.notices.get(member, ()) if notice.kind != DIRECT}
    lettered = {notice.room: notice.mailed_at for notice in tables.notices.get(member, ()) if notice.mailed_at}
    news.told = levels(member, tables)
    for bound in bounds_of(preference, tables, now):
        room = bound.room
        unread = unread_within(bound, tables, member, without=own_way)
        if not unread or (member, room.id) in tables.silent:
            continue
        is_more = bound.low < bound.looked_from
        in_room = RoomNews(room, unread, is_more, len({head.author for head in unread}))
        if not room.is_direct:
            news.rooms.append(in_room)
        elif not is_lettered(in_room, lettered):
            news.direct.append(in_room)
    news.rooms.sort(key=lambda each: (-each.people, -len(each.messages), each.room.name))
    for belonging in tables.belonging.get(member, ()):
        new_to_me = max(since, belonging.joined_at)
        rooms, joined = tables.rooms.get(belonging.group, ()), tables.newcomers.get(belonging.group, ())
        news.new_rooms += [room for room in rooms if is_new_to(member, room, new_to_me)]
        news.newcomers += [each for each in joined if each.joined_at > new_to_me and each.member != member]
    return news


def levels(member: int, tables: Tables) -> dict[str, int]:
    """Room → version, of the rooms that the member has not read to the end: those they have need no level."""
    rooms = rooms_of(member, tables)
    return {
        str(room.id): room.version for room in rooms if room.version > tables.readings.get((member, room.id), (0, 0))[0]
    }


def heeded(member: int, tables: Tables) -> Iterator[Need]:
    """Notices that the member may still read, of people and rooms that they wish to hear."""
    rooms = {room.id: room for room in rooms_of(member, tables)}
    led = {each.group for each in tables.belonging.get(member, ()) if each.is_leader}
    for notice in tables.notices.get(member, ()):
        if notice.about_room is not None:
            if notice.about_room in rooms:
                yield Need(notice, None)
        elif notice.decision is not None or notice.case is not None:
            yield Need(notice, None)
        elif notice.room is None:
            if notice.kind != Notice.Kind.ASKS or notice.group in led:
                yield Need(notice, None)
        elif notice.room in rooms and (member, notice.room) not in tables.silent:
            _, floor = tables.readings.get((member, notice.room), (0, 0))
            if notice.place > floor and notice.author not in tables.muted.get(member, ()):
                yield Need(notice, rooms[notice.room])


def unread_within(bound: Bound, tables: Tables, member: int, *, without: set[int | None]) -> list[Head]:
    """What others wrote within the bounds, oldest first, besides what is told in another way."""
    heads = tables.heads.get(bound.room.id, ())
    deaf_to = tables.muted.get(member, frozenset()) | {member}
    return [
        head
        for head in heads[bisect_right(heads, bound.low, key=PLACE) :]
        if head.place <= bound.room.version
        and head.author not in deaf_to
        and head.id not in without
        and (bound.since is None or head.posted_at > bound.since)
    ]


PLACE = attrgetter("place")


def is_lettered(news: RoomNews, lettered: Mapping[int | None, datetime | None]) -> bool:
    """Whether a letter has told of this conversation since its last message."""
    at = lettered.get(news.room.id)
    return at is not None and at >= news.messages[-1].posted_at


def rooms_of(member: int, tables: Tables) -> Iterator[RoomFacts]:
    for belonging in tables.belonging.get(member, ()):
        yield from tables.rooms.get(belonging.group, ())


def is_new_to(member: int, room: RoomFacts, since: datetime) -> bool:
    return room.opened_at > since and room.opened_by != member and not room.is_direct


def lowest_by_room(bounds: Iterator[Bound]) -> dict[int, int]:
    """From where each room's messages have to be read, for everybody's bounds together."""
    lowest: defaultdict[int, int] = defaultdict(lambda: 2**63)
    for bound in bounds:
        lowest[bound.room.id] = min(lowest[bound.room.id], bound.looked_from)
    return dict(lowest)
