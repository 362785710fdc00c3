"""Beginning a direct conversation, and leaving one; keeping one's distance from somebody."""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from members.distance import stands_between
from members.limits import Allowance, Limits
from members.models import Block, Member, Mute
from members.permissions import is_suspended
from members.refusals import BadRequest, NotAllowed, NotHere, TooFast
from rooms.access import locked_group, member_for, standing_in
from rooms.actions.groups import begin_membership, end_membership
from rooms.models import Membership, Room, WorkingGroup

NAME = "Direct conversation"
"""What frames call the room, which are the same for everybody."""
MOST = 8
"""People in one conversation. More are a group."""
beginning = Limits(Allowance(burst=20, a_minute=0.5))


def open_direct(member: Member, others: list[int]) -> Room:
    """The conversation of exactly these people and the member, begun if there is none.

    Whoever left one and begins it again is in it again, with what was said from then on. Raises NotHere, NotAllowed,
    BadRequest, TooFast.
    """
    people = sorted({member.pk, *others})
    if len(people) < 2 or len(people) > MOST:
        raise BadRequest(f"Choose one to {MOST - 1} people.", code="how_many", field="members")
    company = [member_for(member, each) for each in people if each != member.pk]
    is_away = any(each.restricted_at or is_suspended(each, timezone.now()) for each in company)
    if is_away or stands_between(member, others):
        raise NotAllowed(
            "You cannot write to this person." if len(company) == 1 else "You cannot write to one of them."
        )
    key = key_of(people)
    if not WorkingGroup.objects.filter(direct_key=key).exists() and not beginning.allow(member.pk):
        raise TooFast("You began many conversations in a short time. Wait a while, then try again.")
    return begin(member, company)


def key_of(people: list[int]) -> str:
    return "-".join(str(each) for each in sorted(people))


@transaction.atomic
def begin(member: Member, company: list[Member]) -> Room:
    """The circle with its room. Of two who begin it at the same moment, one makes it, and the other finds it."""
    key = key_of([member.pk, *(each.pk for each in company)])
    nameless = f"direct {uuid4().hex}"
    circle, is_new = WorkingGroup.objects.get_or_create(
        direct_key=key,
        defaults={
            "name": nameless,
            "slug": nameless.replace(" ", "-"),
            "kind": WorkingGroup.Kind.PRIVATE,
            "history": WorkingGroup.History.FROM_JOINING,
        },
    )
    locked_group(circle.pk)
    room, _ = Room.objects.get_or_create(group=circle, defaults={"name": NAME, "opened_by": member})
    for each in [member, *company] if is_new else [member]:
        begin_membership(each, circle)
    return room


@transaction.atomic
def leave_direct(member: Member, room_id: int) -> None:
    """Leave a conversation of three or more. One of two is left alone, or its other blocked. Raises NotHere, NotAllowed."""
    standing = standing_in(member, room_id)
    if not standing.group.is_direct:
        raise NotHere
    locked_group(standing.group.pk)
    if Membership.objects.filter(group=standing.group).count() <= 2:
        raise NotAllowed("A conversation of two stays. If you do not wish to hear the other, block them on their card.")
    end_membership(standing.membership)


@transaction.atomic
def keep_away(member: Member, other_id: int, kind: type[Block] | type[Mute], *, on: bool) -> Member:
    """Block or mute somebody, or take it back; doing it twice changes nothing. Raises NotHere, BadRequest."""
    other = member_for(member, other_id)
    if other.pk == member.pk:
        raise BadRequest("That is you.", field="member")
    if on:
        kind.objects.get_or_create(member=member, other=other)
    else:
        kind.objects.filter(member=member, other=other).delete()
    return other
