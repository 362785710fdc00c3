"""Inviting people, one or hundreds, to the community and to a group; and what begins when they accept."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from events.catalogue import InvitationAccepted
from frontend.text import clean
from members import permissions
from members.invitations.actions import DAYS, Terms, open_invitations, was_sent_just_now, write_invitations
from members.invitations.reading import Guest, guests_in
from members.models import Invitation, Member
from members.permissions import allow, is_suspended
from members.refusals import BadRequest
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from rooms.access import membership_in, rooms_for
from rooms.actions.groups import begin_membership
from rooms.actions.memberships import add_member, change_role
from rooms.models import Membership, PromisedPlace, Room, WorkingGroup

LONGEST_NOTE = 600
TERMS = (7, DAYS, 30, 90)
"""Days that an invitation may stay open."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to do: a list as typed, and on what terms. `group`: an id, None for the community alone."""

    people: str
    role: str = Member.Role.MEMBER
    group: int | None = None
    group_role: str = Membership.Role.MEMBER
    note: str = ""
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Planned:
    """What will happen to one person of the list: `invite`, `again`, `add`, or one of the reasons why nothing will."""

    guest: Guest
    outcome: str
    member: Member | None = None
    invitation: Invitation | None = None
    """The one that is open already."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A wish that may be carried out, line by line."""

    group: WorkingGroup | None
    note: str
    people: list[Planned]

    def those(self, *outcomes: str) -> list[Planned]:
        return [planned for planned in self.people if planned.outcome in outcomes]


def plan_invitations(inviter: Member, wish: Wish) -> Plan:
    """What would happen, without doing it. Raises NotAllowed, NotHere, BadRequest."""
    group = allowed_group(inviter, wish)
    note = clean(wish.note)
    if len(note) > LONGEST_NOTE:
        raise BadRequest(f"The note has at most {LONGEST_NOTE} characters.", code="too_long", field="note")
    if wish.days not in TERMS:
        raise BadRequest("Choose how long the invitation stays open.", field="days")
    return Plan(group, note, planned(guests_in(wish.people), group))


def allowed_group(inviter: Member, wish: Wish) -> WorkingGroup | None:
    """The group that is invited to, once nothing speaks against it. Raises NotAllowed, NotHere, BadRequest."""
    now = timezone.now()
    if wish.role not in Member.Role.values or wish.group_role not in Membership.Role.values:
        raise BadRequest("Choose a role from the list.", field="role")
    if wish.group is None:
        allow(permissions.may_invite(inviter, wish.role, now))
        return None
    mine = membership_in(inviter, wish.group)
    allow(permissions.may_invite_to_group(mine.member, mine, wish.role, now))
    return mine.group


def planned(guests: list[Guest], group: WorkingGroup | None) -> list[Planned]:
    addresses = {guest.address for guest in guests} - {""}
    members = {member.email: member for member in Member.objects.filter(email__in=addresses)}
    invited = {invitation.address: invitation for invitation in open_invitations().filter(address__in=addresses)}
    belong = set(
        Membership.objects.filter(group=group, member__email__in=addresses).values_list("member_id", flat=True)
    )
    now, seen, people = timezone.now(), set[str](), []
    for guest in guests:
        member, invitation = members.get(guest.address), invited.get(guest.address)
        if not guest.address:
            outcome = "no_address"
        elif guest.address in seen:
            outcome = "twice"
        elif member and is_suspended(member, now):
            outcome = "suspended"
        elif member:
            outcome = "add" if group and member.pk not in belong else "member"
        elif invitation:
            outcome = "just_now" if was_sent_just_now(invitation, now) else "again"
        else:
            outcome = "invite"
        seen.add(guest.address)
        people.append(Planned(guest, outcome, member, invitation))
    return people


def invite_people(inviter: Member, wish: Wish, answered: Answered = NOTHING_ANSWERED) -> Plan:
    """Carry a wish out as things stand now; the letters leave after the commit.

    Raises NotAllowed, NotHere, BadRequest, TooFast, or a screen's Refused.
    """
    pass_screens(Draft(inviter, f"{clean(wish.note)}\n\n{clean(wish.people)}", answered=answered))
    with transaction.atomic():
        plan = plan_invitations(inviter, wish)
        guests = [planned.guest for planned in plan.those("invite", "again")]
        leads_to = plan.group.name if plan.group else ""
        if guests:
            terms = Terms(wish.role, plan.note, leads_to, wish.days)
            promise(write_invitations(inviter, guests, terms), plan.group, wish.group_role, inviter)
        invited = [planned.invitation for planned in plan.those("just_now") if planned.invitation]
        promise(invited, plan.group, wish.group_role, inviter)
        for planned in plan.those("add"):
            if plan.group and planned.member:
                add_member(inviter, plan.group.pk, planned.guest.address)
                if wish.group_role == Membership.Role.LEADER:
                    change_role(inviter, plan.group.pk, planned.member.pk, lead=True)
    return plan


def promise(invitations: list[Invitation], group: WorkingGroup | None, role: str, inviter: Member) -> None:
    """A place in the group for each of them; who was promised one already keeps it as it is."""
    if group is None:
        return
    places = [PromisedPlace(invitation=one, group=group, role=role, promised_by=inviter) for one in invitations]
    PromisedPlace.objects.bulk_create(places, ignore_conflicts=True, batch_size=200)


def begin_promised_places(event: InvitationAccepted) -> None:
    """RECORD: who accepts joins the groups that the invitation leads to, as far as who promised it still could."""
    member = Member.objects.get(pk=event.member)
    for place in PromisedPlace.objects.filter(invitation=event.invitation).select_related("group", "promised_by"):
        if is_good(place):
            begin_membership(member, place.group, place.role, by=place.promised_by)


def is_good(place: PromisedPlace) -> bool:
    """Whether who promised the place still adds members to the group."""
    promiser = place.promised_by
    if promiser is None or is_suspended(promiser, timezone.now()):
        return False
    mine = Membership.objects.filter(member=promiser, group=place.group).first()
    return mine is not None and not permissions.may_add_members(promiser, mine)


def liveliest_room(member: Member, invitation: Invitation) -> Room | None:
    """Where to begin: the room of the promised groups that moved last."""
    rooms = rooms_for(member).filter(group__promised__invitation=invitation, archived_at=None)
    return rooms.order_by("-last_message_at").first()
