"""What one tab shows of one room, kept level by the rule of docs/protocol.md, *Catching up*.

It does what frontend/static/js/room/catch_up.js and messages.js do, so that a mistake in the rule shows here too.
"""

import re
from dataclasses import dataclass, field

from tests.faults.line import Frame

TOKEN = re.compile(r"w\dn\d{5}e\d+x[0-9a-f]{6}")


@dataclass(slots=True)
class Shown:
    """One message on the screen."""

    version: int
    created: int
    html: str

    @property
    def token(self) -> str:
        """The wording it shows, empty for a removed message. Before the body may stand the words that it replies to."""
        found = TOKEN.search(self.html, max(0, self.html.find('class="body')))
        return found.group() if found else ""


class View:
    def __init__(self, room: int, looks_back: int) -> None:
        self.room = room
        self.looks_back = looks_back
        self.load(0)

    def load(self, version: int) -> None:
        """Begin anew as a page that holds nothing up to `version`, and has everything above it still to ask for."""
        self.base = self.held = self.newest = version
        self.ahead: set[int] = set()
        self.messages: dict[int, Shown] = {}
        self.name = ""
        self.named_at = 0

    def hear(self, frame: Frame) -> None:
        """A frame came in by itself."""
        self.apply(frame)
        if frame["version"] > self.held:
            self.ahead.add(frame["version"])
        self.level(frame["version"])

    def level(self, version: int) -> None:
        """The room is known to be at `version`."""
        self.newest = max(self.newest, version)
        self.rise()

    def rise(self) -> None:
        """Up by one, as often as the next version is here."""
        while self.held + 1 in self.ahead:
            self.held += 1
        self.ahead = {version for version in self.ahead if version > self.held}

    @property
    def is_behind(self) -> bool:
        return self.newest > self.held

    def take(self, changes: Frame, after: int) -> bool:
        """Take an answer to "what is above `after`?". Returns whether to ask again."""
        if changes.get("refetch") or changes["version"] < after:
            self.load(max(0, changes["version"] - self.looks_back))
            return True
        for frame in changes["frames"]:
            self.apply(frame)
        self.held = max(self.held, changes["version"])
        self.level(self.held)
        return bool(changes["more"])

    def apply(self, frame: Frame) -> None:
        """Show one frame. They come late, twice and out of order; only a newer state changes anything."""
        if frame["kind"] == "room.changed":
            if frame["version"] > self.named_at:
                self.named_at, self.name = frame["version"], frame["name"]
            return
        standing = self.messages.get(frame["message"])
        if standing is None and frame["version"] <= self.base:
            return  # Older than what was loaded: a frame that came late.
        if standing is None:
            created = frame["version"] if frame["kind"] == "message.posted" else frame["created"]
            self.messages[frame["message"]] = Shown(frame["version"], created, kept(frame["html"]))
        elif frame["version"] > standing.version:
            standing.version, standing.html = frame["version"], kept(frame["html"])


@dataclass(slots=True)
class Kept:
    """One copy of each text in memory: all readers are sent the same."""

    texts: dict[str, str] = field(default_factory=dict)


KEPT = Kept()


def kept(html: str) -> str:
    return KEPT.texts.setdefault(html, html)
