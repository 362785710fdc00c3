"""The words in a document, for the screens: enough of them to be looked through, in bounded time and memory.

What is drawn, scanned, locked or of the old Office kinds has no words that we can read; docs/patient-data.md says so.
"""

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import IO

from rooms.files.pdf import text_of_pdf

MOST_READ = 4 * 2**20
"""Bytes of a document, unpacked, that are read."""
MOST_WORDS = 200_000
"""Characters that are looked through."""
PARTS = re.compile(
    r"(?:word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)"
    r"|xl/(?:sharedStrings|comments\d*|worksheets/sheet\d+)"
    r"|ppt/(?:slides/slide\d+|notesSlides/notesSlide\d+|comments/comment\d+)"
    r"|docProps/core|content|meta)\.xml"
)
"""Where words stand in Office and OpenDocument files."""
BREAKS = re.compile(r"<(?:/w:p|w:br|/a:p|/si|/c|/row|/text:p|/text:h|text:tab|w:tab|/w:tc|/table:table-cell)\b[^<>]*>")
TAGS = re.compile(r"<[^<>]*>")


def text_in(kind: str, content: IO[bytes]) -> str:
    """The words of a document of a kind that has been recognised; nothing where there are none to be read."""
    content.seek(0)
    try:
        match kind:
            case "txt" | "csv":
                return decoded(content.read(MOST_READ))[:MOST_WORDS]
            case "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp":
                return words_of_archive(content)[:MOST_WORDS]
            case "pdf":
                return text_of_pdf(content)[:MOST_WORDS]
        return ""
    finally:
        content.seek(0)


def decoded(written: bytes) -> str:
    if written[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return written.decode("utf-16", errors="replace")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        return written.decode("latin-1")


def words_of_archive(content: IO[bytes]) -> str:
    """The words between the tags, part by part. No parser: none of what XML can do to one is wanted here."""
    with zipfile.ZipFile(content) as archive:
        return "\n\n".join(map(words_of_part, parts_of(archive)))


def parts_of(archive: zipfile.ZipFile) -> Iterator[bytes]:
    left = MOST_READ
    for part in archive.infolist():
        if left > 0 and PARTS.fullmatch(part.filename):
            try:
                with archive.open(part) as opened:
                    found = opened.read(left)
            except Exception:  # noqa: S112 - the unpackers raise whatever comes to hand; the part is then unreadable to others too.
                continue
            left -= len(found)
            yield found


def words_of_part(part: bytes) -> str:
    """A number may be cut into pieces by tags, so what is no break leaves nothing behind."""
    return unescape(TAGS.sub("", BREAKS.sub("\n", decoded(part))))
