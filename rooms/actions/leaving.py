"""What becomes of somebody's groups when they leave the community."""

from django.db.models import Exists, OuterRef, QuerySet

from events.catalogue import MemberLeft
from members.models import Member
from members.refusals import NotAllowed
from rooms.access import memberships_held
from rooms.actions.groups import end_membership
from rooms.models import JoinRequest, Membership, WorkingGroup


def end_memberships(event: MemberLeft) -> None:
    """The member belongs to no group any more. Raises NotAllowed while one of them would be left without a leader."""
    held = memberships_held(event.member)
    leaderless = [group.name for group in groups_that_need_a_leader(event.member)]
    if leaderless:
        raise NotAllowed(f"Name another leader first in: {', '.join(leaderless)}.")
    for membership in held:
        end_membership(membership)
    JoinRequest.objects.filter(member=event.member, answered_at=None).delete()


def groups_that_need_a_leader(member: Member | int) -> QuerySet[WorkingGroup]:
    """The groups that have members besides this one, and no other leader."""
    here = Membership.objects.filter(group=OuterRef("pk"))
    others, leads = here.exclude(member=member), here.filter(member=member, role=Membership.Role.LEADER)
    return WorkingGroup.objects.filter(
        Exists(leads), Exists(others), ~Exists(others.filter(role=Membership.Role.LEADER))
    ).order_by("name")
