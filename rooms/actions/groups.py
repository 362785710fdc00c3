"""Joining, leaving and changing a working group."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from events.catalogue import MembershipBegan, MembershipEnded
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed
from rooms.access import group_for, membership_in
from rooms.actions.naming import known_by
from rooms.models import Membership, Reading, Room, WorkingGroup
from rooms.screens import pass_screens


@transaction.atomic
def join_group(member: Member, group_id: int) -> Membership:
    """Become a member of an open group; joining twice changes nothing. Raises NotHere, NotAllowed."""
    group = group_for(member, group_id)
    present = Membership.objects.filter(member=member, group=group).first()
    if present:
        return present
    allow(permissions.may_join(member, group, timezone.now()))
    return begin_membership(member, group)


@transaction.atomic
def change_group(leader: Member, group_id: int, *, name: str, purpose: str, kind: str) -> WorkingGroup:
    """Say anew what a group is called and for, and how one joins it. Raises NotHere, NotAllowed, BadRequest.

    What becomes private is hidden at once from all who do not belong; who belongs stays.
    """
    name, purpose = known_by("group", name, purpose, field="purpose", field_called="A group's purpose")
    pass_screens(leader, f"{name}\n\n{purpose}")
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_change_group(mine.member, mine, timezone.now()))
    if kind not in WorkingGroup.Kind.values:
        raise BadRequest("Choose how one joins the group.", field="kind")
    if WorkingGroup.objects.filter(name=name).exclude(pk=group_id).exists():
        raise BadRequest("There is a group of that name.", code="name_taken", field="name")
    group = mine.group
    group.name, group.purpose, group.kind = name, purpose, kind
    group.save(update_fields=["name", "purpose", "kind"])
    return group


def begin_membership(member: Member, group: WorkingGroup, role: str = Membership.Role.MEMBER) -> Membership:
    """The row, and the reading positions with it: to a newcomer the past is history, not a thousand unread messages.

    Who belongs already goes on belonging, as they are: they may have come in by another door in the same moment.
    """
    membership, began = Membership.objects.get_or_create(member=member, group=group, defaults={"role": role})
    if not began:
        return membership
    Reading.objects.bulk_create(
        [
            Reading(member=member, room_id=pk, version=version)
            for pk, version in Room.objects.filter(group=group).values_list("pk", F("version"))
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    publish(MembershipBegan(group=group.pk, member=member.pk))
    return membership


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
    membership.delete()
    publish(MembershipEnded(group=group, member=member))
