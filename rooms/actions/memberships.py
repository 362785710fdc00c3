"""Who belongs to a group and who leads it, as its leaders decide; and asking to join."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from frontend.text import clean, one_line
from members import permissions
from members.models import Member
from members.permissions import allow, is_suspended
from members.refusals import BadRequest, NotAllowed, NotHere
from rooms.access import group_for, membership_in
from rooms.actions.groups import begin_membership, end_membership, keep_a_leader
from rooms.models import JoinRequest, Membership
from rooms.screens import pass_screens

LONGEST_WORDS = 300


def ask_to_join(member: Member, group_id: int, words: str) -> None:
    """Ask a group's leaders to be let in; asking twice is asking once. Raises NotHere, NotAllowed, or a screen's Refused."""
    words = one_line(words)
    if len(words) > LONGEST_WORDS:
        raise BadRequest(f"That is over the limit of {LONGEST_WORDS} characters.", code="too_long", field="words")
    if words:
        pass_screens(member, words)
    with transaction.atomic():
        group = group_for(member, group_id)
        if Membership.objects.filter(member=member, group=group).exists():
            return
        allow(permissions.may_ask_to_join(member, group, timezone.now()))
        JoinRequest.objects.get_or_create(member=member, group=group, answered_at=None, defaults={"words": words})


@transaction.atomic
def answer_request(leader: Member, request_id: int, *, accept: bool) -> JoinRequest:
    """Let somebody in who asked, or not; what was answered stays answered. Raises NotHere, NotAllowed."""
    group_id = JoinRequest.objects.filter(pk=request_id).values_list("group_id", flat=True).first()
    if group_id is None:
        raise NotHere
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_add_members(mine.member, mine))
    asked = JoinRequest.objects.select_related("member", "group").get(pk=request_id)
    if asked.answered_at is None:
        close_request(asked, leader, accept=accept)
        if accept:
            begin_membership(asked.member, asked.group)
    return asked


def close_request(asked: JoinRequest, leader: Member, *, accept: bool) -> None:
    asked.answered_at, asked.answered_by, asked.accepted = timezone.now(), leader, accept
    asked.save(update_fields=["answered_at", "answered_by", "accepted"])


@transaction.atomic
def add_member(leader: Member, group_id: int, who: str) -> Membership:
    """Bring a member of the community into a group, by handle or address. Raises NotHere, NotAllowed, BadRequest."""
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_add_members(mine.member, mine))
    name = clean(who).strip().lower().removeprefix("@")
    member = Member.objects.filter(Q(handle=name) | Q(email=name)).first()
    if member is None or is_suspended(member, timezone.now()):
        raise BadRequest("No member has that name or address. Check how it is written.", code="no_member", field="who")
    for asked in JoinRequest.objects.filter(member=member, group=mine.group, answered_at=None):
        close_request(asked, leader, accept=True)
    return begin_membership(member, mine.group)


@transaction.atomic
def remove_member(leader: Member, group_id: int, member_id: int) -> None:
    """End somebody's membership: the group's rooms close to them at once. Raises NotHere, NotAllowed."""
    mine = membership_in(leader, group_id, locked=True)
    if member_id == leader.pk:
        raise NotAllowed("To go yourself, leave the group.")
    other = other_membership(mine, member_id)
    allow(permissions.may_remove_member(mine.member, mine, other))
    end_membership(other)


@transaction.atomic
def change_role(leader: Member, group_id: int, member_id: int, *, lead: bool) -> Membership:
    """Name a leader, or end that. A group keeps at least one. Raises NotHere, NotAllowed."""
    mine = membership_in(leader, group_id, locked=True)
    other = other_membership(mine, member_id)
    allow(permissions.may_lead_on(mine.member, mine, other, is_self=member_id == leader.pk))
    if not lead:
        keep_a_leader(other)
    other.role = Membership.Role.LEADER if lead else Membership.Role.MEMBER
    other.save(update_fields=["role"])
    return other


def other_membership(mine: Membership, member_id: int) -> Membership:
    """Somebody's membership of the same group. Raises NotHere, to whoever may not lead as well."""
    other = Membership.objects.filter(group=mine.group, member=member_id).select_related("member", "group").first()
    if other is None:
        raise NotHere
    return other
