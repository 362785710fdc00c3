"""Pictures that members upload: what is kept of them, and what is not taken at all."""

import random
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFile

from members import pictures
from members.pictures import picture_from
from members.refusals import BadRequest

GPS = 0x8825
ORIENTATION = 0x0112


def upload(data: bytes, name: str = "me.jpg", said: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, said)


def photo(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **options: object) -> bytes:
    picture = Image.new("RGB", size, "teal")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=["WEBP"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_drawn_anew_and_made_small(kind: str) -> None:
    # Whatever it is called and said to be: only what is in it counts.
    found = seen(picture_from(upload(photo(kind), "me.txt", "text/html"), 256))
    assert (found.format, found.size) == ("WEBP", (256, 171))
    assert seen(picture_from(upload(photo(kind)), 256, square=True)).size == (256, 256)


def test_a_small_picture_is_not_blown_up() -> None:
    assert seen(picture_from(upload(photo(size=(60, 40))), 256)).size == (60, 40)
    assert seen(picture_from(upload(photo(size=(60, 40))), 256, square=True)).size == (40, 40)


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "At home with the baby"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[2] = (51.0, 30.0, 0.0)
    data = photo("JPEG", exif=exif, comment=b"private words", icc_profile=b"a profile with a name in it" * 9)
    assert b"At home" in data
    kept = picture_from(upload(data), 256)
    assert not any(words in kept for words in (b"EXIF", b"XMP", b"ICCP", b"At home", b"private words", b"a profile"))
    # Turned the way it was held, since nothing says any more how that was.
    assert seen(kept).size == (171, 256)


def test_what_is_see_through_stands_on_white() -> None:
    file = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")
    assert seen(picture_from(upload(file.getvalue()), 256)).convert("RGB").getpixel((25, 25)) == (255, 255, 255)


def test_a_bomb_is_recognised_by_what_it_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    file = BytesIO()
    Image.new("1", (8000, 8000)).save(file, "PNG")
    assert len(file.getvalue()) < 10_000
    decoded: list[object] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded.append)
    with pytest.raises(BadRequest, match="not a picture"):
        picture_from(upload(file.getvalue()), 256)
    assert not decoded


def test_what_is_no_picture_is_refused() -> None:
    cut, tiff, chance = photo()[:900], BytesIO(), random.Random(4)
    Image.new("RGB", (9, 9)).save(tiff, "TIFF")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data in (
        b"",
        b"GIF89a",
        svg,
        b"%PDF-1.7",
        cut,
        tiff.getvalue(),
        chance.randbytes(2000),
        b"\x89PNG\r\n\x1a\n" * 9,
    ):
        with pytest.raises(BadRequest):
            picture_from(upload(data), 256)


def test_what_is_too_long_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST_UPLOAD", 100)
    with pytest.raises(BadRequest, match="10 MB"):
        picture_from(upload(photo()), 256)
