"""The only way from an id to a row a member may see.

Missing and forbidden give the same answer, NotHere, so that ids cannot be tried out to learn what exists.
Each function takes the member first; `locked=True` locks the room row for the transaction that is under way.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from frontend.text import clean
from members.access import of_the_unsuspended
from members.distance import stands_between
from members.models import BADGE, Invitation, Member
from members.permissions import is_administrator, is_moderator, is_suspended, may_give_role, may_moderate
from members.refusals import BadRequest, NotHere
from members.written_once import written_once
from rooms.models import File, HeldPost, Membership, Message, MessageQuerySet, Reading, Room, WorkingGroup


@dataclass(frozen=True)
class Standing:
    """A member in front of a room: all that permissions ask about, read now and not remembered from a sign-in."""

    room: Room
    membership: Membership
    reading_known: tuple[int, int] | None = None
    has_held: bool = False
    """Whether the member has posts that wait, or waited, for a look: then it is worth a query which. Read with the row."""

    @cached_property
    def reading(self) -> tuple[int, int]:
        """`read` and `floor`. A page has them with the membership; a post asks for neither, and does not pay for them."""
        return self.reading_known or read_and_floor(self.membership.member_id, self.room.pk)

    @property
    def read(self) -> int:
        """How far they have read there: the reading position's version, 0 when they have never been here."""
        return self.reading[0]

    @property
    def floor(self) -> int:
        """Messages of this room posted at or below this version are not for the member: see `Reading.floor`."""
        return self.reading[1]

    @property
    def member(self) -> Member:
        return self.membership.member

    @property
    def group(self) -> WorkingGroup:
        return self.membership.group


def memberships_of(member: Member | int, now: datetime | None = None) -> QuerySet[Membership]:
    """The memberships that open rooms to this member: none for one who is suspended.

    Here and in what is built on it, `now` and the member's number are for queries that are written once.
    """
    return Membership.objects.filter(opens_to(member, now=now))


def working_memberships_of(member: Member) -> QuerySet[Membership]:
    """Those of them in working groups, without the circles of direct conversations."""
    return memberships_of(member).filter(group__direct_key=None)


def opens_to(member: Member | int, path: str = "", now: datetime | None = None) -> Q:
    """This member's memberships that open rooms; `path` leads to them from another table: "group__memberships__"."""
    return Q(**{f"{path}member": member}) & of_the_unsuspended(path, now)


def memberships_held(member_id: int) -> list[Membership]:
    """All memberships of a member who leaves the community, with their groups locked.

    The groups are locked in one order, so that two who leave at once do not wait for each other for ever.
    """
    held = Membership.objects.filter(member=member_id)
    groups = WorkingGroup.objects.select_for_update().filter(pk__in=held.values("group")).order_by("pk")
    return list(held.select_related("group").filter(group__in=[group.pk for group in groups]))


def members_known_to(member: Member) -> QuerySet[Member]:
    """Whom this member may know of: who is listed, who shares a group with them, and themselves.

    Administrators know of everybody. Who restricted the use of their data is in no list.
    """
    everybody = Member.objects.filter(is_active=True)
    if is_administrator(member):
        return everybody
    in_my_groups = Membership.objects.filter(group__in=memberships_of(member).values("group"))
    return everybody.filter(
        Q(is_listed=True, restricted_at=None) | Q(pk=member.pk) | Q(pk__in=in_my_groups.values("member"))
    )


def member_for(member: Member, member_id: int) -> Member:
    """Another member, as their card shows them. Raises NotHere."""
    found = members_known_to(member).select_related(*BADGE).filter(pk=member_id).first()
    if found is None:
        raise NotHere
    return found


def member_called(member: Member, who: str, *, field: str) -> Member:
    """The member whom somebody named by handle or address, if they are here now. Raises BadRequest.

    Who is not listed is found by their address alone: whoever has it knows them.
    """
    name = clean(who).strip().lower().removeprefix("@")
    known = members_known_to(member).filter(handle=name).first()
    found = known or Member.objects.filter(email=name, is_active=True).first()
    if found is None or is_suspended(found, timezone.now()):
        raise BadRequest("No member has that name or address. Check how it is written.", code="no_member", field=field)
    return found


