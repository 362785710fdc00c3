"""Pictures are drawn anew from their pixels: no place, no camera, no hidden file comes along, nor what breaks a viewer."""

import io
import threading
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageCms, ImageOps

from members.refusals import BadRequest
from rooms.files.kinds import WHAT_CAN_BE_SHARED

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
LOSSY = ("JPEG", "MPO", "WEBP", "AVIF")  # MPO: a JPEG with more than one picture in it, as some phones make.
MOST_PIXELS = 50_000_000
"""What the largest cameras of phones take; 200 MB once it is unpacked."""
LONGEST_SIDE = 4096
THUMBNAIL_SIDE = 640

ONE_AT_A_TIME = threading.Lock()
"""One of 49 megapixels took 320 MB while it was drawn as JPEG, 760 as WebP: once at a time, however many are sent."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of our own making, and a small one of it."""

    kind: str
    content: IO[bytes]
    width: int
    height: int
    thumbnail: IO[bytes]


def draw_anew(content: IO[bytes]) -> Picture:
    """The picture that stands in the file. Raises BadRequest when there is none that can be drawn."""
    with ONE_AT_A_TIME:
        try:
            verify(content)
            drawn, is_photo = read(content)
        except BadRequest:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise too_many_pixels() from None
        except Exception:  # The decoders raise whatever comes to hand at what somebody made to break them.
            raise BadRequest(
                f"This picture is damaged, or is none. {WHAT_CAN_BE_SHARED}", code="file_damaged"
            ) from None
        kind = "jpg" if is_photo and drawn.mode == "RGB" else "png"
        width, height = drawn.size
        stored = written(drawn, "JPEG" if kind == "jpg" else "PNG", quality=88)
        drawn.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return Picture(kind, stored, width, height, written(drawn, "WEBP", quality=80))


def verify(content: IO[bytes]) -> None:
    """Look at it as far as that needs no unpacking."""
    content.seek(0)
    with Image.open(content, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise too_many_pixels()
        picture.verify()


def too_many_pixels() -> BadRequest:
    return BadRequest("This picture has too many pixels. Make it smaller and share that.", code="file_too_large")


def read(content: IO[bytes]) -> tuple[Image.Image, bool]:
    """Its pixels, upright, in plain colours, at a size that screens can use; and whether it was stored as photos are.

    Of a moving picture the first one.
    """
    content.seek(0)
    with Image.open(content, formats=FORMATS) as picture:
        is_photo = picture.format in LOSSY
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # A large JPEG is unpacked at a half or a quarter.
        profile = picture.info.get("icc_profile")
        ImageOps.exif_transpose(picture, in_place=True)
        if picture.mode in ("RGB", "RGBA", "CMYK", "L"):
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # Before anything makes a copy of it.
        drawn = in_plain_colours(picture, profile)
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn.info.clear()  # Some writers would copy from it what was never drawn: comments, profiles, EXIF.
    return drawn, is_photo


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
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode=mode)
            return converted or picture.convert(mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A profile that fits other colours, or none at all.
    return picture.convert(mode)


def written(picture: Image.Image, form: str, *, quality: int) -> IO[bytes]:
    file = io.BytesIO()
    picture.save(file, form, quality=quality, optimize=form == "JPEG", progressive=form == "JPEG")
    file.seek(0)
    return file
