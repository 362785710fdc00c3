"""Joining and leaving a working group."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from events.catalogue import MembershipBegan, MembershipEnded
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import NotAllowed
from rooms.access import group_for, membership_in
from rooms.models import Membership, Reading, Room, WorkingGroup


@transaction.atomic
def join_group(member: Member, group_id: int) -> Membership:
    """Become a member of an open group; joining twice changes nothing. Raises NotHere, NotAllowed."""
    group = group_for(member, group_id)
    present = Membership.objects.filter(member=member, group=group).first()
    if present:
        return present
    allow(permissions.may_join(member, group, timezone.now()))
    return begin_membership(member, group)


def begin_membership(member: Member, group: WorkingGroup, role: str = Membership.Role.MEMBER) -> Membership:
    """The row, and the reading positions with it: to a newcomer the past is history, not a thousand unread messages."""
    membership = Membership.objects.create(member=member, group=group, role=role)
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
