"""The only way to sockets from the rest of the house: whom to tell, in one call each. Callable from any thread.

In this process a frame goes to the ear directly; to the others by one publish. It may be lost on the way; what must
not be lost is in the database, and is asked for by version.
"""

from events.ear import EAR
from events.exchange import EVERY_PROCESS, layer_group
from events.frames import Envelope, Frame


def tell_room(
    *,
    group: int,
    room: int,
    version: int,
    frame: Frame,
    name: str = "",
    posted: int = 0,
    author: int = 0,
    mentions: tuple[int, ...] = (),
    everyone: bool = False,
    oldest_shown: int = 0,
) -> None:
    """A numbered change in a room, to the tabs that have it open.

    `oldest_shown` is the place of the oldest words in the frame: whose reading begins above it does not get them, only
    that the room moved, and asks. Without it the frame goes to nobody but those who read the whole history.

    With the room's `name` the group's other members who are here are told too, as `room.moved`: `posted` new messages
    by `author`, mentioning `mentions` or everyone, count as unread with them.
    """
    envelope = Envelope(
        to="room",
        group=group,
        room=room,
        version=version,
        text=frame.text,
        name=name,
        posted=posted,
        author=author,
        mentions=list(mentions),
        everyone=everyone,
        oldest_shown=oldest_shown,
    )
    EAR.send(layer_group(group), envelope)


def tell_readers(*, group: int, room: int, frame: Frame, besides: int = 0) -> None:
    """Something passing, as typing is, to the tabs that have a room open, except those of the member `besides`."""
    EAR.send(layer_group(group), Envelope(to="readers", group=group, room=room, text=frame.text, author=besides))


def tell_presence(*, group: int, room: int, members: list[int], count: int) -> None:
    """Who has the room open in this process, for the other processes to add up."""
    EAR.send(layer_group(group), Envelope(to="presence", group=group, room=room, members=members, count=count))


def tell_member(member: int, frame: Frame) -> None:
    """To all tabs and devices of one member."""
    EAR.send(EVERY_PROCESS, Envelope(to="member", member=member, text=frame.text))


def tell_access(member: int, group: int, *, began: bool) -> None:
    """From now on the member may, or may no longer, read the group: their sockets enter it or leave it at once."""
    EAR.send(EVERY_PROCESS, Envelope(to="access", member=member, group=group, began=began))


def tell_history_opened(group: int) -> None:
    """Tabs from which part of a room of this group was kept may load it anew, with all of it."""
    EAR.send(layer_group(group), Envelope(to="history", group=group))


def tell_signed_out(member: int, session: str) -> None:
    """The sockets of this session close."""
    EAR.send(EVERY_PROCESS, Envelope(to="session", member=member, session=session))
