"""What a file has to be before it is stored: sound ones of every kind are, hostile ones are refused in plain words."""

import io

import pytest
from PIL import Image

from members import pictures
from members.refusals import BadRequest, Refused, TooLarge
from rooms.files import kinds
from rooms.files.kinds import KINDS
from rooms.files.ready import Ready, cleaned_name, made_ready, spooled
from tests import samples

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><script>alert(1)</script>"
MACROS = b"<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>"


def ready(name: str, content: bytes) -> Ready:
    return made_ready(name, io.BytesIO(content))


def refusal(name: str, content: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        ready(name, content)
    return refused.value


@pytest.mark.parametrize("ending", [ending for ending in KINDS if ending not in ("jpg", "png")])
def test_a_sound_document_of_each_kind_is_taken_as_it_is(ending: str) -> None:
    content = samples.document(ending)
    found = ready(f"Report.{ending.upper()}", content)
    assert (found.kind, found.name, found.content.read()) == (ending, f"Report.{ending}", content)


@pytest.mark.parametrize("ending", [ending for ending in KINDS if ending not in ("jpg", "png")])
@pytest.mark.parametrize(
    "content", [PAGE, SVG, samples.picture(), b"MZ\x90\0" + b"\0" * 200, samples.archive(("a", b"b"))]
)
def test_what_is_not_what_its_name_says_is_refused(ending: str, content: bytes) -> None:
    assert refusal(f"Report.{ending}", content).code == "file_kind"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", PAGE),
        ("drawing.svg", SVG),
        ("setup.exe", b"MZ\x90\0"),
        ("all.zip", samples.archive(("a", b"b"))),
        ("letter.docm", samples.ooxml("docx", types=MACROS)),
        ("nothing", b"x"),
        ("", b"x"),
        (".htaccess", b"x"),
    ],
)
def test_other_kinds_are_refused_and_what_can_be_shared_is_said(name: str, content: bytes) -> None:
    refused = refusal(cleaned_name(name), content)
    assert (refused.code, "Word, Excel" in refused.words) == ("file_kind", True)


def test_what_a_phone_makes_is_refused_with_the_way_out() -> None:
    refused = refusal("IMG_0412.HEIC", b"\0\0\0\x18ftypheic")
    assert (refused.code, "Save it as JPEG" in refused.words) == ("file_kind", True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.docx", samples.ooxml("docx", types=MACROS)),
        ("letter.docx", samples.ooxml("docx", types=MACROS.decode().encode("utf-16"))),
        ("sums.xlsx", samples.ooxml("xlsx", types=b"<Types>application/vnd.ms-office.vbaProject</Types>")),
        ("letter.doc", samples.ole("doc", also="_VBA_PROJECT")),
        ("letter.odt", samples.odf("odt", ("Basic/Standard/Module1.xml", b"<x/>"))),
    ],
)
def test_macros_are_refused_by_name(name: str, content: bytes) -> None:
    assert "macros" in refusal(name, content).words


def test_an_archive_that_would_unpack_to_an_enormous_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MOST_UNPACKED", 10**6)
    assert "enormous" in refusal("bomb.docx", samples.ooxml("docx", ("word/a.xml", b"\0" * 10**6))).words


@pytest.mark.parametrize(
    "content",
    [
        samples.ooxml("docx", *((f"word/{number}-{'x' * 200}.xml", b"") for number in range(5_000))),
        samples.ooxml("docx", types=b"x" * (kinds.MOST_TYPES_BYTES + 1)),
        samples.ooxml("docx", types=b"<Types>application/macro&#69;nabled</Types>"),
        samples.ooxml("docx")[:-30],
        b"PK\x03\x04" + b"\0" * 100,
        PAGE + samples.ooxml("docx"),
    ],
)
def test_an_archive_made_to_trip_its_reader_is_refused(content: bytes) -> None:
    assert refusal("letter.docx", content).code == "file_kind"


def test_of_two_parts_with_one_name_no_reader_takes_the_other() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = samples.ooxml("docx", ("[Content_Types].xml", b"<Types/>"), types=MACROS)
    assert refusal("letter.docx", content).code == "file_kind"


