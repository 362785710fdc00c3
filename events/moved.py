"""`room.moved`: what members who are elsewhere hear of a room, at most once a second."""

from dataclasses import dataclass, field

from events.frames import Envelope, Frame

SECONDS = 1.0
UNHEARD = -1
"""Instead of a number of new messages: nobody knows how many, ask."""


@dataclass(slots=True)
class Moved:
    """What one room has to tell, gathered while a second passes."""

    room: int
    group: int = 0
    version: int = 0
    name: str = ""
    posted: dict[int, int] = field(default_factory=dict)
    """Author → how many messages they posted: nobody's own messages count as new to them."""
    mentions: set[int] = field(default_factory=set)
    everyone: bool = False
    unheard: bool = False

    def add(self, envelope: Envelope) -> None:
        self.group = envelope["group"]
        self.version = max(self.version, envelope["version"])
        self.name = envelope["name"] or self.name
        if envelope["posted"] == UNHEARD:
            self.unheard = True
        elif envelope["posted"]:
            self.posted[envelope["author"]] = self.posted.get(envelope["author"], 0) + envelope["posted"]
        self.mentions.update(envelope["mentions"])
        self.everyone = self.everyone or envelope["everyone"]

    def frames(self) -> "FramesByReader":
        return FramesByReader(self)


class FramesByReader:
    """The few different frames that one Moved gives: encoded once for each count of new messages and mention."""

    def __init__(self, moved: Moved) -> None:
        self.moved = moved
        self.total = sum(moved.posted.values())
        self.made: dict[tuple[int, bool], Frame] = {}

    def for_member(self, member: int) -> Frame:
        posted = self.total - self.moved.posted.get(member, 0)
        mentions_me = posted > 0 and (self.moved.everyone or member in self.moved.mentions)
        key = (posted, mentions_me)
        if key not in self.made:
            moved = self.moved
            self.made[key] = Frame.of(
                "room.moved",
                room=moved.room,
                group=moved.group,
                name=moved.name,
                version=moved.version,
                posted=None if moved.unheard else posted,
                mentions_me=mentions_me,
            )
        return self.made[key]
