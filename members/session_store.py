"""Where sessions are kept: Django's rows in the database, with whose they are and in which browser.

So members can be shown where they are signed in, and end it; and all of somebody's sessions can be found when they
must end.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db.models import QuerySet
from django.utils import timezone

from members.models import Session
from members.written_once import written_once

BEGAN_AT = "began_at"
"""When the member signed in, in seconds since 1970."""
BROWSER = "browser"
IS_SHARED = "shared_computer"
SEEN_EVERY = timedelta(hours=1)
"""How exactly we know when a session was last used. To note it at every page would cost a write a page."""


def session_digest(session_key: str) -> str:
    """A name for a session that can be passed around without being the key to it."""
    return sha256(session_key.encode()).hexdigest()[:32]


class SessionStore(DatabaseSessions):
    """The session of one request."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds. One in use is written back now and then, and its time starts anew."""
        row = next(iter(rows_standing(self.session_key or "", timezone.now())), None)
        if row is None:
            self._session_key = None  # As Django's own: under a name that somebody made up no session begins.
            return {}
        if row.member_id and timezone.now() - row.seen_at > SEEN_EVERY:
            self.modified = True
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        row.member_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.digest = session_digest(row.session_key)
        row.browser = data.get(BROWSER, "")
        row.began_at = datetime.fromtimestamp(data[BEGAN_AT], UTC) if BEGAN_AT in data else None
        row.seen_at = timezone.now()
        row.is_shared = bool(data.get(IS_SHARED))
        return row

    def get_expire_at_browser_close(self) -> bool:
        """On a shared computer the cookie goes with the browser; the row's own end was set at the sign-in."""
        return bool(self.get(IS_SHARED)) or super().get_expire_at_browser_close()


@written_once
def rows_standing(session_key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=session_key, expire_date__gt=now)
