"""What of a member's news goes into a letter that one reads to the end: pure functions.

First what needs them, then rooms in the order of how many different people spoke in them; about twelve things in all. What
does not fit is counted, and a link leads to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from notifications.digests.news import Belonging, Head, Need, News, RoomFacts, RoomNews
from notifications.models import Notice

CASE = Notice.Kind.CASE

MOST_ITEMS = 12
MOST_NEEDS = 8
"""So that a busy day leaves some place for the rooms."""
MOST_VOICES = 3
MOST_NAMED = 6
"""New members and new rooms, each."""


@dataclass(frozen=True, slots=True)
class ChosenRoom:
    """A room in the letter: the messages that are quoted, and how many more there are."""

    news: RoomNews
    quoted: Sequence[Head]

    @property
    def more(self) -> int:
        return len(self.news.messages) - len(self.quoted)

    @property
    def first_unread(self) -> int:
        return self.news.messages[0].id


@dataclass(frozen=True, slots=True)
class ChosenGroup:
    """A working group in the letter, with those of its rooms that are told of."""

    id: int
    name: str
    rooms: Sequence[ChosenRoom]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One member's letter, in ids. `more_needs` and `more_rooms` count what it has no place for."""

    news: News
    needs: Sequence[Need]
    direct: Sequence[ChosenRoom]
    more_needs: int
    groups: Sequence[ChosenGroup]
    more_rooms: int
    newcomers: Sequence[Belonging]
    more_newcomers: int
    new_rooms: Sequence[RoomFacts]

    @property
    def items(self) -> int:
        return len(self.needs) + len(self.direct) + sum(len(group.rooms) for group in self.groups)

    @property
    def messages(self) -> set[int]:
        """All messages whose words the letter shows."""
        rooms = [*self.direct, *(room for group in self.groups for room in group.rooms)]
        return {need.notice.message for need in self.needs if need.notice.message} | {
            head.id for room in rooms for head in room.quoted
        }

    @property
    def groups_named(self) -> set[int]:
        """All groups that the letter names, or something of which it tells."""
        rooms = [*self.direct, *(room for group in self.groups for room in group.rooms)]
        return {
            *(room.news.room.group for room in rooms),
            *(room.group for room in self.new_rooms),
            *(newcomer.group for newcomer in self.newcomers),
            *(need.room.group for need in self.needs if need.room),
        }


def choose(news: News) -> Chosen:
    """What one letter tells of it all."""
    direct = [quoted_from(each) for each in news.direct[:MOST_NEEDS]]
    waiting = folded(news.needs)
    needs = waiting[: MOST_NEEDS - len(direct)]
    shown = news.rooms[: MOST_ITEMS - len(direct) - len(needs)]
    newcomers = once_each(news.newcomers)
    return Chosen(
        news=news,
        needs=needs,
        direct=direct,
        more_needs=len(news.direct) + len(waiting) - len(direct) - len(needs),
        groups=grouped([quoted_from(each) for each in shown]),
        more_rooms=len(news.rooms) - len(shown),
        newcomers=newcomers[:MOST_NAMED],
        more_newcomers=max(0, len(newcomers) - MOST_NAMED),
        new_rooms=news.new_rooms[:MOST_NAMED],
    )


def folded(needs: Sequence[Need]) -> list[Need]:
    """Cases that wait for a moderator are one item, where the first stood: a busy day of theirs has to leave some place."""
    cases = [need for need in needs if need.notice.kind == CASE]
    if not cases:
        return list(needs)
    first = replace(cases[0], times=len(cases))
    return [first if need is cases[0] else need for need in needs if need is cases[0] or need.notice.kind != CASE]


def grouped(rooms: Sequence[ChosenRoom]) -> list[ChosenGroup]:
    """The rooms under their groups. The group of the liveliest room comes first; in each the order stays."""
    groups: dict[int, list[ChosenRoom]] = {}
    for room in rooms:
        groups.setdefault(room.news.room.group, []).append(room)
    return [ChosenGroup(pk, heap[0].news.room.group_name, heap) for pk, heap in groups.items()]


def quoted_from(news: RoomNews) -> ChosenRoom:
    """The first words of each of the first few people: one hears more voices so than in the order of time."""
    voices: dict[int, Head] = {}
    for head in news.messages:
        voices.setdefault(head.author, head)
    return ChosenRoom(news, list(voices.values())[:MOST_VOICES])


def once_each(newcomers: Sequence[Belonging]) -> list[Belonging]:
    """Who joined several of the member's groups is one new person."""
    return list({each.member: each for each in newcomers}.values())
