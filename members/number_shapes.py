"""The shapes of a trust's hospital numbers, as a person writes them: `RAJ######`, `@#####/##`.

`#` is a digit, `@` a letter; letters and digits are themselves; spaces, hyphens, dots and slashes may be left out by whoever
writes a number. There are no regular expressions to write, so none can hang: a shape has a set length, and nothing in it repeats
without an end. What is made of it is read alike by Python and by the browser: docs/patient-data.md.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle

from frontend.text import one_line
from members.refusals import BadRequest

MOST_SHAPES = 5
LONGEST_SHAPE = 16
LEAST_DIGITS = 5
LEAST_WITHOUT_LETTERS = 6
"""Fewer digits by themselves are a year, a price, a page."""
MOST_OWN_DIGITS = 3
"""Digits that stand for themselves: with more, a shape could be somebody's number."""
SIGNS = re.compile(r"[A-Z0-9#@ ./-]+")
PIECE = re.compile(r"#+|@+|[A-Z]+|[0-9]+|[ ./-]")
BESIDE_ANOTHER = re.compile(r"[ ./-]{2}|^[ ./-]|[ ./-]$")
EVERYDAY = {
    "dates": ("29/11/2026", "29/11/26", "9/11/2026", "2026-11-29", "29 11 2026"),
    "telephone numbers": ("02079460123", "020 7946 0123", "0207 946 0123", "07700900123", "07700 900123"),
    "NHS numbers, which are found already": ("999 672 1108", "9996721108"),
}
"""What a shape must not find by itself."""


@dataclass(frozen=True, slots=True)
class NumberShapes:
    """All shapes of all organisations, as patterns: those with letters, and those of digits alone. Empty where there is none."""

    with_letters: str = ""
    of_digits: str = ""


NO_SHAPES = NumberShapes()


def shapes_in(typed: str) -> list[str]:
    """The shapes of a form, one a line, as they are kept. Raises BadRequest."""
    lines = [one_line(line).upper().replace("–", "-") for line in typed.splitlines()]
    shapes = list(dict.fromkeys(line for line in lines if line))
    if len(shapes) > MOST_SHAPES:
        raise BadRequest(f"An organisation has at most {MOST_SHAPES} shapes.", field="shapes")
    for shape in shapes:
        if problem := problem_with(shape):
            raise BadRequest(f"“{shape[:LONGEST_SHAPE]}”: {problem}", field="shapes")
    return shapes


def problem_with(shape: str) -> str:
    """Why this cannot be a shape, or nothing."""
    least = LEAST_DIGITS if re.search("[A-Z@]", shape) else LEAST_WITHOUT_LETTERS
    if len(shape) > LONGEST_SHAPE:
        return f"a shape has at most {LONGEST_SHAPE} signs."
    if not SIGNS.fullmatch(shape):
        return "write # for a digit, @ for a letter, and else only letters, digits, spaces, hyphens, dots and slashes."
    if sum(sign.isdigit() for sign in shape) > MOST_OWN_DIGITS:
        return (
            f"write # for each digit. At most {MOST_OWN_DIGITS} may stand for themselves: a shape is nobody's number."
        )
    if shape.count("#") < least:
        return f"it needs at least {least} times #, or it would find what is no hospital number."
    if BESIDE_ANOTHER.search(shape):
        return "a space, hyphen, dot or slash stands between two other signs."
    pattern = re.compile(pattern_of(shape))
    for what, samples in EVERYDAY.items():
        if any(pattern.fullmatch(sample) for sample in samples):
            return f"it would find {what}."
    return ""


def pattern_of(shape: str) -> str:
    """What finds it, in capitals or not. Between letters and digits there may be a hyphen; after two letters or more, a space."""
    parts: list[str] = []
    before = ""
    for piece in PIECE.findall(shape):
        if before and is_letters(before) is not is_letters(piece) and not is_between(before) and not is_between(piece):
            letters = before if is_letters(before) else piece
            parts.append("[ -]?" if len(letters) > 1 and "@" not in letters else "-?")
        parts.append(pattern_of_piece(piece))
        before = piece
    return "".join(parts)


def pattern_of_piece(piece: str) -> str:
    if is_between(piece):
        return "[ ./-]?"
    times = f"{{{len(piece)}}}" if len(piece) > 1 else ""
    return {"#": rf"\d{times}", "@": f"[A-Z]{times}"}.get(piece[0], piece)


def is_letters(piece: str) -> bool:
    return piece[0] == "@" or piece[0].isalpha()


def is_between(piece: str) -> bool:
    return piece[0] in " ./-"


def spelled(shapes: Iterable[str]) -> NumberShapes:
    """Shapes of several organisations; two may have the same."""
    each = sorted(set(shapes))
    return NumberShapes(
        with_letters="|".join(pattern_of(shape) for shape in each if re.search("[A-Z@]", shape)),
        of_digits="|".join(pattern_of(shape) for shape in each if not re.search("[A-Z@]", shape)),
    )


def found_in(shapes: Sequence[str], sample: str) -> list[tuple[str, list[str]]]:
    """Each line of a sample, and what the shapes find in it."""
    patterns = [re.compile(rf"(?<!\w)(?:{pattern_of(shape)})(?!\w)", re.ASCII | re.IGNORECASE) for shape in shapes]
    lines = [line for line in sample.splitlines() if line.strip()]
    return [(line, [found[0] for pattern in patterns for found in pattern.finditer(line)]) for line in lines]


def example(shape: str) -> str:
    """A number of this shape that is nobody's."""
    digits = cycle("123456789")
    return "".join(next(digits) if sign == "#" else "X" if sign == "@" else sign for sign in shape)
