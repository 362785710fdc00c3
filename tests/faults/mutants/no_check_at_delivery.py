"""Whoever was let into a room once goes on hearing it: memberships are looked at only when a room is opened."""

from events.ear import Ear


def infect() -> None:
    change_access = Ear.change_access

    def forget_who_left(self: Ear, member: int, group: int, *, began: bool) -> None:
        if began:
            change_access(self, member, group, began=began)

    Ear.change_access = forget_who_left  # type: ignore[method-assign]
