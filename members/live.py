"""From events to open sockets."""

from events.catalogue import SignedOut
from events.wire import tell_signed_out


def close_session(event: SignedOut) -> None:
    """The sockets of a session end with it."""
    tell_signed_out(event.member, event.session)
