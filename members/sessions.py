"""Who is behind a socket: the session in its cookie, read as Django's middleware reads it for a page."""

from collections.abc import Iterable
from hashlib import sha256
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from members.models import Member
from members.permissions import is_suspended

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def session_key_from(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The session key in a handshake's Cookie header, or an empty string."""
    for name, value in headers:
        if name == b"cookie":
            return parse_cookie(value.decode("latin1")).get(settings.SESSION_COOKIE_NAME, "")
    return ""


def session_digest(session_key: str) -> str:
    """A name for a session that can be passed around without being the key to it."""
    return sha256(session_key.encode()).hexdigest()[:32]


def member_of_session(session_key: str) -> Member | None:
    """The member who is signed in with this session; None when it ended, its password changed, or they are suspended."""
    session = SessionStore(session_key)
    member_id = session.get(SESSION_KEY) if session_key else None
    if member_id is None:
        return None
    member = next(iter(Member.objects.filter(pk=member_id)), None)
    if member is None or is_suspended(member, timezone.now()):
        return None
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash()):
        return None
    return member
