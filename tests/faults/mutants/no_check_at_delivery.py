"""Whoever was let into a room once goes on hearing it: memberships are looked at only when a room is opened."""

from events.delivery import Listener
from events.ear import Ear


def infect() -> None:
    Ear.put_out = let_stay  # type: ignore[method-assign]


def let_stay(self: Ear, listener: Listener, group: int) -> None:
    """Instead of `put_out`."""
