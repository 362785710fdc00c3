"""Sends the letters of invitations, beside the requests: hundreds take minutes.

The rows are the truth. A letter is claimed before it is sent and marked after, and what a process leaves behind when it ends
is found by the next. Only a process that dies between the mail server's answer and the mark sends one letter a second time.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from members.backlog import Backlog, backlog
from members.community.facts import the_community
from members.invitations.actions import INVITER, digest_of, new_token, open_invitations, stands
from members.mail import send_letter
from members.models import Invitation

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)
"""How long a claim holds: longer than a mail server may take over one letter."""
AGAIN = timedelta(minutes=15)
TRIES = 4
"""A mail server that is away for less than an hour costs nobody their invitation."""
AT_A_TURN = 20
"""Letters, before other work has its turn."""


def send_invitations(most: int = AT_A_TURN) -> int:
    """Send letters that wait, one after the other; returns how many left."""
    sent = 0
    for _ in range(most):
        claimed = claim_one()
        if claimed is None:
            break
        sent += send(*claimed)
    return sent


def waiting(now: datetime) -> QuerySet[Invitation]:
    """Still to be sent, and in nobody's hands."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    is_time = Q(failed_at=None) | Q(failed_at__lte=now - AGAIN, tries__lt=TRIES)
    return open_invitations().filter(free, is_time, sent_at=None, expires_at__gt=now)


def letters_to_send() -> Backlog:
    unsent = open_invitations().filter(sent_at=None, expires_at__gt=timezone.now())
    given_up = Q(failed_at__isnull=False, tries__gte=TRIES)
    return backlog(unsent.exclude(given_up), since="made_at", failed=unsent.filter(given_up))


def claim_one() -> tuple[Invitation, str] | None:
    """Take a letter in hand, with a token of its own; None when there is none. Two never take the same."""
    now = timezone.now()
    while invitation := waiting(now).select_related(*INVITER).order_by("pk").first():
        token = new_token()
        mine = waiting(now).filter(pk=invitation.pk).update(claimed_at=now, token_digest=digest_of(token))
        if mine and stands(invitation, now):
            invitation.claimed_at = now
            return invitation, token
    return None


def send(invitation: Invitation, token: str) -> bool:
    """Send one letter and write down how that went."""
    is_sent = was_written_and_sent(invitation, token)
    now = timezone.now()
    mine = Invitation.objects.filter(pk=invitation.pk, claimed_at=invitation.claimed_at)
    if is_sent:
        mine.update(sent_at=now, failed_at=None, claimed_at=None, tries=0)
    else:
        mine.update(failed_at=now, claimed_at=None, tries=F("tries") + 1)
    return is_sent


def was_written_and_sent(invitation: Invitation, token: str) -> bool:
    """Whether a letter left. One that cannot even be written must not keep the others waiting."""
    try:
        return send_invitation(invitation, token)
    except Exception as error:
        log.warning("An invitation could not be written: %s", type(error).__name__)
        return False


def send_invitation(invitation: Invitation, token: str) -> bool:
    inviter = invitation.invited_by
    assert inviter is not None  # `stands` asked
    return send_letter(
        invitation.address,
        f"{inviter.display_name} invites you to {the_community().name}",
        "invitation",
        invitation=invitation,
        inviter=inviter,
        purpose=the_community().purpose,
        link=settings.SITE_URL + reverse("invitation", args=[token]),
    )


def take_failed_up_again() -> None:
    """What could not be sent shall be tried once more, now."""
    open_invitations().filter(sent_at=None).exclude(failed_at=None).update(failed_at=None, tries=0)
