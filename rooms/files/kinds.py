"""Which kinds of files members can share, and how each is known by its content. A name only says what to look for."""

import codecs
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, NamedTuple

from members.refusals import BadRequest


class Kind(NamedTuple):
    label: str
    content_type: str


OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
KINDS: Mapping[str, Kind] = {
    "jpg": Kind("Picture", "image/jpeg"),
    "png": Kind("Picture", "image/png"),
    "pdf": Kind("PDF", "application/pdf"),
    "docx": Kind("Word document", f"{OOXML}.wordprocessingml.document"),
    "xlsx": Kind("Excel workbook", f"{OOXML}.spreadsheetml.sheet"),
    "pptx": Kind("PowerPoint presentation", f"{OOXML}.presentationml.presentation"),
    "doc": Kind("Word document", "application/msword"),
    "xls": Kind("Excel workbook", "application/vnd.ms-excel"),
    "ppt": Kind("PowerPoint presentation", "application/vnd.ms-powerpoint"),
    "odt": Kind("Text document", f"{ODF}.text"),
    "ods": Kind("Spreadsheet", f"{ODF}.spreadsheet"),
    "odp": Kind("Presentation", f"{ODF}.presentation"),
    "csv": Kind("Table", "text/csv"),
    "txt": Kind("Plain text", "text/plain"),
}
"""Each by the ending of its name. Pictures are stored as one of the first two, whatever they came as."""

PICTURES = ("jpg", "jpeg", "jfif", "png", "webp", "gif", "avif")
ENDINGS = tuple(dict.fromkeys((*PICTURES, *KINDS)))
"""Of all files that are taken."""
FROM_PHONES = ("heic", "heif")
"""Pictures of phones that are told apart for a better answer: docs/decisions/0008 says why they are not drawn."""
SHARE_AS_JPEG = (
    "Save it as JPEG and share that: an iPhone makes JPEG with Settings, Camera, Formats, “Most Compatible”."
)
WHAT_CAN_BE_SHARED = "Pictures, PDF, Word, Excel, PowerPoint, OpenDocument, CSV and plain text can be shared."

MOST_PARTS_BYTES = 2**20
"""Of an archive's table of contents: read whole before anything else can be told."""
MOST_UNPACKED = 2**29
MOST_TYPES_BYTES = 2**20
BLOCK = 2**16
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
MARKUP = re.compile(r"[\ufeff\s]*<\s*[!?a-z]", re.IGNORECASE)


class NotThat(Exception):
    """The content is not what its name says; or it is, and carries what cannot be shared. Its text is for the person."""


def ending_of(name: str) -> str:
    """What stands after the last dot, in small letters."""
    return name.rpartition(".")[2].lower()


def is_picture(name: str) -> bool:
    """Whether the name promises a picture; which one, its content decides (rooms/files/pictures.py)."""
    return ending_of(name) in PICTURES


def recognise(name: str, content: IO[bytes]) -> str:
    """The kind of a document, when its content is what its name says. Raises BadRequest."""
    ending = ending_of(name)
    check = CHECKS.get(ending)
    if ending in FROM_PHONES:
        raise BadRequest(f"Pictures in the form HEIC cannot be drawn here. {SHARE_AS_JPEG}", code="file_kind")
    if check is None:
        raise BadRequest(f"Files of this kind cannot be shared here. {WHAT_CAN_BE_SHARED}", code="file_kind")
    content.seek(0)
    try:
        check(content)
    except NotThat as reason:
        words = str(reason) or f"This is not the {KINDS[ending].label} that its name says, so it cannot be shared."
        raise BadRequest(words, code="file_kind") from None
    finally:
        content.seek(0)
    return ending


def is_pdf(content: IO[bytes]) -> None:
    if content.read(5) != b"%PDF-":
        raise NotThat


# Archives: the newer Office, and OpenDocument. They are looked into and never unpacked. -----------------------------------


def is_ooxml(main_part: str, content: IO[bytes]) -> None:
    """An archive with that part, whose list of types names no macros."""
    with archive_in(content) as archive:
        types = read_part(archive, "[Content_Types].xml").replace(b"\0", b"")
        if main_part not in archive.namelist() or b"&#" in types:
            raise NotThat
        if b"macroEnabled" in types or b"vbaProject" in types:
            raise NotThat("This file contains macros, which can do harm. Save it without them and share that.")


