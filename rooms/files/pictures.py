"""Pictures that are shared in rooms: their pixels, drawn anew, and a small one beside it."""

from dataclasses import dataclass
from typing import IO

from members.pictures import ONE_AT_A_TIME, TooManyPixels, Undrawable, pixels_of, written
from members.refusals import BadRequest
from rooms.files.kinds import WHAT_CAN_BE_SHARED

LONGEST_SIDE = 4096
THUMBNAIL_SIDE = 640


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
            drawn, is_photo = pixels_of(content, LONGEST_SIDE)
        except TooManyPixels:
            raise BadRequest(
                "This picture has too many pixels. Make it smaller and share that.", code="file_too_large"
            ) from None
        except Undrawable:
            raise BadRequest(
                f"This picture is damaged, or is none. {WHAT_CAN_BE_SHARED}", code="file_damaged"
            ) from None
        kind = "jpg" if is_photo and drawn.mode == "RGB" else "png"
        width, height = drawn.size
        stored = written(drawn, "JPEG" if kind == "jpg" else "PNG", quality=88)
        drawn.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return Picture(kind, stored, width, height, written(drawn, "WEBP", quality=80))
