"""Signing in and out."""

from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from events.catalogue import SignedOut
from events.publish import publish
from members.models import Member
from members.permissions import is_suspended
from members.refusals import NotAllowed
from members.sessions import session_digest


def sign_in(request: HttpRequest, member: Member) -> None:
    """Begin a session. Raises NotAllowed for a suspended member."""
    if is_suspended(member, timezone.now()):
        raise NotAllowed("This account is suspended for now.")
    login(request, member)


@transaction.atomic
def sign_out(request: HttpRequest) -> None:
    """End the session, and every socket that was opened with it."""
    session = request.session.session_key
    if isinstance(request.user, Member) and session:
        publish(SignedOut(member=request.user.pk, session=session_digest(session)))
    logout(request)
