"""Who is behind a socket: the session in its cookie, read as Django's middleware reads it for a page."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db.models import QuerySet
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from members.access import of_the_unsuspended
from members.models import Member, Session
from members.permissions import is_suspended
from members.session_store import SessionStore
from members.written_once import written_once


def session_key_from(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The session key in a handshake's Cookie header, or an empty string."""
    for name, value in headers:
        if name == b"cookie":
            return parse_cookie(value.decode("latin1")).get(settings.SESSION_COOKIE_NAME, "")
    return ""


def member_of_session(session_key: str) -> Member | None:
    """The member who is signed in with this session; None when it ended, its password changed, or they are suspended."""
    session = next(iter(sessions_with_members(session_key, timezone.now())), None) if session_key else None
    if session is None or session.member is None or is_suspended(session.member, timezone.now()):
        return None
    kept = SessionStore().decode(session.session_data)
    if not constant_time_compare(kept.get(HASH_SESSION_KEY, ""), session.member.get_session_auth_hash()):
        return None
    return session.member


@written_once
def sessions_with_members(session_key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=session_key, expire_date__gt=now).select_related("member")


def digests_standing(digests: Iterable[str]) -> set[str]:
    """Those of these sessions that have not ended, nor run out, of members who are not suspended."""
    rows = Session.objects.filter(of_the_unsuspended(), digest__in=digests, expire_date__gt=timezone.now())
    return set(rows.values_list("digest", flat=True))
