"""Starting, changing and closing a working group; joining and leaving it."""

from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from events.catalogue import (
    HistoryOpened,
    JoinRequestAnswered,
    LeaderNamed,
    MembershipBegan,
    MembershipEnded,
    RoomChanged,
)
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from rooms.access import group_for, held_versions, locked_group, member_called, membership_in
from rooms.actions.naming import free_slug, known_by
from rooms.models import JoinRequest, Membership, Reading, Room, WorkingGroup
from rooms.preserving import set_aside_membership
from rooms.terms import CHOICES, term_from_today


@dataclass(frozen=True, slots=True)
class Charter:
    """What a group says of itself, as a form sends it. `term_months`: how long one leads; 0 is without an end."""

    name: str
    purpose: str
    kind: str = WorkingGroup.Kind.OPEN
    history: str = WorkingGroup.History.OPEN
    term_months: int | None = 12


def charter_of(group: WorkingGroup) -> Charter:
    return Charter(group.name, group.purpose, group.kind, group.history, group.term_months)


def read_charter(charter: Charter) -> Charter:
    """The charter with its words cleaned and its choices known. Raises BadRequest."""
    name, purpose = known_by("group", charter.name, charter.purpose, field="purpose", field_called="A group's purpose")
    if charter.kind not in WorkingGroup.Kind.values:
        raise BadRequest("Choose how one joins the group.", field="kind")
    if charter.history not in WorkingGroup.History.values:
        raise BadRequest("Choose what newcomers can read.", field="history")
    if charter.term_months not in CHOICES:
        raise BadRequest("Choose how long a leader leads.", field="term_months")
    return replace(charter, name=name, purpose=purpose)


def refuse_taken_name(name: str, *, besides: int = 0) -> None:
    if WorkingGroup.objects.filter(name=name).exclude(pk=besides).exists():
        raise BadRequest("There is a group of that name.", code="name_taken", field="name")


def start_group(
    member: Member, charter: Charter, leader: str = "", answered: Answered = NOTHING_ANSWERED
) -> WorkingGroup:
    """Start a group. `leader`: by handle or address, who leads it, if not whoever starts it. Raises NotAllowed, BadRequest."""
    allow(permissions.may_start_group(member, timezone.now()))
    charter = read_charter(charter)
    pass_screens(Draft(member, f"{charter.name}\n\n{charter.purpose}", answered=answered))
    with transaction.atomic():
        refuse_taken_name(charter.name)
        first = member_called(member, leader, field="leader") if leader.strip() else member
        group = WorkingGroup.objects.create(**asdict(charter), slug=free_slug(charter.name))
        begin_membership(first, group, Membership.Role.LEADER)
        if first != member:
            publish(LeaderNamed(group=group.pk, member=first.pk, by=member.pk))
        return group


def change_group(
    leader: Member, group_id: int, charter: Charter, answered: Answered = NOTHING_ANSWERED
) -> WorkingGroup:
    """Say anew what a group is called and for, how one joins it, and what is then open to read.

    What becomes private is hidden at once from all who do not belong; who belongs stays. Where the history is opened, it
    is open at once to everybody who belongs; where it is closed, to whoever joins from now on, for what was read cannot be
    unread. Raises NotHere, NotAllowed, BadRequest.
    """
    charter = read_charter(charter)
    pass_screens(Draft(leader, f"{charter.name}\n\n{charter.purpose}", answered=answered))
    with transaction.atomic():
        mine = membership_in(leader, group_id, locked=True)
        allow(permissions.may_change_group(mine.member, mine, timezone.now()))
        refuse_taken_name(charter.name, besides=group_id)
        group = mine.group
        for field, value in asdict(charter).items():
            setattr(group, field, value)
        group.save(update_fields=list(asdict(charter)))
        if group.history == WorkingGroup.History.OPEN:
            open_history(group)
        return group


def open_history(group: WorkingGroup) -> None:
    """Give everybody what was kept from them, those too who left and may come back."""
    if Reading.objects.filter(room__group=group, floor__gt=0).update(floor=0):
        publish(HistoryOpened(group=group.pk))


@transaction.atomic
def close_group(leader: Member, group_id: int, *, on: bool) -> WorkingGroup:
    """Close a group, so that it is read and no more written in, or open it again. Raises NotHere, NotAllowed."""
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_close_group(mine.member, mine))
    group = mine.group
    if on == (group.closed_at is not None):
        return group
    group.closed_at = timezone.now() if on else None
    group.save(update_fields=["closed_at"])
    tell_open_pages(group)
    return group


