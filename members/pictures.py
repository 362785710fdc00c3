"""Pictures that members upload: read by what is in them, and drawn anew, so that nothing else comes along.

A photo carries where and when it was taken, and may carry far more: what is kept is pixels alone.
"""

from io import BytesIO
from typing import Protocol

from PIL import Image, ImageOps, UnidentifiedImageError

from members.refusals import BadRequest

LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
"""A small file may claim a huge picture: the claim is read before a single pixel is."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 82
UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
)
"""What Pillow raises for bytes that are no picture, or one that breaks off."""


class Upload(Protocol):
    """A file as a form brings it."""

    @property
    def size(self) -> int | None: ...

    def read(self) -> bytes: ...


def picture_from(upload: Upload, longest_side: int, *, square: bool = False, see_through: bool = False) -> bytes:
    """The uploaded picture as WebP, at most `longest_side` pixels wide and high. Raises BadRequest.

    `square`: its middle; `see_through`: what is see-through stays so, instead of white.
    """
    if (upload.size or 0) > LARGEST_UPLOAD:
        raise BadRequest("That picture is over 10 MB. Choose a smaller one.", code="too_long", field="picture")
    try:
        picture = upright(opened(upload.read(), longest_side), see_through=see_through)
    except UNREADABLE as error:
        raise BadRequest("That is not a picture we can read. Use JPEG, PNG, WebP or GIF.", field="picture") from error
    if square:
        side = min(longest_side, *picture.size)
        picture = ImageOps.fit(picture, (side, side))
    else:
        picture.thumbnail((longest_side, longest_side))
    return as_webp(picture)


def opened(data: bytes, longest_side: int) -> Image.Image:
    """The picture, made smaller while it is decoded: what follows then costs little, however large it came."""
    picture = Image.open(BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("more pixels than we draw")
    spare = max(1, min(picture.size) / (2 * longest_side))
    picture.thumbnail((picture.width / spare, picture.height / spare))
    return picture


def upright(picture: Image.Image, *, see_through: bool = False) -> Image.Image:
    """The pixels alone, as the picture was held: the camera says how in the data that we throw away.

    Pasted on a new ground, white for what is see-through, and because a picture that is merely changed and saved takes
    its colour profile and comments along.
    """
    turned = ImageOps.exif_transpose(picture).convert("RGBA")
    ground = Image.new("RGBA", turned.size, (255, 255, 255, 0 if see_through else 255))
    ground.alpha_composite(turned)
    return ground if see_through else ground.convert("RGB")


def as_webp(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()
