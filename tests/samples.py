"""Files as people have them on their computers, made when a test needs one."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

from rooms.files.kinds import KINDS

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
STREAMS = {"doc": "WordDocument", "xls": "Workbook", "ppt": "PowerPoint Document"}


def picture(form: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, "teal" if mode in ("RGB", "RGBA", "P") else 40000).save(file, form, **options)
    return file.getvalue()


def photo_from_a_phone() -> bytes:
    """Taken upright in a place that the camera wrote into it: stored lying, with a note how to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation
    exif[0x010F] = "Camera of Alice"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    return picture("JPEG", (80, 40), exif=exif, comment=b"Ward 7")


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that unpack to as many pixels as they say."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def archive(*parts: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return file.getvalue()


def ooxml(ending: str, *more: tuple[str, bytes], types: bytes = b"<Types/>") -> bytes:
    return archive(("[Content_Types].xml", types), (MAIN_PARTS[ending], b"<x/>"), *more)


def odf(ending: str, *more: tuple[str, bytes]) -> bytes:
    return archive(("mimetype", KINDS[ending].content_type.encode()), ("content.xml", b"<x/>"), *more)


def ole(ending: str, also: str = "") -> bytes:
    names = (STREAMS[ending] + "\0" + also).encode("utf-16-le")
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 70_000 + names + b"\0" * 500


def document(ending: str) -> bytes:
    """A sound one of its kind."""
    if ending in MAIN_PARTS:
        return ooxml(ending)
    if ending in STREAMS:
        return ole(ending)
    if ending in ("odt", "ods", "odp"):
        return odf(ending)
    return PDF if ending == "pdf" else "Trust;Pumps\nSt Example’s;£12\n".encode()


def letter(*pieces: str) -> bytes:
    """A Word document of one paragraph, cut into pieces as Word cuts them."""
    runs = "".join(f"<w:r><w:t>{piece}</w:t></w:r>" for piece in pieces)
    return archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", f"<w:p>{runs}</w:p>".encode()))


def pdf(words: str) -> bytes:
    """A page with words on it."""
    drawn = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n%d\n%%%%EOF" % len(file)
    return file + b"xref\n0 6\n0000000000 65535 f \n" + table + end
