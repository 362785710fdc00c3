"""Inviting, sending again, taking back, and accepting: once, by whoever holds the link."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.catalogue import InvitationAccepted
from events.publish import publish
from frontend.text import is_blank, one_line
from members.invitations.reading import Guest
from members.models import BADGE, Invitation, Member, Organisation, Profession
from members.newcomers import newcomer, store
from members.permissions import is_suspended, may_give_role
from members.profile import chosen
from members.refusals import NotAllowed, Refused, TooFast
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens

DAYS = 14
PAUSE = timedelta(minutes=10)
"""Before the same address gets another letter: nobody's mailbox is filled through us."""
LONGEST_ORGANISATION = 120
INVITER = [f"invited_by__{shown}" for shown in BADGE]
"""For `select_related`: who invites, as pages and letters show them."""


class InvitationOver(Refused):
    """Used, expired, taken back, replaced by a newer letter, or never made: one answer, which tells of no address."""

    code = "invitation_over"
    status = 410
    words = (
        "This invitation is no longer open. It may have been used or taken back, its time may be over, or a newer letter "
        "may have taken its place."
    )


class NotForYou(NotAllowed):
    """Somebody is signed in, and it is not their address that was invited."""

    code = "not_for_you"
    words = "You are signed in, and this invitation is for another address. Sign out first, then open the link again."


class SignInFirst(Refused):
    """There is a member with that address: the link alone does not sign in."""

    code = "sign_in_first"
    status = 403
    words = "There is a member with this address already. Sign in, then open the link in the letter again."


