"""Opening, changing, locking and archiving a room."""

from django.db import transaction
from django.utils import timezone

from events.catalogue import RoomChanged, RoomOpened
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotHere
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from rooms.access import Standing, membership_in, standing_in
from rooms.actions.messages import advance
from rooms.actions.naming import known_by
from rooms.models import Room


def open_room(
    member: Member,
    group_id: int,
    *,
    name: str,
    about: str = "",
    is_sensitive: bool = False,
    refuses_mail: bool = False,
    answered: Answered = NOTHING_ANSWERED,
) -> Room:
    """Open a room in a group that the member belongs to. Raises NotHere, NotAllowed, BadRequest."""
    name, about = room_words(name, about)
    pass_screens(Draft(member, f"{name}\n\n{about}", answered=answered))
    with transaction.atomic():
        membership = membership_in(member, group_id)
        allow(permissions.may_open_room(membership.member, membership, timezone.now()))
        refuse_taken_name(group_id, name)
        room = Room.objects.create(
            group=membership.group,
            name=name,
            about=about,
            is_sensitive=is_sensitive,
            refuses_mail=refuses_mail,
            opened_by=member,
        )
        publish(RoomOpened(room=room.pk, group=group_id))
        return room


def room_words(name: str, about: str) -> tuple[str, str]:
    return known_by("room", name, about, field="about", field_called="What a room is about")


def refuse_taken_name(group_id: int, name: str, *, besides: int | None = None) -> None:
    if Room.objects.filter(group_id=group_id, name=name).exclude(pk=besides or 0).exists():
        raise BadRequest("This group already has a room of that name.", code="name_taken", field="name")


def change_room(
    member: Member,
    room_id: int,
    *,
    name: str,
    about: str,
    is_sensitive: bool = False,
    refuses_mail: bool = False,
    answered: Answered = NOTHING_ANSWERED,
) -> Room:
    """Rename a room, say anew what it is about, whether its words may leave by mail, and whether new ones come by mail."""
    name, about = room_words(name, about)
    pass_screens(Draft(member, f"{name}\n\n{about}", answered=answered))
    with transaction.atomic():
        standing = standing_in_group(member, room_id, locked=True)
        allow(permissions.may_change_room(standing.member, standing.membership, standing.room, timezone.now()))
        refuse_taken_name(standing.group.pk, name, besides=room_id)
        return change(standing, name=name, about=about, is_sensitive=is_sensitive, refuses_mail=refuses_mail)


def change(standing: Standing, **changed: object) -> Room:
    """Give the locked room its new facts, if they are new, under its next version."""
    room = standing.room
    if all(getattr(room, field) == value for field, value in changed.items()):
        return room
    advance(room, changed_version=room.version + 1, **changed)
    publish(RoomChanged(room=room.pk, group=room.group_id, version=room.version))
    return room


@transaction.atomic
def lock_room(member: Member, room_id: int, *, on: bool) -> Room:
    """Leave writing to leaders and moderators, or give it back to everybody."""
    standing = closing(member, room_id)
    return change(standing, locked_at=since(standing.room.locked_at, on=on))


@transaction.atomic
def archive_room(member: Member, room_id: int, *, on: bool) -> Room:
    """Keep a room for reading alone, or bring it back."""
    standing = closing(member, room_id)
    return change(standing, archived_at=since(standing.room.archived_at, on=on))


def standing_in_group(member: Member, room_id: int, *, locked: bool = False) -> Standing:
    """A room of a working group: a direct conversation has nothing to change or to close. Raises NotHere."""
    standing = standing_in(member, room_id, locked=locked)
    if standing.group.is_direct:
        raise NotHere
    return standing


def closing(member: Member, room_id: int) -> Standing:
    """The locked room, for someone who may lock and archive it."""
    standing = standing_in_group(member, room_id, locked=True)
    allow(permissions.may_close_room(standing.member, standing.membership, timezone.now()))
    return standing


def since[T](before: T | None, *, on: bool) -> T | object | None:
    """When it began: as before if it holds already, now if it begins, None if it ends."""
    return (before or timezone.now()) if on else None
