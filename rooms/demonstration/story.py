"""The conversations, read from their text.

    # Name of the working group [by request] [from joining]
    > Its purpose.

    ## Name of a room [locked]
    > What it is about.

    @priya.nair · 12 days ago 09:14 [pinned] [thanks: tom.reed, grace.adeyemi]
    Markdown, as anybody would type it.

    @tom.reed · 3 hours ago · to 1 [edited]
    An answer to the first message of this room.
    was: What it said before it was edited.

Ages count back from the filling, so that the community is always in the middle of its work. Who writes in working hours
writes on working days: such a time on a Saturday or Sunday becomes the Friday before.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

CONVERSATIONS = Path(__file__).parent / "conversations"
HEAD = re.compile(
    r"^@(?P<author>[a-z0-9.-]+) · (?P<age>(?:\d+ (?:minutes?|hours?|days?) ago|yesterday)(?: \d\d:\d\d)?)"
    r"(?: · to (?P<reply_to>\d+))?(?P<marks>(?: \[[^\]]+\])*)$"
)
MARK = re.compile(r"\[([^\]:]+)(?:: ([^\]]+))?\]")
WAS = re.compile(r"\n+was: (.+)\Z")
REACTIONS = {"thanks": "thanks", "agree": "agree", "helpful": "helpful", "thinking of you": "thinking_of_you"}
EVENING = 18
"""The hour from which people also write at weekends."""


class NotAStory(ValueError):
    """A conversation that cannot be read; says where."""


@dataclass(frozen=True)
class Said:
    """One message. `reply_to` counts from 1 within the room; `before` is what it said before its edit, if any."""

    author: str
    age: str
    text: str
    reply_to: int | None = None
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    before: str = ""
    pinned: bool = False
    removed: bool = False

    @property
    def is_marked(self) -> bool:
        """Whether anything happened to it after it was posted."""
        return bool(self.reactions or self.before or self.pinned or self.removed)


@dataclass(frozen=True)
class Topic:
    """One room."""

    name: str
    about: str
    said: tuple[Said, ...]
    locked: bool = False
    archived: bool = False


@dataclass(frozen=True)
class Circle:
    """One working group."""

    slug: str
    name: str
    purpose: str
    topics: tuple[Topic, ...]
    by_request: bool = False
    from_joining: bool = False
    """Whether newcomers read only what is said from then on."""


def circles(folder: Path = CONVERSATIONS) -> list[Circle]:
    """Every working group, by the names of the files. Raises NotAStory."""
    return [read_circle(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.md"))]


def read_circle(slug: str, text: str) -> Circle:
    head, *rooms = re.split(r"^## ", text, flags=re.MULTILINE)
    name, marks, purpose, _ = title(head.removeprefix("# "))
    topics = tuple(read_topic(slug, room) for room in rooms)
    return Circle(slug, name, purpose, topics, "by request" in marks, "from joining" in marks)


def read_topic(slug: str, text: str) -> Topic:
    name, marks, about, rest = title(text)
    said = tuple(read_messages(f"{slug}, {name}", rest))
    return Topic(name, about, said, locked="locked" in marks, archived="archived" in marks)


def title(text: str) -> tuple[str, set[str], str, list[str]]:
    """Name, marks, the quoted lines below it, and the lines after those."""
    first, *lines = text.strip("\n").split("\n")
    quoted = []
    while lines and lines[0].startswith("> "):
        quoted.append(lines.pop(0).removeprefix("> "))
    return first.split(" [")[0].strip(), {mark for mark, _ in MARK.findall(first)}, " ".join(quoted), lines


def read_messages(where: str, lines: list[str]) -> Iterator[Said]:
    head: re.Match[str] | None = None
    body: list[str] = []
    for line in lines:
        found = HEAD.match(line)
        if found is None and head is None and line.strip():
            raise NotAStory(f"{where}: who says {line!r}?")
        if found is None:
            body.append(line)
            continue
        if head:
            yield read_message(where, head, "\n".join(body))
        head, body = found, []
    if head:
        yield read_message(where, head, "\n".join(body))


def read_message(where: str, head: re.Match[str], text: str) -> Said:
    marks = dict(MARK.findall(head["marks"]))
    text = text.strip("\n")
    was = WAS.search(text) if "edited" in marks else None
    unknown = marks.keys() - REACTIONS.keys() - {"edited", "pinned", "removed"}
    if unknown or not text or ("edited" in marks and not was):
        raise NotAStory(f"{where}: {head[0]!r} has an unknown mark, no words, or was edited from nothing.")
    return Said(
        author=head["author"],
        age=head["age"],
        text=text[: was.start()] if was else text,
        reply_to=int(head["reply_to"]) if head["reply_to"] else None,
        reactions={REACTIONS[mark]: tuple(who.split(", ")) for mark, who in marks.items() if mark in REACTIONS},
        before=was[1] if was else "",
        pinned="pinned" in marks,
        removed="removed" in marks,
    )


# When it was said -------------------------------------------------------------------------------------------------------


def times(said: tuple[Said, ...], now: datetime) -> list[datetime]:
    """When each of a room's messages was posted, in local time: in their order, and none in the future."""
    found = []
    latest = now
    for message in reversed(said):
        latest = min(when(message.age, now), latest - timedelta(minutes=2))
        found.append(latest)
    return found[::-1]


def when(age: str, now: datetime) -> datetime:
    """The moment that an age like `yesterday 16:20`, `12 days ago 09:14` or `3 hours ago` means."""
    days_age, _, clock = age.rpartition(" ") if ":" in age else (age, "", "")
    count, unit = (1, "day") if days_age == "yesterday" else (int(days_age.split()[0]), days_age.split()[1].rstrip("s"))
    moment = now - timedelta(**{f"{unit}s": count})
    if not clock:
        return moment
    hour, minute = map(int, clock.split(":"))
    moment = moment.replace(hour=hour, minute=minute, second=0, microsecond=0)
    weekend = max(0, moment.weekday() - 4)
    return moment - timedelta(days=weekend if hour < EVENING else 0)