def standing_in(member: Member, room_id: int, *, locked: bool = False) -> Standing:
    """A room and the member's membership in its group. Raises NotHere."""
    room = one_of(locked_room(room_id) if locked else room_numbered(room_id))
    if room is None:
        raise NotHere
    membership = one_of(
        membership_there(member.pk, room.group_id)
        if locked
        else membership_and_reading(member.pk, room.group_id, room_id)
    )
    if membership is None or is_suspended(membership.member, timezone.now()):
        raise NotHere
    if membership.group.is_direct:
        membership.is_barred = is_barred(membership)
    # As annotated below:
    known = None if locked else (membership.read, membership.floor)  # type: ignore[attr-defined]
    return Standing(room, membership, known, membership.has_held)  # type: ignore[attr-defined]


@written_once
def room_numbered(room_id: int) -> QuerySet[Room]:
    return Room.objects.filter(pk=room_id)


@written_once
def locked_room(room_id: int) -> QuerySet[Room]:
    return Room.objects.select_for_update().filter(pk=room_id)


@written_once
def membership_there(member_id: int, group_id: int) -> QuerySet[Membership]:
    """With all that permissions ask about, and what stands beside the member's name."""
    memberships = Membership.objects.filter(member=member_id, group=group_id).with_badges().select_related("group")
    return memberships.annotate(has_held=Exists(HeldPost.objects.filter(author=member_id)))


@written_once
def membership_and_reading(member_id: int, group_id: int, room_id: int) -> QuerySet[Membership]:
    memberships = Membership.objects.filter(member=member_id, group=group_id).with_badges().select_related("group")
    reading = Reading.objects.filter(member=member_id, room=room_id)
    return memberships.annotate(
        read=or_zero(reading, "version"),
        floor=or_zero(reading, "floor"),
        has_held=Exists(HeldPost.objects.filter(author=member_id)),
    )


def or_zero(reading: QuerySet[Reading], column: str) -> Coalesce:
    """What is in the one row there can be, as a part of another query; 0 for a member who has never been there."""
    return Coalesce(Subquery(reading.values(column)), 0)


def is_barred(membership: Membership) -> bool:
    """Whether one of the two in a direct conversation has blocked the other. In a larger one they are still together."""
    others = list(Membership.objects.filter(group=membership.group).values_list("member_id", flat=True))
    return len(others) == 2 and stands_between(membership.member, others)


def read_and_floor(member_id: int, room_id: int) -> tuple[int, int]:
    """How far a member has read in a room, and their floor there; 0 and 0 for one who has never been there."""
    reading = one_of(reading_there(member_id, room_id))
    return (reading.version, reading.floor) if reading else (0, 0)


@written_once
def reading_there(member_id: int, room_id: int) -> QuerySet[Reading]:
    return Reading.objects.filter(member=member_id, room=room_id)


def one_of[M: Model](rows: Iterable[M]) -> M | None:
    """The one row there can be, or None; without the ordering that `first` adds."""
    return next(iter(rows), None)


def room_for(member: Member, room_id: int) -> Room:
    """A room that this member may read. Raises NotHere."""
    return room_and_floor(member, room_id)[0]


def room_and_floor(member: Member, room_id: int) -> tuple[Room, int]:
    """A room and this member's floor in it, with one query: each page that connects asks for it. Raises NotHere."""
    room = one_of(open_room_and_floor(member.pk, room_id, timezone.now()))
    if room is None:
        raise NotHere
    return room, room.floor  # type: ignore[attr-defined]  # annotated below


@written_once
def open_room_and_floor(member_id: int, room_id: int, now: datetime) -> QuerySet[Room]:
    is_open = Q(group__memberships__member=member_id) & of_the_unsuspended("group__memberships__", now)
    reading = Reading.objects.filter(member=member_id, room=room_id)
    return Room.objects.filter(is_open, pk=room_id).annotate(floor=or_zero(reading, "floor"))


def written_by(member: Member) -> MessageQuerySet:
    """What a member wrote and still stands, also where they no longer read: in a group that they left, below their floor."""
    return Message.objects.kept().standing().filter(author=member)


def written_message(author: Member, message_id: int) -> tuple[Message, Room]:
    """One of those, with its room locked. Raises NotHere."""
    found = message_of_nobody(message_id) if written_by(author).filter(pk=message_id).exists() else None
    if found is None:
        raise NotHere
    return found