def is_odf(kind: str, content: IO[bytes]) -> None:
    with archive_in(content) as archive:
        if read_part(archive, "mimetype") != KINDS[kind].content_type.encode():
            raise NotThat
        if any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist()):
            raise NotThat("This file contains macros, which can do harm. Save it without them and share that.")


def archive_in(content: IO[bytes]) -> zipfile.ZipFile:
    """The archive, when it starts at the beginning and is of a size that a document has. Raises NotThat."""
    if content.read(4) != b"PK\x03\x04" or not has_short_contents(content):
        raise NotThat
    try:
        archive = zipfile.ZipFile(content)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotThat from None
    names = archive.namelist()
    # The reader that opens it may take the other one of two parts with the same name.
    if len(set(names)) < len(names):
        raise NotThat
    if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
        raise NotThat("This file would unpack to an enormous size, so it cannot be shared.")
    return archive


def has_short_contents(content: IO[bytes]) -> bool:
    """Whether the table of contents is short enough to be read: asked of the end of the file, as its readers do."""
    size = content.seek(0, 2)
    content.seek(max(0, size - 22 - 2**16))
    end = content.read()
    at = end.rfind(b"PK\x05\x06")
    is_large_format = end[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    return at >= 0 and not is_large_format and int.from_bytes(end[at + 12 : at + 16], "little") <= MOST_PARTS_BYTES


def read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small part of an archive. Raises NotThat when it is missing, large or damaged."""
    try:
        with archive.open(name) as part:
            found = part.read(MOST_TYPES_BYTES + 1)
    except Exception:  # The unpackers raise whatever comes to hand at what somebody made to break them.
        raise NotThat from None
    if len(found) > MOST_TYPES_BYTES:
        raise NotThat
    return found


# The older Office ---------------------------------------------------------------------------------------------------------


def is_ole(streams: tuple[str, ...], content: IO[bytes]) -> None:
    """A compound file with one of these streams, and none with macros."""
    if content.read(8) != bytes.fromhex("d0cf11e0a1b11ae1"):
        raise NotThat
    macros = "_VBA_PROJECT".encode("utf-16-le")
    wanted = [name.encode("utf-16-le") for name in streams]
    found = False
    for block in overlapping_blocks(content):
        if macros in block:
            raise NotThat("This file contains macros, which can do harm. Save it without them and share that.")
        found = found or any(name in block for name in wanted)
    if not found:
        raise NotThat


def overlapping_blocks(content: IO[bytes], overlap: int = 64) -> Iterator[bytes]:
    """Block by block, each with the end of the one before it: what is looked for may lie across."""
    end = b""
    while block := content.read(BLOCK):
        yield end + block
        end = block[-overlap:]


# Text ---------------------------------------------------------------------------------------------------------------------


def is_text(content: IO[bytes]) -> None:
    """Characters that people read, in whatever encoding, and no page for a browser."""
    begun = content.read(2)
    content.seek(0)
    # Latin 1 reads any bytes at all: only controls tell what is no text, and they are the same in UTF-8.
    reader = codecs.getreader("utf-16" if begun in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "latin-1")(content)
    at_start = True
    try:
        while characters := reader.read(BLOCK):
            if CONTROLS.search(characters) or (at_start and MARKUP.match(characters.removeprefix("ï»¿"))):
                raise NotThat
            at_start = False
    except UnicodeError:
        raise NotThat from None


def ooxml(main_part: str) -> Callable[[IO[bytes]], None]:
    return lambda content: is_ooxml(main_part, content)


def odf(kind: str) -> Callable[[IO[bytes]], None]:
    return lambda content: is_odf(kind, content)


def ole(*streams: str) -> Callable[[IO[bytes]], None]:
    return lambda content: is_ole(streams, content)


CHECKS: Mapping[str, Callable[[IO[bytes]], None]] = {
    "pdf": is_pdf,
    "docx": ooxml("word/document.xml"),
    "xlsx": ooxml("xl/workbook.xml"),
    "pptx": ooxml("ppt/presentation.xml"),
    "doc": ole("WordDocument"),
    "xls": ole("Workbook", "Book"),
    "ppt": ole("PowerPoint Document"),
    "odt": odf("odt"),
    "ods": odf("ods"),
    "odp": odf("odp"),
    "csv": is_text,
    "txt": is_text,
}
"""What the content has to be for each ending. Each returns or raises NotThat."""
