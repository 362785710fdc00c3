"""Signing in and out, ending what was signed in; leaving the community, and coming back."""

from datetime import datetime, timedelta

from django.contrib.auth import login, logout
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from events.catalogue import Because, MemberLeft, PowerUsed, SignedOut
from events.publish import publish
from members import permissions
from members.access import administrators
from members.browsers import browser_called
from members.models import Member, Session
from members.permissions import allow, is_suspended
from members.refusals import NotAllowed, NotHere
from members.session_store import BEGAN_AT, BROWSER, IS_SHARED, session_digest

SHARED_FOR = timedelta(hours=2)
"""A session on a shared computer ends this long after the sign-in at the latest."""


def sign_in(request: HttpRequest, member: Member) -> None:
    """Begin a session. Raises NotAllowed for a suspended member."""
    now = timezone.now()
    if is_suspended(member, now):
        raise NotAllowed("This account is suspended for now.")
    login(request, member, backend="members.backends.MemberBackend")
    request.session[BEGAN_AT] = now.timestamp()
    request.session[BROWSER] = browser_called(request.headers.get("User-Agent", ""))
    if request.session.get(IS_SHARED):
        request.session.set_expiry(now + SHARED_FOR)
    Session.objects.filter(expire_date__lt=now).delete()


def expect_shared_computer(request: HttpRequest, is_shared: bool) -> None:
    """Remember, until the sign-in is complete, on what kind of computer it happens."""
    request.session[IS_SHARED] = is_shared


@transaction.atomic
def sign_out(request: HttpRequest) -> None:
    """End the session, and every socket that was opened with it."""
    session = request.session.session_key
    if isinstance(request.user, Member) and session:
        publish(SignedOut(member=request.user.pk, session=session_digest(session)))
    logout(request)


@transaction.atomic
def end_session(member: Member, digest: str) -> None:
    """End one of the member's own sessions, wherever it is open. Raises NotHere."""
    if not end(Session.objects.filter(member=member, digest=digest)):
        raise NotHere


@transaction.atomic
def end_sessions(member: Member, *, but: str = "") -> int:
    """End all sessions of a member, except the one with the digest `but`; returns how many those were."""
    return end(Session.objects.filter(member=member).exclude(digest=but))


@transaction.atomic
def suspend(member: Member, until: datetime | None, because: Because) -> None:
    """Keep somebody out until then: what is signed in ends at once, pages and sockets. None lets them in again."""
    member.suspended_until = until
    member.save(update_fields=["suspended_until"])
    if until:
        end_sessions(member)
    act = "suspend" if until else "end_suspension"
    publish(PowerUsed(act=act, because=because, about=member.pk, until=until))


@transaction.atomic
def silence(member: Member, until: datetime | None, because: Because) -> None:
    """Let somebody read everywhere and write nowhere, until then. None lets them write again."""
    member.silenced_until = until
    member.save(update_fields=["silenced_until"])
    act = "silence" if until else "end_silence"
    publish(PowerUsed(act=act, because=because, about=member.pk, until=until))


@transaction.atomic
def hold_posts_of(member: Member, until: datetime | None, because: Because) -> None:
    """Have what somebody posts wait for a look, until then. None lets it appear at once again."""
    member.held_until = until
    member.save(update_fields=["held_until"])
    publish(PowerUsed(act="hold" if until else "end_hold", because=because, about=member.pk, until=until))


def preserve(member_id: int, *, on: bool) -> None:
    """Have what somebody wrote kept because the law requires it, or let it go. They are not told."""
    Member.objects.filter(pk=member_id).update(preserved_at=timezone.now() if on else None)


def end(sessions: QuerySet[Session]) -> int:
    ended = list(sessions.values_list("member_id", "digest"))
    sessions.delete()
    for member, digest in ended:
        publish(SignedOut(member=member, session=digest))
    return len(ended)


@transaction.atomic
def leave_community(member: Member) -> None:
    """Leave for good, or until an administrator brings one back: memberships, sessions and sockets end at once.

    What was written stays, under the name. Raises NotAllowed for the only administrator, and for the last leader of a
    group (rooms/actions/leaving.py).
    """
    keep_an_administrator(member)
    Member.objects.filter(pk=member.pk).update(is_active=False, left_at=timezone.now())
    end_sessions(member)
    publish(MemberLeft(member=member.pk))


def keep_an_administrator(going: Member) -> None:
    """A community has somebody who looks after it. Must run inside a transaction. Raises NotAllowed for the only one."""
    if [administrator.pk for administrator in administrators(locked=True)] == [going.pk]:
        raise NotAllowed("You are the only administrator. Somebody else has to become one first.")


@transaction.atomic
def bring_back(administrator: Member, member_id: int) -> None:
    """Let somebody who left sign in again; which groups they join is theirs to choose anew. Raises NotAllowed, NotHere."""
    allow(permissions.may_bring_back(administrator))
    if not Member.objects.filter(pk=member_id).exclude(left_at=None).update(is_active=True, left_at=None):
        raise NotHere
