"""The lines of a file of conversations: `{"group", "room", "id", "author", "sent_at", "body"}`, one message each.

Nothing in the file is trusted, and nothing that somebody wrote is repeated in a complaint about it.
"""

import gzip
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import orjson

from frontend import text as member_text
from members.refusals import Refused
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens
from rooms.models import Room, WorkingGroup

LONGEST_LINE = 1_000_000
"""Bytes of a line."""
LARGEST_NUMBER = 2**63 - 1
EARLIEST = 631_152_000
"""1990: who wrote before had no clock that counted these seconds."""
LONGEST_GROUP = WorkingGroup._meta.get_field("name").max_length or 0
LONGEST_ROOM = Room._meta.get_field("name").max_length or 0


class Record(NamedTuple):
    """One message, checked and cleaned."""

    group: str
    room: str
    id: int
    author: int
    sent_at: int
    text: str


class BadLine(Exception):
    """Why a line cannot be imported, in words without the line's own."""


class Damaged(Exception):
    """The file as a whole cannot be read to its end."""


def lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Line numbers and lines, None for one that is too long; blank ones are left out. Raises OSError, Damaged."""
    with cast(BinaryIO, gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
        number = 0
        try:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                    pass_over_the_rest(file)
                    yield number, None
                elif line.strip():
                    yield number, line
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Damaged(f"{path} is damaged or incomplete after line {number}.") from error


def pass_over_the_rest(file: BinaryIO) -> None:
    """Read to the end of the line, a piece at a time."""
    while (piece := file.readline(LONGEST_LINE)) and not piece.endswith(b"\n"):
        pass


def record(line: bytes | None, answered: Answered = NOTHING_ANSWERED) -> Record:
    """The message in a line, past the screens. Raises BadLine."""
    if line is None:
        raise BadLine(f"longer than {LONGEST_LINE:,} bytes")
    fields = fields_of(line)
    read = Record(
        group=name(fields, "group", LONGEST_GROUP),
        room=name(fields, "room", LONGEST_ROOM),
        id=number(fields, "id"),
        author=number(fields, "author"),
        sent_at=moment(fields),
        text=body(fields),
    )
    try:
        pass_screens(Draft(None, f"{read.group}\n\n{read.room}\n\n{read.text}", "message", answered=answered))
    except Refused as refused:
        raise BadLine(f"not let in: {refused.code}") from None
    return read


def fields_of(line: bytes) -> dict[str, object]:
    try:
        fields = orjson.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLine("not UTF-8") from None
    except orjson.JSONDecodeError:
        raise BadLine("not JSON") from None
    if not isinstance(fields, dict):
        raise BadLine("not a JSON object")
    return fields


def text_of(fields: dict[str, object], key: str) -> str:
    if key not in fields:
        raise BadLine(f"{key} is missing")
    value = fields[key]
    if not isinstance(value, str):
        raise BadLine(f"{key} is not text")
    return member_text.clean(value)


def name(fields: dict[str, object], key: str, longest: int) -> str:
    """A name on one line."""
    words = member_text.one_line(text_of(fields, key))
    if member_text.is_blank(words):
        raise BadLine(f"{key} is blank")
    if len(words) > longest:
        raise BadLine(f"{key} is longer than {longest} characters")
    return words


def body(fields: dict[str, object]) -> str:
    words = text_of(fields, "body")
    if member_text.is_blank(words):
        raise BadLine("body is blank")
    if len(words) > member_text.LONGEST:
        raise BadLine(f"body is longer than {member_text.LONGEST:,} characters")
    return words


def number(fields: dict[str, object], key: str) -> int:
    if key not in fields:
        raise BadLine(f"{key} is missing")
    value = fields[key]
    # True and False are numbers to Python.
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadLine(f"{key} is not a whole number")
    if value < 0:
        raise BadLine(f"{key} is negative")
    if value > LARGEST_NUMBER:
        raise BadLine(f"{key} is too large")
    return value


def moment(fields: dict[str, object]) -> int:
    """Seconds since 1970; tomorrow is allowed for clocks that are fast."""
    seconds = number(fields, "sent_at")
    if not EARLIEST <= seconds <= time.time() + 86_400:
        raise BadLine("sent_at is not a time between 1990 and now")
    return seconds
