"""Pictures that members send: read by what is in them, and drawn anew, so that nothing else comes along.

A photo carries where and when it was taken, a file may carry far more, and some are made to break a viewer: what is kept
is pixels alone. A member's photo is made here; what is shared in rooms, on the same reading, in `rooms/files/pictures.py`.
"""

import threading
from io import BytesIO
from typing import IO, Protocol

from PIL import Image, ImageCms, ImageOps

from members.refusals import BadRequest

LARGEST_UPLOAD = 10 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
LOSSY = ("JPEG", "MPO", "WEBP", "AVIF")  # MPO: a JPEG with more than one picture in it, as some phones make.
MOST_PIXELS = 50_000_000
"""What the largest cameras of phones take; 200 MB once it is unpacked. A small file may claim far more."""

ONE_AT_A_TIME = threading.Lock()
"""One of 49 megapixels took 320 MB while it was drawn as JPEG, 760 as WebP: once at a time, however many are sent."""


class Undrawable(Exception):
    """No picture, or a damaged one."""


class TooManyPixels(Undrawable):
    """By its own claim, which is read before a single pixel is."""


class Upload(Protocol):
    """A file as a form brings it."""

    @property
    def size(self) -> int | None: ...

    def read(self) -> bytes: ...


def picture_from(upload: Upload, side: int, *, square: bool = False, see_through: bool = False) -> bytes:
    """The uploaded picture as WebP, at most `side` pixels wide and high. Raises BadRequest.

    `square`: its middle; `see_through`: what is see-through stays so, instead of white.
    """
    if (upload.size or 0) > LARGEST_UPLOAD:
        raise BadRequest("That picture is over 10 MB. Choose a smaller one.", code="too_long", field="picture")
    try:
        with ONE_AT_A_TIME:
            picture, _ = pixels_of(BytesIO(upload.read()), side, covers=square)
    except Undrawable as error:
        raise BadRequest(
            "That is not a picture we can read. Use JPEG, PNG, WebP, GIF or AVIF.", field="picture"
        ) from error
    if square:
        picture = ImageOps.fit(picture, (min(side, *picture.size),) * 2)
    if picture.mode == "RGBA" and not see_through:
        picture = on_white(picture)
    return written(picture, "WEBP", quality=82).getvalue()


def on_white(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def pixels_of(content: IO[bytes], side: int, *, covers: bool = False) -> tuple[Image.Image, bool]:
    """The pixels, upright, in plain colours (RGB, or RGBA), and whether they were stored as photos are. Raises Undrawable.

    Made small enough to fit into a square of that side, or just to cover it. Of a moving picture the first one.
    """
    try:
        verify(content)
        return read(content, side, covers=covers)
    except Undrawable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except Exception as error:  # The decoders raise whatever comes to hand at what somebody made to break them.
        raise Undrawable from error


def verify(content: IO[bytes]) -> None:
    """Look at it as far as that needs no unpacking."""
    content.seek(0)
    with Image.open(content, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise TooManyPixels
        picture.verify()


def read(content: IO[bytes], side: int, *, covers: bool) -> tuple[Image.Image, bool]:
    content.seek(0)
    with Image.open(content, formats=FORMATS) as picture:
        is_photo = picture.format in LOSSY
        bound = bound_of(picture, side, covers=covers)
        picture.draft("RGB", bound)  # A large JPEG is unpacked at a half or a quarter.
        profile = picture.info.get("icc_profile")
        if picture.mode in ("RGB", "RGBA", "CMYK", "L"):
            picture.thumbnail(bound)  # Before anything makes a copy of it.
        ImageOps.exif_transpose(picture, in_place=True)
        drawn = in_plain_colours(picture, profile)
    drawn.thumbnail(bound_of(drawn, side, covers=covers))
    drawn.info.clear()  # Some writers would copy from it what was never drawn: comments, profiles, EXIF.
    return drawn, is_photo


def bound_of(picture: Image.Image, side: int, *, covers: bool) -> tuple[int, int]:
    """Into what it is to fit."""
    longest = side * max(picture.size) // min(picture.size) if covers else side
    return longest, longest


def in_plain_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB as screens mean it, with transparency where there is any."""
    if picture.mode.startswith("I"):  # Sixteen bits of grey, which a plain conversion would cut off at white.
        picture = picture.point(lambda grey: grey / 256).convert("L")
    if picture.mode == "CMYK":
        return with_profile(picture, profile, "RGB")
    is_clear = picture.has_transparency_data
    return with_profile(picture.convert("RGBA" if is_clear else "RGB"), profile, "RGBA" if is_clear else "RGB")


def with_profile(picture: Image.Image, profile: bytes | None, mode: str) -> Image.Image:
    """The colours that its profile means, since the profile itself does not come along."""
    if profile:
        try:
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode=mode)
            return converted or picture.convert(mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A profile that fits other colours, or none at all.
    return picture.convert(mode)


def written(picture: Image.Image, form: str, *, quality: int) -> BytesIO:
    file = BytesIO()
    picture.save(file, form, quality=quality, optimize=form == "JPEG", progressive=form == "JPEG")
    file.seek(0)
    return file
