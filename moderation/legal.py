"""Legal holds: what the law requires to be kept is kept, whatever else would destroy it, until two administrators end it.

One administrator asks, another agrees: to begin a hold, which keeps things that somebody wished away, and to end one, which
destroys them. Nobody has a part in a hold on themselves. Each step stands in the public record, without whom or what it is about.
docs/legal-hold.md says what is kept, rooms/preserving.py keeps it.
"""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from events.catalogue import Because, PowerUsed
from events.publish import publish
from members import permissions
from members.access import administrators
from members.actions import preserve
from members.mail import send_soon
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from moderation.access import group_to_hold, legal_hold_for, person_to_hold
from moderation.actions import LONGEST_REASON, checked
from moderation.models import Ground, LegalHold
from rooms.actions.groups import preserve_group

State = LegalHold.State


def ask_for_hold(
    administrator: Member, kind: str, who: str, reason: str, answered: Answered = NOTHING_ANSWERED
) -> LegalHold:
    """Ask for a hold on a member, by handle or address, or on a working group, by its name.

    `kind`: member or group. Raises NotAllowed, BadRequest.
    """
    now = timezone.now()
    allow(permissions.may_keep_by_law(administrator, None, now))
    reason = checked(reason, LONGEST_REASON, "reason", is_needed=True)
    pass_screens(Draft(administrator, reason, "report", answered=answered))
    if kind not in ("member", "group"):
        raise BadRequest("Choose a member or a working group.", field="kind")
    member = person_to_hold(who) if kind == "member" else None
    group = group_to_hold(who) if kind == "group" else None
    allow(permissions.may_keep_by_law(administrator, member.pk if member else None, now))
    with transaction.atomic():
        if LegalHold.objects.filter(member=member, group=group, state__in=LegalHold.OPEN).exists():
            raise BadRequest("There is a hold on this, or somebody asks for one.", code="held_already", field="who")
        hold = LegalHold.objects.create(member=member, group=group, reason=reason, asked_by=administrator)
        write_down("legal_ask", administrator, hold)
        write_to_others(administrator, hold)
    return hold


@transaction.atomic
def agree_to_hold(administrator: Member, hold_id: int) -> LegalHold:
    """It begins: from now on nothing of it is destroyed. Raises NotHere, NotAllowed."""
    hold = held(administrator, hold_id, State.ASKED)
    allow(permissions.may_agree_by_law(administrator, hold.asked_by_id, hold.member_id, timezone.now()))
    hold.state, hold.agreed_by, hold.agreed_at = State.IN_FORCE, administrator, timezone.now()
    hold.save()
    begin_keeping(hold, on=True)
    write_down("legal_hold", administrator, hold)
    return hold


@transaction.atomic
def decline_hold(administrator: Member, hold_id: int) -> LegalHold:
    """It does not begin. Whoever asked may take that back in the same way. Raises NotHere, NotAllowed."""
    hold = held(administrator, hold_id, State.ASKED)
    hold.state, hold.closed_by, hold.closed_at = State.DECLINED, administrator, timezone.now()
    hold.save()
    write_down("legal_decline", administrator, hold)
    return hold


@transaction.atomic
def ask_to_end(administrator: Member, hold_id: int) -> LegalHold:
    """Ask for its end; until another agrees it goes on. Raises NotHere, NotAllowed."""
    hold = held(administrator, hold_id, State.IN_FORCE)
    hold.state, hold.end_asked_by, hold.end_asked_at = State.ENDING, administrator, timezone.now()
    hold.save()
    write_down("legal_ask_end", administrator, hold)
    write_to_others(administrator, hold)
    return hold


@transaction.atomic
def agree_to_end(administrator: Member, hold_id: int) -> LegalHold:
    """It ends, and what was kept for it alone is destroyed within minutes. Raises NotHere, NotAllowed."""
    hold = held(administrator, hold_id, State.ENDING)
    assert hold.end_asked_by_id  # as its state says
    allow(permissions.may_agree_by_law(administrator, hold.end_asked_by_id, hold.member_id, timezone.now()))
    hold.state, hold.closed_by, hold.closed_at = State.ENDED, administrator, timezone.now()
    hold.save()
    begin_keeping(hold, on=False)
    write_down("legal_end", administrator, hold)
    return hold


@transaction.atomic
def go_on(administrator: Member, hold_id: int) -> LegalHold:
    """Do not agree to its end. Whoever asked for it may take that back in the same way. Raises NotHere, NotAllowed."""
    hold = held(administrator, hold_id, State.ENDING)
    hold.state, hold.end_asked_by, hold.end_asked_at = State.IN_FORCE, None, None
    hold.save()
    write_down("legal_go_on", administrator, hold)
    return hold


STEPS = {
    "agree": agree_to_hold,
    "decline": decline_hold,
    "end": ask_to_end,
    "agree-to-end": agree_to_end,
    "go-on": go_on,
}


def held(administrator: Member, hold_id: int, state: LegalHold.State) -> LegalHold:
    """A hold, locked, if it stands as the administrator saw it. Raises NotHere, NotAllowed."""
    hold = legal_hold_for(administrator, hold_id, locked=True)
    if hold.state != state:
        raise NotAllowed("Somebody else has answered this meanwhile. Look again before you choose.", code="moved_on")
    return hold


def begin_keeping(hold: LegalHold, *, on: bool) -> None:
    if hold.member_id:
        preserve(hold.member_id, on=on)
    elif hold.group_id:
        preserve_group(hold.group_id, on=on)


def write_down(act: str, administrator: Member, hold: LegalHold) -> None:
    """For all members, who must not learn from it whom or what it is about."""
    publish(
        PowerUsed(
            act=act,
            because=Because(
                by=administrator.pk,
                role=administrator.get_role_display().lower(),
                ground=Ground.OTHER,
                reason=f"Legal hold {hold.pk}: the law requires that something be kept.",
            ),
        )
    )


def write_to_others(administrator: Member, hold: LegalHold) -> None:
    """To the other administrators, one of whom has to agree. Not whom it is about."""
    page = settings.SITE_URL + reverse("legal_holds")
    for other in administrators().exclude(pk__in=[administrator.pk, hold.member_id or 0]):
        is_ending = hold.state == State.ENDING
        send_soon(other.email, "A legal hold waits for you", "legal_hold", page=page, is_ending=is_ending)
