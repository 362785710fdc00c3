"""What a browser may ask: one dataclass for each command, and the reader that checks a frame against it.

A frame is checked strictly: no number for a text, no true for a number, nothing below zero or too large for a
database. Unknown keys are ignored, so that a newer browser can talk to an older server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

import orjson
from django.conf import settings

from frontend import text as member_text
from members.refusals import BadRequest
from members.requests import whole_number
from rooms.models import Reaction

PROTOCOL = 1
LARGEST_FRAME = 64 * 1024
"""Bytes. A message of the longest allowed text, escaped at its worst, fits."""
LARGEST_NUMBER = 2**63 - 1
MOST_ROOMS_HELD = 20
LONGEST_REF = 64
MOST_ANSWERED = 10
LONGEST_DESCRIPTION = 300

type Frame = Mapping[str, Any]


def read_frame(raw: str | bytes) -> Frame:
    """The JSON object in `raw`. Raises BadRequest for anything else."""
    if len(raw) > LARGEST_FRAME:
        raise BadRequest("That was too large to be read.", code="too_large")
    try:
        frame = orjson.loads(raw)
    except (orjson.JSONDecodeError, RecursionError):
        raise BadRequest("That was not readable as JSON.", code="not_json") from None
    if not isinstance(frame, dict):
        raise BadRequest("That was not a JSON object.", code="not_json")
    return frame


def ref_of(frame: Frame) -> str | int | None:
    """What the browser calls this command, to be said again in the answer."""
    ref = frame.get("ref")
    if isinstance(ref, bool) or not isinstance(ref, str | int):
        return None
    return ref if len(str(ref)) <= LONGEST_REF else None


def number(frame: Frame, field: str) -> int:
    value = frame.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_NUMBER:
        raise BadRequest(f"“{field}” has to be a whole number.", field=field)
    return value


def number_or_none(frame: Frame, field: str) -> int | None:
    return None if frame.get(field) is None else number(frame, field)


def yes_or_no(frame: Frame, field: str) -> bool:
    value = frame.get(field)
    if not isinstance(value, bool):
        raise BadRequest(f"“{field}” has to be true or false.", field=field)
    return value


def uuid(frame: Frame, field: str) -> UUID:
    value = frame.get(field)
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else UUID("")
    except ValueError:
        raise BadRequest(f"“{field}” has to be a UUID.", field=field) from None


def words(frame: Frame, field: str = "text", *, may_be_blank: bool = False) -> str:
    """A message's text, cleaned of what nobody typed. Raises BadRequest when it is blank or too long."""
    value = frame.get(field)
    if not isinstance(value, str):
        raise BadRequest(f"“{field}” has to be text.", field=field)
    if len(value) > 2 * member_text.LONGEST:
        raise too_long(len(value), field)
    text = member_text.clean(value)
    if member_text.is_blank(text):
        if may_be_blank:
            return ""
        raise BadRequest("There are no words in this message yet.", code="blank", field=field)
    if len(text) > member_text.LONGEST:
        raise too_long(len(text), field)
    return text


def too_long(length: int, field: str) -> BadRequest:
    over = length - member_text.LONGEST
    return BadRequest(
        f"This message is {over:,} characters over the limit of {member_text.LONGEST:,}. Send it in two parts.",
        code="too_long",
        field=field,
    )


def versions(frame: Frame, field: str = "rooms") -> dict[int, int]:
    """Room id → version, as in `hello` and `heartbeat`. JSON keys are texts."""
    value = frame.get(field, {})
    if not isinstance(value, dict) or len(value) > MOST_ROOMS_HELD:
        raise BadRequest(f"“{field}” has to name at most {MOST_ROOMS_HELD} rooms.", field=field)
    held = {}
    for room, version in value.items():
        room_id = whole_number(room)
        if room_id is None:
            raise BadRequest(f"“{field}” has to map room ids to versions.", field=field)
        held[room_id] = number({field: version}, field)
    return held


@dataclass(frozen=True, slots=True)
class Attached:
    """A file to go with a message, and what its author says of it to those who cannot see it."""

    file: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class PostMessage:
    """The text may be empty when there are files."""

    client_id: UUID
    room: int
    text: str
    reply_to: int | None = None
    files: tuple[Attached, ...] = ()
    answered: frozenset[str] = frozenset()
    """The codes of questions about this text to which its author has said: go on."""

    @property
    def all_words(self) -> str:
        """Everything that the author put into words here."""
        return "\n".join([self.text, *(attached.description for attached in self.files)])


@dataclass(frozen=True, slots=True)
class UploadFile:
    """`content` is read once, from wherever it stands; `announced` is its size in bytes where that is said in advance."""

    room: int
    name: str
    content: IO[bytes]
    announced: int = 0
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EditMessage:
    message: int
    text: str
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemoveMessage:
    message: int


@dataclass(frozen=True, slots=True)
class PinMessage:
    message: int
    on: bool


@dataclass(frozen=True, slots=True)
class SetReaction:
    message: int
    reaction: str
    on: bool


@dataclass(frozen=True, slots=True)
class ReadRoom:
    room: int
    version: int


def post_message(frame: Frame) -> PostMessage:
    files = attached(frame)
    text = words(frame, may_be_blank=bool(files))
    return PostMessage(
        uuid(frame, "client_id"),
        number(frame, "room"),
        text,
        number_or_none(frame, "reply_to"),
        files,
        answered(frame),
    )


def answered(frame: Frame, field: str = "answered") -> frozenset[str]:
    """The codes of questions that the author has answered: ["about_a_patient"]."""
    value = frame.get(field) or []
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value) or len(value) > MOST_ANSWERED:
        raise BadRequest(f"“{field}” has to be a list of codes.", field=field)
    return frozenset(value)


def attached(frame: Frame, field: str = "files") -> tuple[Attached, ...]:
    """The files of a message, each at most once: [{"id": 7, "description": "…"}]."""
    value = frame.get(field) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadRequest(f"“{field}” has to be a list of files.", field=field)
    if len(value) > settings.FILES_A_MESSAGE:
        most = settings.FILES_A_MESSAGE
        raise BadRequest(f"A message takes at most {most} files. Send it in two parts.", code="too_many", field=field)
    files = {number(each, "id"): Attached(number(each, "id"), description(each)) for each in value}
    return tuple(files.values())


def description(frame: Frame) -> str:
    value = frame.get("description", "")
    if not isinstance(value, str):
        raise BadRequest("“description” has to be text.", field="files")
    text = member_text.one_line(value)
    if len(text) > LONGEST_DESCRIPTION:
        raise BadRequest(
            f"A picture is described in {LONGEST_DESCRIPTION} characters at most.", code="too_long", field="files"
        )
    return text


def edit_message(frame: Frame) -> EditMessage:
    return EditMessage(number(frame, "message"), words(frame), answered(frame))


def remove_message(frame: Frame) -> RemoveMessage:
    return RemoveMessage(number(frame, "message"))


def pin_message(frame: Frame) -> PinMessage:
    return PinMessage(number(frame, "message"), yes_or_no(frame, "on"))


def set_reaction(frame: Frame) -> SetReaction:
    reaction = frame.get("reaction")
    if reaction not in Reaction.Kind.values:
        raise BadRequest("There is no such reaction.", field="reaction")
    return SetReaction(number(frame, "message"), reaction, yes_or_no(frame, "on"))


def read_room(frame: Frame) -> ReadRoom:
    return ReadRoom(number(frame, "room"), number(frame, "version"))
