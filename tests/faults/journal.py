"""What happened in a run, as those who took part saw it: the judge reads nothing else but this and the database.

All times are monotonic seconds, on the clock that the processes of one machine share.
"""

import bisect
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

FOREVER = float("inf")


@dataclass(slots=True)
class Post:
    """One message on its way, under one client id, however often it is sent."""

    client_id: str
    writer: str
    room: str
    token: str
    """A word that no other wording has."""
    invoked_at: float
    reply_to: "Post | None" = None
    replies: int = 0
    answers: list[tuple[int, int]] = field(default_factory=list)
    """(message, version) of every `done`."""
    acked_at: float = FOREVER
    doubts: int = 0
    """Times it was sent and no clear answer came: it may be stored or not."""
    refused: str = ""
    standing: str = ""
    """The token of its last acknowledged edit."""
    wordings: list[str] = field(default_factory=list)
    """The tokens of all its edits, acknowledged or not."""
    perhaps: list[str] = field(default_factory=list)
    """Tokens that it may have instead: edits of which an answer was lost."""
    removal: str = "no"
    """`no`, `maybe` (asked for, no answer) or `yes`."""

    @property
    def outcome(self) -> str:
        if self.answers:
            return "ok"
        return "unknown" if self.doubts or not self.refused else "fail"


class Absence(NamedTuple):
    """One member out of the revolving group: surely not in it from `left` (commit known) to `joining` (not yet asked)."""

    leaving: float
    left: float
    joining: float
    by: str
    """The server that the leave went to, or empty when it was done outside."""


class Heard(NamedTuple):
    """A frame about the revolving room, as one of its sometime members got it."""

    at: float
    who: str
    server: str
    kind: str
    version: int | None


class Opened(NamedTuple):
    """A question about a room that was answered with what is in it."""

    asked: float
    answered: float
    who: str
    room: str


class Fault(NamedTuple):
    what: str
    began: float
    ended: float


@dataclass(slots=True)
class Journal:
    file: Path
    began: float = field(default_factory=time.monotonic)
    posts: list[Post] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)
    """Room → versions that were surely taken there."""
    doubtful_turns: Counter[str] = field(default_factory=Counter)
    """Room → versions that may have been taken as well."""
    taken: list[tuple[str, int, str]] = field(default_factory=list)
    """(room, version, by what): versions that an answer named."""
    heard: list[Heard] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    """What reached somebody who may never read it: found at once, by the words themselves."""
    oddities: list[str] = field(default_factory=list)
    """Answers that no fault excuses, as `server_fault`."""
    waits: list[tuple[float, float]] = field(default_factory=list)
    """(when, seconds from sending a post to its acknowledgement)"""
    delays: list[float] = field(default_factory=list)
    """Seconds from sending a post to its showing on one other screen by itself."""
    exiles: list[tuple[float, str]] = field(default_factory=list)
    """(when, who) was told that they may no longer read the revolving group."""
    absences: dict[str, list[Absence]] = field(default_factory=dict)
    samples: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    """The rooms' versions, read from the database again and again."""
    sent_at: dict[str, float] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def sent(self, post: Post) -> None:
        self.posts.append(post)
        self.sent_at[post.client_id] = post.invoked_at

    def shown(self, client_id: str) -> None:
        """A post came to somebody's screen by itself."""
        if client_id in self.sent_at:
            self.delays.append(time.monotonic() - self.sent_at[client_id])

    def note(self, who: str, what: str, **details: Any) -> None:
        """One line for a person who wants to know how it came to this."""
        self.lines.append(
            json.dumps({"at": round(time.monotonic() - self.began, 4), "who": who, "what": what, **details})
        )

    def keep(self) -> Path:
        """Write the lines to disk, where they can be read after a failure."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("\n".join(self.lines) + "\n")
        return self.file

    def left(self, who: str, leaving: float, left: float, *, by: str) -> None:
        self.absences.setdefault(who, []).append(Absence(leaving, left, FOREVER, by))

    def joining(self, who: str, at: float) -> None:
        """A member asks to come back: from now on they may be in. A second asking changes nothing."""
        absences = self.absences.get(who)
        if absences and absences[-1].joining == FOREVER:
            absences[-1] = absences[-1]._replace(joining=at)

    def version_after(self, room: str, moment: float) -> int | None:
        """A version that the room had reached at `moment` or a little later: whatever is above it is younger."""
        at = bisect.bisect_left(self.samples, moment, key=lambda sample: sample[0])
        return self.samples[at][1].get(room) if at < len(self.samples) else None

    def faults_between(self, begin: float, end: float) -> Iterator[Fault]:
        return (fault for fault in self.faults if fault.began < end and fault.ended > begin)