@dataclass(frozen=True, slots=True)
class Terms:
    """What an invitation says, besides whom it is for."""

    role: str
    note: str = ""
    leads_to: str = ""
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says of themselves when they accept; ids of lists as a form sends them, empty for none.

    `other_organisation`: the name of one that is not in the list.
    """

    display_name: str
    profession: str
    organisation: str = ""
    other_organisation: str = ""
    password: str = ""


def open_invitations() -> QuerySet[Invitation]:
    """Neither used nor taken back; they may have expired. An address has one at most."""
    return Invitation.objects.filter(used_at=None, revoked_at=None)


def write_invitations(inviter: Member, guests: Sequence[Guest], terms: Terms) -> list[Invitation]:
    """An open invitation for each of these addresses, its letter to be sent. Must run inside a transaction. Raises TooFast.

    One that is open already is sent again, on the new terms; but terms that this inviter could not have given stay.
    """
    expires_at = timezone.now() + timedelta(days=terms.days)
    addresses = [guest.address for guest in guests]
    found = {one.address: one for one in open_invitations().filter(address__in=addresses).select_related("invited_by")}
    for invitation in found.values():
        if not may_give_role(inviter, invitation.role):
            set_terms(invitation, inviter, terms)
        invitation.expires_at = expires_at
    made = [
        Invitation(
            address=guest.address,
            name=guest.name,
            profession=guest.profession,
            organisation=guest.organisation,
            expires_at=expires_at,
        )
        for guest in guests
        if guest.address not in found
    ]
    for invitation in made:
        set_terms(invitation, inviter, terms)
    fields = ["role", "note", "leads_to", "invited_by", "expires_at"]
    try:
        with transaction.atomic():
            Invitation.objects.bulk_create(made, batch_size=200)
            Invitation.objects.bulk_update(found.values(), fields, batch_size=100)
            to_be_sent_again(found.values())
    except IntegrityError as error:
        raise TooFast("Somebody else has just invited one of these. Look at the list once more.") from error
    return [*made, *found.values()]


def set_terms(invitation: Invitation, inviter: Member, terms: Terms) -> None:
    invitation.role, invitation.note, invitation.leads_to = terms.role, terms.note, terms.leads_to
    invitation.invited_by = inviter


def to_be_sent_again(invitations: Iterable[Invitation]) -> None:
    """Their letters are to be sent once more. Who has one in hand keeps it: otherwise it would be sent twice."""
    ids = [invitation.pk for invitation in invitations]
    Invitation.objects.filter(pk__in=ids).update(sent_at=None, failed_at=None, tries=0)


def was_sent_just_now(invitation: Invitation, now: datetime) -> bool:
    return invitation.sent_at is not None and invitation.sent_at > now - PAUSE


@transaction.atomic
def send_again(invitation: Invitation) -> None:
    """Send a new letter; the link in the old one ends with it. The caller has asked `access`. Raises TooFast, InvitationOver."""
    now = timezone.now()
    if invitation.used_at or invitation.revoked_at:
        raise InvitationOver
    if was_sent_just_now(invitation, now):
        raise TooFast("This invitation was sent a moment ago. Give it ten minutes before you send it again.")
    invitation.expires_at = now + timedelta(days=DAYS)
    invitation.save(update_fields=["expires_at"])
    to_be_sent_again([invitation])


def revoke(invitation: Invitation) -> None:
    """Take an invitation back; one that was used has done its work. The caller has asked `access`."""
    open_invitations().filter(pk=invitation.pk).update(revoked_at=timezone.now())


# Links ------------------------------------------------------------------------------------------------------------------


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation:
    """The invitation that a link opens now. Raises InvitationOver."""
    row = Invitation.objects.filter(token_digest=digest_of(token)).select_related(*INVITER).first()
    if row is None or not stands(row, timezone.now()):
        raise InvitationOver
    return row


def stands(invitation: Invitation, now: datetime) -> bool:
    """Whether it may still be accepted: it is as good as the one who gave it, now and not only when it was written."""
    inviter = invitation.invited_by
    if invitation.used_at or invitation.revoked_at or invitation.expires_at <= now:
        return False
    if inviter is None or is_suspended(inviter, now) or may_give_role(inviter, invitation.role):
        return False
    invited = Member.objects.filter(email=invitation.address).first()
    return invited is None or not is_suspended(invited, now)


# Accepting --------------------------------------------------------------------------------------------------------------


def accept(token: str, answer: Answer, answered: Answered = NOTHING_ANSWERED) -> Member:
    """Become a member: holding the link proves the address. Raises InvitationOver, SignInFirst, BadRequest."""
    invitation = invitation_of(token)
    if Member.objects.filter(email=invitation.address).exists():
        raise SignInFirst
    member = newcomer(invitation.address, answer.display_name, answer.password, invitation.role)
    pass_screens(Draft(None, f"{member.display_name}\n\n{answer.other_organisation}", answered=answered))
    with transaction.atomic():
        use(invitation)
        member.profession = chosen(Profession, answer.profession, now=None)
        member.organisation = chosen(Organisation, answer.organisation, now=None)
        if member.organisation is None:
            member.organisation = organisation_named(answer.other_organisation)
        store(member)
        finish(invitation, member)
    return member


@transaction.atomic
def accept_as(member: Member, token: str) -> Invitation:
    """Accept as a member who is signed in: they join the groups it leads to. Raises InvitationOver, NotForYou."""
    invitation = invitation_of(token)
    if invitation.address != member.email:
        raise NotForYou
    use(invitation)
    finish(invitation, member)
    return invitation


def use(invitation: Invitation) -> None:
    """Of two who accept at once the database lets one through. Raises InvitationOver for the other."""
    now = timezone.now()
    # With the role that was read: it may have been given anew in the meantime.
    unused = open_invitations().filter(pk=invitation.pk, role=invitation.role, expires_at__gt=now)
    if not unused.update(used_at=now):
        raise InvitationOver


def finish(invitation: Invitation, member: Member) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(used_by=member)
    publish(InvitationAccepted(invitation=invitation.pk, member=member.pk))


def organisation_named(typed: str) -> Organisation | None:
    """The organisation of that name, put in the list if nobody has named it before; moderators keep the list."""
    name = one_line(typed)[:LONGEST_ORGANISATION]
    if is_blank(name):
        return None
    known = Organisation.objects.filter(Q(name__iexact=name) | Q(short_name__iexact=name)).first()
    if known:
        return None if known.retired_at else known
    fields = {"short_name": name[:40].strip(), "kind": Organisation.Kind.OTHER}
    return Organisation.objects.get_or_create(name=name, defaults=fields)[0]