def preserve_group(group_id: int, *, on: bool) -> None:
    """Have what is said in a group kept because the law requires it, or let it go. Nobody is told."""
    WorkingGroup.objects.filter(pk=group_id).update(preserved_at=timezone.now() if on else None)


def tell_open_pages(group: WorkingGroup) -> None:
    """Each room of a locked group takes a version for what happened to its group, so that no open page misses it."""
    versions = held_versions(group)
    after = F("version") + 1
    Room.objects.filter(group=group).update(version=after, changed_version=after, moved_at=timezone.now())
    for room, version in versions:
        publish(RoomChanged(room=room, group=group.pk, version=version + 1))


@transaction.atomic
def join_group(member: Member, group_id: int) -> Membership:
    """Become a member of an open group; joining twice changes nothing. Raises NotHere, NotAllowed."""
    group = group_for(member, group_id)
    present = Membership.objects.filter(member=member, group=group).first()
    if present:
        return present
    allow(permissions.may_join(member, group, timezone.now()))
    return begin_membership(member, group)


def begin_membership(
    member: Member, group: WorkingGroup, role: str = Membership.Role.MEMBER, *, by: Member | None = None
) -> Membership:
    """The row, and all that begins with it. Every way into a group ends here. `by`: who let them in, if not they themselves.

    Who belongs already goes on belonging, as they are: they may have come in by another door in the same moment.
    """
    # Held, so that what newcomers may read does not change while somebody becomes one.
    group = locked_group(group.pk) or group
    leads_until = term_from_today(group) if role == Membership.Role.LEADER else None
    membership, began = Membership.objects.get_or_create(
        member=member, group=group, defaults={"role": role, "leads_until": leads_until}
    )
    if not began:
        return membership
    begin_reading(member, group)
    for asked in JoinRequest.objects.filter(member=member, group=group, answered_at=None):
        close_request(asked, by, accept=True)
    publish(MembershipBegan(group=group.pk, member=member.pk))
    return membership


def begin_reading(member: Member, group: WorkingGroup) -> None:
    """Reading positions for every room: to a newcomer the past is history, not a thousand unread messages.

    Where that history is closed to newcomers, it is closed to those too who belonged before and come back: their floor
    rises to where the rooms stand now, with the rooms held, so that it is exact. Otherwise they go on where they stopped.
    """
    is_closed = group.history == WorkingGroup.History.FROM_JOINING
    rooms = held_versions(group) if is_closed else Room.objects.filter(group=group).values_list("pk", F("version"))
    readings = [
        Reading(member=member, room_id=pk, version=version, floor=version if is_closed else 0) for pk, version in rooms
    ]
    if is_closed:
        Reading.objects.bulk_create(
            readings,
            batch_size=200,
            update_conflicts=True,
            unique_fields=["member", "room"],
            update_fields=["version", "floor"],
        )
    else:
        Reading.objects.bulk_create(readings, batch_size=500, ignore_conflicts=True)


def close_request(asked: JoinRequest, by: Member | None, *, accept: bool) -> None:
    """The answer to somebody who asked to join. `by` is None where they came in by themselves meanwhile."""
    asked.answered_at, asked.answered_by, asked.accepted = timezone.now(), by, accept
    asked.save(update_fields=["answered_at", "answered_by", "accepted"])
    publish(
        JoinRequestAnswered(
            group=asked.group_id, member=asked.member_id, by=by.pk if by else None, accepted=asked.accepted
        )
    )


@transaction.atomic
def leave_group(member: Member, group_id: int) -> None:
    """Leave a group: its rooms are closed to the member at once, on every screen. Raises NotHere, NotAllowed."""
    membership = membership_in(member, group_id, locked=True)
    keep_a_leader(membership)
    end_membership(membership)


def keep_a_leader(leaving: Membership) -> None:
    """A group with members has somebody to turn to. Raises NotAllowed for the last of its leaders."""
    others = Membership.objects.filter(group=leaving.group).exclude(pk=leaving.pk).values_list("role", flat=True)
    roles = set(others) if leaving.role == Membership.Role.LEADER else set()
    if roles and Membership.Role.LEADER not in roles:
        raise NotAllowed("A group keeps at least one leader. Name another first.")


def end_membership(membership: Membership) -> None:
    """The end of a membership, by whoever's wish. Must run inside a transaction."""
    group, member = membership.group_id, membership.member_id
    set_aside_membership(membership)
    membership.delete()
    publish(MembershipEnded(group=group, member=member))