def message_of_nobody(message_id: int) -> tuple[Message, Room] | None:
    """A message and its locked room, for what the house does by itself: erasing, clearing out. None when it is gone.

    If it was moved before its room was locked, it is looked for again: a purge must not take it for gone.
    """
    while (room_id := Message.objects.filter(pk=message_id).values_list("room_id", flat=True).first()) is not None:
        room = one_of(Room.objects.select_for_update().filter(pk=room_id))
        message = one_of(Message.objects.filter(pk=message_id, room=room_id))
        if message and room:
            return message, room
    return None


def message_and_rooms(message_id: int, other_id: int) -> tuple[Message, Room, Room]:
    """A message, its room and another one, to move it there. The rooms are locked in one order, so that two who move
    at once do not wait for each other for ever. Raises NotHere.
    """
    room_id = Message.objects.filter(pk=message_id).values_list("room_id", flat=True).first()
    ids = {other_id} if room_id is None else {room_id, other_id}
    rooms = {room.pk: room for room in Room.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    message = one_of(Message.objects.kept().filter(pk=message_id, room=room_id).select_related("author"))
    if message is None or other_id not in rooms:
        raise NotHere
    return message, rooms[message.room_id], rooms[other_id]


def message_there(standing: Standing, message_id: int) -> Message | None:
    """A message of this room that its reader may read; of one that was moved away meanwhile, the place where it stood."""
    there = Message.objects.above(standing.floor).filter(room=standing.room)
    return there.filter(pk=message_id).first() or there.kept().filter(moved_to=message_id).order_by("-pk").first()


def said_around(message: Message, each_way: int) -> list[Message]:
    """A message among those before and after it, for a moderator who looks into what was reported."""
    there = Message.objects.kept().filter(room=message.room_id).select_related("author")
    before = there.filter(created_version__lt=message.created_version).order_by("-created_version")[:each_way]
    after = there.filter(created_version__gt=message.created_version).order_by("created_version")[:each_way]
    return [*reversed(before), message, *after]


def held_rooms_of(messages: Collection[int]) -> list[Room]:
    """The rooms of some messages, locked in one order, so that two who hide many at once do not wait for each other for ever."""
    rooms = Message.objects.filter(pk__in=messages).values("room")
    return list(Room.objects.select_for_update().filter(pk__in=rooms).order_by("pk"))


def held_post_of(author: Member, held_id: int) -> HeldPost:
    """Somebody's own post that waits for a look, or waited. Locked. Raises NotHere."""
    held = one_of(HeldPost.objects.select_for_update().filter(author=author, pk=held_id))
    if held is None:
        raise NotHere
    return held


def held_post(held_id: int) -> HeldPost:
    """A post that waits for a look, locked, for what moderation does to it. Raises NotHere."""
    held = one_of(HeldPost.objects.select_for_update(of=("self",)).select_related("author").filter(pk=held_id))
    if held is None:
        raise NotHere
    return held


def locked_waiting(posts: QuerySet[HeldPost]) -> list[tuple[int, int, UUID, int, int]]:
    """Those of these posts that wait for a look, locked: id, author, client id, room, group; each author's together."""
    waiting = posts.filter(state=HeldPost.State.WAITING).select_for_update(of=("self",)).order_by("author", "pk")
    return list(waiting.values_list("pk", "author", "client_id", "room", "room__group"))


def held_room(room_id: int) -> Room | None:
    """A room, locked, for what moderation does to it. None when there is none."""
    return one_of(locked_room(room_id))


def held_membership(member_id: int, group_id: int) -> Membership | None:
    """A membership, locked, for what moderation does to it. None when there is none."""
    return one_of(Membership.objects.select_for_update().filter(member=member_id, group=group_id))


def rooms_for(member: Member | int, now: datetime | None = None) -> QuerySet[Room]:
    """All rooms that this member may read. Not all that was said in them: that is `messages_for`."""
    return Room.objects.filter(group__in=memberships_of(member, now).values("group"))


def messages_for(member: Member) -> MessageQuerySet:
    """All messages that this member may read."""
    return Message.objects.filter(readable_by(member))


def readable_by(member: Member | int, path: str = "", now: datetime | None = None) -> Q:
    """The rule for a message that this member may read: it is in one of their rooms, posted above their floor there.

    `path` leads to it from another table: "message__".
    """
    floors = Reading.objects.filter(member=member, room=OuterRef(f"{path}room"))
    is_hidden = Exists(floors.filter(floor__gte=OuterRef(f"{path}created_version")))
    return Q(~is_hidden, **{f"{path}room__in": rooms_for(member, now)})


def message_for(member: Member, message_id: int) -> Message:
    """A message that this member may read, not locked. Raises NotHere."""
    message = messages_for(member).kept().filter(pk=message_id).select_related("room__group", "author").first()
    if message is None:
        raise NotHere
    return message


def message_and_standing(member: Member, message_id: int) -> tuple[Message, Standing]:
    """A message with its room locked, for an action on it inside a transaction. Raises NotHere.

    The room is locked first and the message read after it, so that what is decided on is what stands.
    """
    room_id = Message.objects.filter(pk=message_id).values_list("room_id", flat=True).first()
    if room_id is None:
        raise NotHere
    standing = standing_in(member, room_id, locked=True)
    found = Message.objects.kept().above(standing.floor).filter(pk=message_id, room=room_id)
    message = one_of(found.select_related("author"))
    if message is None:
        raise NotHere
    return message, standing


def file_for(member: Member, file_id: int) -> File:
    """A file of a message that stands and that this member may read, or their own not posted yet. Raises NotHere.

    To a moderator also one of a post that waits for their look.
    """
    stands = readable_by(member, "message__") & Q(message__removed_at=None, message__hidden_at=None)
    is_own = Q(message=None, uploader=member, room__in=rooms_for(member))
    opens = stands | is_own
    if not may_moderate(member, timezone.now()):
        opens |= Q(message=None, held__state=HeldPost.State.WAITING)
    file = one_of(File.objects.filter(opens, pk=file_id, discarded_at=None))
    if file is None:
        raise NotHere
    return file


def group_for(member: Member, group_id: int) -> WorkingGroup:
    """A group that this member belongs to or may know of: private ones only to their members. Raises NotHere."""
    group = groups_known_to(member).filter(pk=group_id).first()
    if group is None:
        raise NotHere
    return group


def groups_known_to(member: Member | int, now: datetime | None = None) -> QuerySet[WorkingGroup]:
    mine = memberships_of(member, now).values("group")
    groups = WorkingGroup.objects.filter(direct_key=None)
    return groups.filter(Q(pk__in=mine) | ~Q(kind=WorkingGroup.Kind.PRIVATE))


def membership_in(member: Member, group_id: int, *, locked: bool = False) -> Membership:
    """This member's membership of a working group; `locked`: while who belongs and who leads is changed. Raises NotHere."""
    if locked:
        locked_group(group_id)
    membership = working_memberships_of(member).filter(group_id=group_id).select_related("member", "group").first()
    if membership is None:
        raise NotHere
    return membership


def locked_group(group_id: int) -> WorkingGroup | None:
    """A group, held for the transaction that is under way: nobody else joins it, leads it or changes it meanwhile."""
    return one_of(WorkingGroup.objects.select_for_update().filter(pk=group_id))


def held_versions(group: WorkingGroup) -> list[tuple[int, int]]:
    """Room and version of all rooms of a locked group, each held, so that nothing is posted in them meanwhile."""
    return list(Room.objects.select_for_update().filter(group=group).order_by("pk").values_list("pk", "version"))


def groups_to_invite_to(member: Member) -> QuerySet[WorkingGroup]:
    """Groups whose members this member may add to: those they lead, and to moderators all that they belong to."""
    mine = working_memberships_of(member)
    leading = mine if is_moderator(member) else mine.filter(role=Membership.Role.LEADER)
    return WorkingGroup.objects.filter(pk__in=leading.values("group"))


def invitations_for(member: Member) -> QuerySet[Invitation]:
    """Invitations that this member may send again and take back: to moderators all, to leaders those to their groups.

    Not those with a role above their own.
    """
    given = [role for role in Member.Role.values if not may_give_role(member, role)]
    invitations = Invitation.objects.filter(role__in=given)
    if is_moderator(member):
        return invitations
    return invitations.filter(places__group__in=groups_to_invite_to(member)).distinct()


def invitation_for(member: Member, invitation_id: int) -> Invitation:
    """An invitation that this member may send again or take back. Raises NotHere."""
    invitation = invitations_for(member).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotHere
    return invitation
