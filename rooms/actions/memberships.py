"""Who belongs to a group and who leads it, as its leaders decide; and asking to join."""

from django.db import transaction
from django.utils import timezone

from events.catalogue import JoinRequested, LeaderNamed, MemberAdded
from events.publish import publish
from frontend.text import one_line
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed, NotHere
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from rooms.access import group_for, member_called, membership_in
from rooms.actions.groups import begin_membership, close_request, end_membership, keep_a_leader
from rooms.models import JoinRequest, Membership
from rooms.terms import term_from_today

LONGEST_WORDS = 300


def ask_to_join(member: Member, group_id: int, words: str, answered: Answered = NOTHING_ANSWERED) -> None:
    """Ask a group's leaders to be let in; asking twice is asking once. Raises NotHere, NotAllowed, or a screen's Refused."""
    words = one_line(words)
    if len(words) > LONGEST_WORDS:
        raise BadRequest(f"That is over the limit of {LONGEST_WORDS} characters.", code="too_long", field="words")
    if words:
        pass_screens(Draft(member, words, answered=answered))
    with transaction.atomic():
        group = group_for(member, group_id)
        if Membership.objects.filter(member=member, group=group).exists():
            return
        allow(permissions.may_ask_to_join(member, group, timezone.now()))
        _, is_new = JoinRequest.objects.get_or_create(
            member=member, group=group, answered_at=None, defaults={"words": words}
        )
        if is_new:
            publish(JoinRequested(group=group_id, member=member.pk))


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
            begin_membership(asked.member, asked.group, by=leader)
    return asked


@transaction.atomic
def add_member(leader: Member, group_id: int, who: str) -> Membership:
    """Bring a member of the community into a group, by handle or address. Raises NotHere, NotAllowed, BadRequest."""
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_add_members(mine.member, mine))
    member = member_called(leader, who, field="who")
    present = Membership.objects.filter(member=member, group=mine.group).first()
    if present:
        return present
    had_asked = JoinRequest.objects.filter(member=member, group=mine.group, answered_at=None).exists()
    membership = begin_membership(member, mine.group, by=leader)
    if not had_asked:
        publish(MemberAdded(group=group_id, member=member.pk, by=leader.pk))
    return membership


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
    if lead == (other.role == Membership.Role.LEADER):
        return other
    if lead:
        name_leader(other, leader)
    else:
        keep_a_leader(other)
        step_down(other)
    return other


def name_leader(named: Membership, by: Member) -> None:
    """A member leads from today, for the term that the group has chosen."""
    named.role, named.leads_until = Membership.Role.LEADER, term_from_today(named.group)
    named.save(update_fields=["role", "leads_until"])
    publish(LeaderNamed(group=named.group_id, member=named.member_id, by=by.pk))


def step_down(leading: Membership) -> None:
    leading.role, leading.leads_until = Membership.Role.MEMBER, None
    leading.save(update_fields=["role", "leads_until"])


@transaction.atomic
def lead_another_term(leader: Member, group_id: int) -> Membership:
    """Go on leading for another term, in sight of the whole group. Raises NotHere, NotAllowed."""
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_settle_term(mine))
    mine.leads_until = term_from_today(mine.group)
    mine.save(update_fields=["leads_until"])
    return mine


@transaction.atomic
def hand_over(leader: Member, group_id: int, member_id: int) -> Membership:
    """Name another as leader in one's own place, and step down. Raises NotHere, NotAllowed."""
    mine = membership_in(leader, group_id, locked=True)
    allow(permissions.may_settle_term(mine))
    other = other_membership(mine, member_id)
    if other.pk == mine.pk:
        raise NotAllowed("To go on yourself, take another term.")
    if other.role != Membership.Role.LEADER:
        name_leader(other, leader)
    step_down(mine)
    return other


def other_membership(mine: Membership, member_id: int) -> Membership:
    """Somebody's membership of the same group. Raises NotHere, to whoever may not lead as well."""
    other = Membership.objects.filter(group=mine.group, member=member_id).select_related("member", "group").first()
    if other is None:
        raise NotHere
    return other
