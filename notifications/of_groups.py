"""Notices about groups and the community: who asks to join, and what became of it; who was added, who leads."""

from events.catalogue import (
    CommunityRequestAnswered,
    CommunityRequested,
    JoinRequestAnswered,
    JoinRequested,
    LeaderNamed,
    MemberAdded,
    NoticesChanged,
    RetentionSet,
)
from events.publish import publish
from members.models import Member
from members.permissions import MODERATORS
from notifications.models import Notice
from rooms.models import Membership


def tell_leaders_who_asks(event: JoinRequested) -> None:
    """Each leader of the group has a notice until one of them has answered."""
    leaders = Membership.objects.filter(group=event.group, role=Membership.Role.LEADER)
    keep(Notice.Kind.ASKS, *leaders.values_list("member_id", flat=True), group=event.group, by=event.member)


def settle_request(event: JoinRequestAnswered) -> None:
    """The leaders need not look any more; who asked hears the answer, if somebody gave one."""
    asking = Notice.objects.filter(kind=Notice.Kind.ASKS, group=event.group, by=event.member)
    leaders = tuple(asking.values_list("member_id", flat=True))
    asking.delete()
    publish(NoticesChanged(members=leaders))
    if event.by:
        kind = Notice.Kind.LET_IN if event.accepted else Notice.Kind.DECLINED
        keep(kind, event.member, group=event.group, by=event.by)


def tell_moderators_who_asks(event: CommunityRequested) -> None:
    """Each moderator has a notice until one of them has answered."""
    moderators = tuple(Member.objects.filter(role__in=MODERATORS, is_active=True).values_list("pk", flat=True))
    Notice.objects.bulk_create(
        Notice(member_id=member, newcomer_id=event.request, kind=Notice.Kind.NEWCOMER) for member in moderators
    )
    publish(NoticesChanged(members=moderators))


def settle_newcomer(event: CommunityRequestAnswered) -> None:
    """The other moderators need not look any more."""
    asking = Notice.objects.filter(newcomer=event.request)
    moderators = tuple(asking.values_list("member_id", flat=True))
    asking.delete()
    publish(NoticesChanged(members=moderators))


def tell_who_was_added(event: MemberAdded) -> None:
    keep(Notice.Kind.ADDED, event.member, group=event.group, by=event.by)


def tell_who_leads(event: LeaderNamed) -> None:
    keep(Notice.Kind.LEADS, event.member, group=event.group, by=event.by)


def tell_members_of_retention(event: RetentionSet) -> None:
    """Everybody in the group hears that what was said in a room will go, while there are days left to keep it elsewhere."""
    members = Membership.objects.filter(group=event.group).values_list("member_id", flat=True)
    keep(Notice.Kind.KEEPS, *members, group=event.group, by=event.by, room=event.room)


def keep(kind: str, *members: int, group: int, by: int, room: int | None = None) -> None:
    """A notice for each of these members but the one who did it."""
    others = [member for member in members if member != by]
    Notice.objects.bulk_create(
        Notice(member_id=member, group_id=group, by_id=by, room_id=room, kind=kind) for member in others
    )
    publish(NoticesChanged(members=tuple(others)))
