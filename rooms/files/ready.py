"""From what somebody sent to what is stored."""

import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.conf import settings

from frontend.signs import is_blank, one_line, without_unseen
from members.refusals import BadRequest, TooLarge
from rooms.files.kinds import KINDS, ending_of, is_picture, recognise
from rooms.files.pictures import draw_anew

LONGEST_STEM = 100
BLOCK = 2**16
IN_MEMORY = 2**20


@dataclass(frozen=True, slots=True)
class Ready:
    """A file as it will be stored and called."""

    name: str
    kind: str
    content: IO[bytes]
    size: int
    width: int | None = None
    height: int | None = None
    thumbnail: IO[bytes] | None = None


def most_bytes() -> int:
    return int(settings.MAX_FILE_MB) * 2**20


def too_large() -> TooLarge:
    return TooLarge(f"This file is larger than {settings.MAX_FILE_MB} MB. Share a link to it instead.")


def made_ready(name: str, content: IO[bytes]) -> Ready:
    """A picture drawn anew, or a document whose content is what its name says. Raises BadRequest."""
    if is_picture(name):
        picture = draw_anew(content)
        size = size_of(picture.content)
        measures = (picture.width, picture.height, picture.thumbnail)
        return Ready(named(name, picture.kind), picture.kind, picture.content, size, *measures)
    kind = recognise(name, content)
    return Ready(named(name, kind), kind, content, size_of(content))


def named(name: str, kind: str) -> str:
    """With the ending that is true."""
    ending = ending_of(name)
    same = ending in KINDS and KINDS[ending] == KINDS[kind]
    stem = name.rpartition(".")[0]
    return f"{stem}.{ending if same else kind}"


def cleaned_name(given: str) -> str:
    """A file's name on one line, without folders, unseen signs and what turns the direction of writing."""
    without_folders = given.replace("\\", "/").rpartition("/")[2]
    name = one_line(without_unseen(unicodedata.normalize("NFC", without_folders))).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return name[:LONGEST_STEM]
    return f"{'file' if is_blank(stem) else stem[:LONGEST_STEM].strip()}.{ending[:10]}"


@contextmanager
def spooled(content: IO[bytes]) -> Iterator[IO[bytes]]:
    """A copy that can be read again and again, on disk where it is large. Raises TooLarge, BadRequest for nothing at all."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        while block := content.read(BLOCK):
            copy.write(block)
            if copy.tell() > most_bytes():
                raise too_large()
        if not copy.tell():
            raise BadRequest("This file is empty.", code="file_empty")
        copy.seek(0)
        yield copy


def size_of(content: IO[bytes]) -> int:
    size = content.seek(0, 2)
    content.seek(0)
    return size
