"""Writing records into the database, so that stopping anywhere does no harm and doing it again doubles nothing.

Each batch is one transaction that holds its room's row, as every post does: messages and the room's version appear together.
Nobody is told of each message; the sweep finds the rooms by the time at which they moved.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import batched

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from frontend import text as member_text
from members.models import Member
from rooms.actions.groups import begin_membership
from rooms.actions.naming import free_slug
from rooms.importing.reading import Record
from rooms.models import Membership, Mention, Message, Reading, Room, WorkingGroup

MAIL = "imported.example"
NAMESPACE = uuid.UUID("2b7c9a52-6f0e-4b0c-8d0a-3f6f6c1e9b44")
AT_A_TIME = 500
"""Rows in one statement: below the limits of both databases."""


class HandleTaken(Exception):
    """Somebody else has a handle that an imported member needs; their mentions would become that person's."""


class HistoryClosed(Exception):
    """A group keeps what was said before from newcomers, and would show them old messages that are put in now."""


def client_id(record: Record) -> uuid.UUID:
    """The same for the same message every time, by which it is known again."""
    return uuid.uuid5(NAMESPACE, str(record.id))


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# People -----------------------------------------------------------------------------------------------------------------


def write_members(authors: Iterable[tuple[int, int]]) -> dict[int, int]:
    """A member for each author who has none yet. Returns author → member id. Raises HandleTaken."""
    members: dict[int, int] = {}
    for some in batched(authors, AT_A_TIME):
        members |= write_some_members(dict(some))
    return members


@transaction.atomic
def write_some_members(authors: Mapping[int, int]) -> dict[int, int]:
    """Known by their address, which nobody can choose; the handle is only what follows @."""
    author_of = {f"member-{author}@{MAIL}": author for author in authors}
    present = set(Member.objects.filter(email__in=author_of).values_list("email", flat=True))
    missing = {email: author for email, author in author_of.items() if email not in present}
    taken = Member.objects.filter(handle__in=[f"member-{author}" for author in missing.values()]).first()
    if taken:
        raise HandleTaken(f"Another member has the handle {taken.handle}, which an imported author needs.")
    Member.objects.bulk_create(
        [
            Member(
                email=email,
                handle=f"member-{author}",
                display_name=f"Member {author}",
                password=make_password(None),
                joined_at=moment(authors[author]),
            )
            for email, author in missing.items()
        ]
    )
    return {author_of[email]: pk for email, pk in Member.objects.filter(email__in=author_of).values_list("email", "pk")}


# Groups -----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def write_group(name: str, first_at: int, authors: list[tuple[int, int]], members: Mapping[int, int]) -> WorkingGroup:
    """The group of a name, and its authors in it. Who wrote here before and has left since stays away.

    Raises HistoryClosed.
    """
    group = WorkingGroup.objects.filter(name=name).first() or WorkingGroup.objects.create(
        name=name, slug=free_slug(name), created_at=moment(first_at)
    )
    if group.history != WorkingGroup.History.OPEN:
        raise HistoryClosed(f"“{name}” keeps its history from newcomers. Open the history first.")
    wrote_before = set(Message.objects.filter(room__group=group).values_list("author", flat=True).distinct())
    Membership.objects.bulk_create(
        [
            Membership(member_id=members[author], group=group, joined_at=moment(at))
            for author, at in authors
            if members[author] not in wrote_before
        ],
        batch_size=AT_A_TIME,
        ignore_conflicts=True,
    )
    return group


def mentionable(group: WorkingGroup) -> dict[str, int]:
    """Handle → member id of the imported members who belong to the group."""
    belonging = Membership.objects.filter(group=group, member__email__endswith=f"@{MAIL}")
    return dict(belonging.values_list("member__handle", "member_id"))


# Messages ---------------------------------------------------------------------------------------------------------------


class GroupWriter:
    """Writes the messages of one group."""

    def __init__(self, group: WorkingGroup, members: Mapping[int, int]) -> None:
        self.group = group
        self.members = members
        self.mentionable = mentionable(group)

    def write(self, name: str, records: list[Record]) -> int:
        """Write a batch, in order of time, into the room of a name. Returns how many were not there yet."""
        try:
            return self.write_missing(name, records)
        except IntegrityError:
            # Another import wrote some of them, or opened the room, between our look and our lock.
            return self.write_missing(name, records)

    def write_missing(self, name: str, records: list[Record]) -> int:
        missing = self.missing(records)
        if missing:
            self.write_new(name, missing)
        return len(missing)

    def missing(self, records: list[Record]) -> dict[uuid.UUID, Record]:
        """Those that are not stored yet, wherever: a room may have been renamed since."""
        by_client_id = {client_id(record): record for record in records}
        authors = {self.members[record.author] for record in records}
        present = set(
            Message.objects.filter(author__in=authors, client_id__in=by_client_id).values_list("client_id", "author")
        )
        return {
            sent: record for sent, record in by_client_id.items() if (sent, self.members[record.author]) not in present
        }

    @transaction.atomic
    def write_new(self, name: str, records: dict[uuid.UUID, Record]) -> None:
        """The transaction of a batch."""
        room = self.locked_room(name, next(iter(records.values())))
        messages = Message.objects.bulk_create(
            [self.message(room, place, *sent) for place, sent in enumerate(records.items(), room.version + 1)]
        )
        Mention.objects.bulk_create([mention for message in messages for mention in self.mentions(message)])
        self.advance(room, messages)

    def locked_room(self, name: str, first: Record) -> Room:
        """The room, opened if need be, and nobody else's until the transaction ends."""
        rooms = Room.objects.filter(group=self.group, name=name)
        # A write, even of what is there, locks the row on either database.
        if rooms.update(version=F("version")):
            return rooms.get()
        at = moment(first.sent_at)
        opener = self.members[first.author]
        return Room.objects.create(
            group=self.group, name=name, opened_by_id=opener, opened_at=at, last_message_at=at, moved_at=at
        )

    def message(self, room: Room, place: int, sent: uuid.UUID, record: Record) -> Message:
        """Its HTML is drawn when it is first read."""
        return Message(
            room=room,
            version=place,
            created_version=place,
            author_id=self.members[record.author],
            client_id=sent,
            text=record.text,
            posted_at=moment(record.sent_at),
        )

    def mentions(self, message: Message) -> list[Mention]:
        if "@member-" not in message.text.lower():
            return []
        named = member_text.names_mentioned(message.text) & self.mentionable.keys()
        return [Mention(message=message, member_id=self.mentionable[handle]) for handle in sorted(named)]

    def advance(self, room: Room, messages: list[Message]) -> None:
        """The room has as many versions more as there are messages; the sweep tells who is looking on."""
        Room.objects.filter(pk=room.pk).update(
            version=messages[-1].version,
            last_message_at=max(room.last_message_at, messages[-1].posted_at),
            moved_at=timezone.now(),
        )


# Who looks on -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def join(member: Member, group: WorkingGroup) -> None:
    """Make a member belong to a group, with everything in it read."""
    if not Membership.objects.filter(member=member, group=group).exists():
        begin_membership(member, group)
        return
    Reading.objects.bulk_create(
        [
            Reading(member=member, room_id=pk, version=version)
            for pk, version in Room.objects.filter(group=group).values_list("pk", "version")
        ],
        batch_size=AT_A_TIME,
        update_conflicts=True,
        unique_fields=["member", "room"],
        update_fields=["version"],
    )
