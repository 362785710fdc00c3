"""What travels: frames, which browsers get, and the envelopes that carry them between processes."""

from functools import cached_property
from typing import Any, Literal, TypedDict

import orjson

type Audience = Literal["room", "readers", "presence", "member", "access", "history", "session"]


class Frame:
    """A frame ready to be written to any number of sockets."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def of(cls, kind: str, **fields: Any) -> "Frame":
        return cls(orjson.dumps({"kind": kind, **fields}, option=orjson.OPT_NON_STR_KEYS).decode())

    @cached_property
    def websocket_bytes(self) -> bytes:
        """The frame as RFC 6455 (section 5.2) puts it on the wire: final, text, unmasked; the same for every socket."""
        payload = self.text.encode()
        length = len(payload)
        if length < 126:
            return bytes((0x81, length)) + payload
        if length < 65536:
            return b"\x81\x7e" + length.to_bytes(2) + payload
        return b"\x81\x7f" + length.to_bytes(8) + payload


class Envelope(TypedDict, total=False):
    """A frame on its way to the ears: plain values only, since it crosses processes.

    `to` says which other fields count:
    room      group, room, version, text, name, posted, author, mentions, everyone, oldest_shown: a numbered
              change in a room
    readers   group, room, text, author: something passing, to all who have the room open but the author
    presence  group, room, members, count: who has the room open in the process `origin`
    member    member, text: to all sockets of one member
    access    member, group, began: the member may, or may no longer, read the group
    history   group: what was kept from newcomers is open
    session   member, session: the session ended
    """

    to: Audience
    origin: str
    group: int
    room: int
    version: int
    text: str
    name: str
    posted: int
    author: int
    mentions: list[int]
    everyone: bool
    oldest_shown: int
    members: list[int]
    count: int
    member: int
    began: bool
    session: str