@pytest.mark.parametrize("text", ["Plain £5", "Tab\tand\r\nline", "עברית"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_taken_in_the_encodings_people_have(text: str, encoding: str) -> None:
    assert ready("notes.txt", text.encode(encoding)).kind == "txt"
    assert ready("notes.csv", "£".encode("cp1252")).kind == "csv"


@pytest.mark.parametrize("begun", [b"", b"  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n "])
@pytest.mark.parametrize("markup", [PAGE, SVG, b"<script>1</script>", b"<!-- x --><b>", "<html>".encode("utf-16")])
def test_a_page_for_a_browser_is_no_text(begun: bytes, markup: bytes) -> None:
    assert refusal("notes.txt", begun + markup).code == "file_kind"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_picture_is_drawn_anew_with_a_small_one_beside_it(form: str) -> None:
    found = ready("Tea time.PNG", samples.picture(form, (1000, 500)))
    kind = "png" if form in ("PNG", "GIF") else "jpg"
    assert (found.kind, found.name, found.width, found.height) == (kind, f"Tea time.{kind}", 1000, 500)
    assert found.thumbnail
    with samples.opened(found.thumbnail.read()) as small:
        assert (small.format, small.size) == ("WEBP", (640, 320))


def test_a_photo_stands_upright_and_tells_neither_place_nor_camera() -> None:
    taken = samples.photo_from_a_phone()
    assert b"Camera of Alice" in taken
    found = ready("IMG_1.jpg", taken)
    stored = found.content.read()
    with samples.opened(stored) as picture:
        assert picture.size == (found.width, found.height) == (40, 80)
        assert (dict(picture.getexif()), picture.info.keys() & {"exif", "comment", "icc_profile"}) == ({}, set())
    assert found.thumbnail
    for content in (stored, found.thumbnail.read()):
        assert not any(secret in content for secret in (b"Camera of Alice", b"Ward 7", b"Exif"))


def test_what_hides_behind_a_picture_does_not_come_along() -> None:
    polyglot = samples.picture("GIF", comment=PAGE) + PAGE + samples.archive(("evil.html", PAGE))
    stored = ready("both.gif", polyglot).content.read()
    assert not any(hidden in stored for hidden in (b"script", b"doctype", b"PK\x03\x04"))


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "LA", "I;16"])
def test_pictures_of_every_make_keep_what_they_show(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (8, 8), 30_000 if mode == "I;16" else None).save(file, "PNG")
    with samples.opened(ready("x.png", file.getvalue()).content.read()) as picture:
        assert picture.mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")
        shown = picture.convert("RGB").getpixel((4, 4))
    assert shown == ((117, 117, 117) if mode == "I;16" else (0, 0, 0))


def test_a_large_photo_is_stored_as_large_as_screens_can_use() -> None:
    found = ready("wide.jpg", samples.picture("JPEG", (9000, 300)))
    assert (found.width, found.height) == (4096, 137)


@pytest.mark.parametrize("side", [7_100, 12_000, 60_000])
def test_a_few_bytes_that_unpack_to_gigabytes_are_refused_unopened(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "read", lambda *_, **__: pytest.fail("It was unpacked."))
    refused = refusal("bomb.png", samples.png_that_claims(side, side))
    assert (refused.code, "too many pixels" in refused.words) == ("file_too_large", True)


@pytest.mark.parametrize(
    "content",
    [b"", PAGE, SVG, samples.PDF, samples.picture("JPEG")[:300], samples.picture()[:60], samples.picture("TIFF")],
)
def test_a_picture_that_is_none_or_broken_is_refused(content: bytes) -> None:
    assert refusal("x.png", content).code == "file_damaged"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Report.pdf", "Report.pdf"),
        (r"C:\Users\Alice\Report.pdf", "Report.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("re\0port\r\nSet-Cookie: x=1.pdf", "report Set-Cookie: x=1.pdf"),
        ("annual\u202efdp.docx", "annualfdp.docx"),
        ("  . .hidden.pdf", "hidden.pdf"),
        ("\u200b.pdf", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ("y" * 300, "y" * 100),
        ('"><img src=x>.pdf', '"><img src=x>.pdf'),
        ("Cafe\u0301.pdf", "Café.pdf"),
    ],
)
def test_a_name_is_one_line_without_folders_or_tricks(given: str, kept: str) -> None:
    assert cleaned_name(given) == kept


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_file_may_be_as_large_as_the_limit_and_not_a_byte_larger(more: int, fits: bool, settings: object) -> None:
    settings.MAX_FILE_MB = 1  # type: ignore[attr-defined]
    content = io.BytesIO(b"x" * (2**20 + more))
    if fits:
        with spooled(content) as copy:
            assert len(copy.read()) == 2**20
    else:
        with pytest.raises(TooLarge, match="1 MB"), spooled(content):
            pass


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(BadRequest, match="empty"), spooled(io.BytesIO()):
        pass
