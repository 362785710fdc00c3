"""Looks for what could tell who a patient is: the same signals, from the same table, as the browser looks for before it sends.

The table is frontend/static/js/room/patient-data.json, the browser's twin of this module guard.js beside it. Each signal is a
pattern that both languages read alike, with what must or must not stand near it. Some are sure by themselves; some are
doubtful by themselves; most say something only together. Nothing that was found is kept: a Finding holds places, not words.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from members.number_shapes import NO_SHAPES, NumberShapes

RULES = Path(__file__).resolve().parents[2] / "frontend" / "static" / "js" / "room" / "patient-data.json"
UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff]")
"""What must not hide a number by standing within it. Accents that stand by themselves belong to the letter before."""
MOST_OF_A_KIND = 400
MOST_BESIDE = 4
"""Marks of a kind that are tried, and how many of each other kind beside one: a long text must not take long."""


class Level(IntEnum):
    """How sure one can be."""

    NOTHING = 0
    DOUBT = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A signal, by its place in the text: `start` and `end` in characters."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What a text was found to hold."""

    level: Level
    marks: tuple[Mark, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Each kind once, as they stand in the text."""
        return tuple(dict.fromkeys(mark.kind for mark in self.marks))


NOTHING = Finding(Level.NOTHING)


@dataclass(frozen=True, slots=True)
class Signal:
    """One line of the table."""

    kind: str
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None
    unless_near: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None
    unless_after: re.Pattern[str] | None
    needs: tuple[str, ...]
    digits: str
    has_check: bool
    level: Level


class Rules:
    """The table, ready to be used."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.words: Mapping[str, str] = table["words"]
        signals = [self.read_signal(line) for line in table["signals"]]
        self.alone = [signal for signal in signals if signal.level]
        self.by_kind = {kind: [one for one in signals if one.kind == kind] for kind in table["said"]}
        self.shaped: Sequence[Mapping[str, Any]] = table["shaped"]
        self.together: Sequence[Sequence[str]] = table["ask_together"]
        self.own_story_allows = frozenset(table["own_story_allows"])
        self.together_within: int = table["together_within"]
        self.near_within: int = table["near_within"]
        self.before_within: int = table["before_within"]
        self.after_within: int = table["after_within"]
        self.like: Mapping[int, str] = dict(zip(map(ord, table["like"]["letters"]), table["like"]["as"], strict=True))
        self.sentences: Mapping[str, str] = table["sentences"]
        self.said: Mapping[str, str] = table["said"]
        self.instead: Mapping[str, str] = table["instead"]
        self.instead_of_a_name = [
            (re.compile(start, re.IGNORECASE), words) for start, words in table["instead_of_a_name"]
        ]
        self.decades: Mapping[str, str] = table["decades"]

    def read_signal(self, line: Mapping[str, Any], shapes: str = "") -> Signal:
        """`shapes`: what %SHAPES% stands for."""
        flags = re.ASCII if line.get("case") else re.ASCII | re.IGNORECASE

        def pattern(name: str, flags: int = re.ASCII | re.IGNORECASE) -> re.Pattern[str] | None:
            return re.compile(self.spelled_out(line[name]), flags) if name in line else None

        return Signal(
            kind=line["kind"],
            pattern=re.compile(self.spelled_out(line["pattern"].replace("%SHAPES%", shapes)), flags),
            near=pattern("near"),
            unless_near=pattern("unless_near"),
            unless_before=pattern("unless_before"),
            unless_after=pattern("unless_after"),
            needs=tuple(line.get("needs", ())),
            digits=line.get("digits", ""),
            has_check="check" in line,
            level=Level.SURE if line.get("sure") else Level.DOUBT if line.get("ask") else Level.NOTHING,
        )

    def spelled_out(self, pattern: str) -> str:
        """With what the table says once and uses often, as %DAY%, in its place."""
        while re.search("%[A-Z_]+%", pattern):
            pattern = re.sub("%([A-Z_]+)%", lambda named: self.words[named[1]], pattern)
        return pattern


@cache
def rules() -> Rules:
    return Rules(json.loads(RULES.read_text(encoding="utf-8")))


@lru_cache(maxsize=2)
def shaped_signals(shapes: NumberShapes) -> list[Signal]:
    """The lines of the table for numbers of these shapes: made once, until a moderator sets others."""
    of = {"letters": shapes.with_letters, "digits": shapes.of_digits}
    return [rules().read_signal(line, of[line["of"]]) for line in rules().shaped if of[line["of"]]]


def look(text: str, *, own_story: bool = False, shapes: NumberShapes = NO_SHAPES) -> Finding:
    """What in the text could tell who a patient is, and how surely. In one's own story, one's own dates are one's own.

    What is doubtful is marked beside what is sure: whoever takes out the one should not then be asked about the other.
    """
    plain, places = plainly(text)
    words = Words(plain)
    allowed = rules().own_story_allows if own_story else frozenset[str]()
    alone = [signal for signal in [*rules().alone, *shaped_signals(shapes)] if signal.kind not in allowed]
    found = [(signal.level, mark) for signal in alone for mark in marks_of(signal, words)]
    beside = together(words, allowed)
    if not (found or beside):
        return NOTHING
    found.sort(key=lambda each: each[0], reverse=True)
    level = found[0][0] if found else Level.DOUBT
    return Finding(level, in_order([*(mark for _, mark in found), *beside], places))


def plainly(text: str) -> tuple[str, Sequence[int]]:
    """The text as the patterns read it, one sign for one; and where each sign stands in the text itself.

    Emphasis, fine spaces, accents, other digits and what nobody sees must not hide a number or a name. Of two line breaks
    at most one space is left between them: a number may go on in the next line.
    """
    if text.isascii():
        return text.translate(PLAIN_ASCII), range(len(text) + 1)
    places = [place for place, sign in enumerate(text) if not UNSEEN.match(sign)]
    return "".join(plain_sign(text[place]) for place in places), [*places, len(text)]


PLAIN_ASCII = str.maketrans("*_`\t\r\n|", " " * 7)


@cache
def plain_sign(sign: str) -> str:
    """An ASCII sign for one that looks or counts like it, else the sign itself."""
    if sign.isascii():
        return sign.translate(PLAIN_ASCII)
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    if kind == "Zs":
        return " "
    if kind == "Pd":
        return "-"
    if ord(sign) in rules().like:
        return rules().like[ord(sign)]
    plain = unicodedata.normalize("NFKD", sign)[0]
    return plain if plain.isascii() and plain.isprintable() and (kind[0] in "LP") else sign


class Words:
    """A text as the patterns read it. Most texts lack even what a signal cannot do without: then no pattern need look."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.small = plain.lower()
        self.known: dict[str, bool] = {"": True}

    def may_hold(self, signal: Signal) -> bool:
        if signal.digits not in self.known:
            self.known[signal.digits] = re.search(signal.digits, self.plain, re.ASCII) is not None
        return self.known[signal.digits] and (not signal.needs or any(need in self.small for need in signal.needs))


def marks_of(signal: Signal, words: Words) -> Iterator[Mark]:
    """Where the signal stands in the text, with what must and must not be near it."""
    if not words.may_hold(signal):
        return
    text = words.plain
    near, before, after = rules().near_within, rules().before_within, rules().after_within
    for match in signal.pattern.finditer(text):
        start, end = match.span()
        around = text[max(0, start - near) : end + near]
        if signal.unless_before and signal.unless_before.search(text[max(0, start - before) : start]):
            continue
        if signal.unless_after and signal.unless_after.search(text[end : end + after]):
            continue
        if signal.near and not signal.near.search(around):
            continue
        if signal.unless_near and signal.unless_near.search(around):
            continue
        if signal.has_check and not has_check_digit(match[0]):
            continue
        yield Mark(signal.kind, *match.span(match.lastindex or 0))


def has_check_digit(words: str) -> bool:
    """Whether the ten digits in these words end with the check digit of an NHS number: NHS Data Dictionary, modulus 11."""
    digits = [int(sign) for sign in words if sign.isdigit()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check != 10 and check % 11 == digits[9]


def together(words: Words, allowed: frozenset[str]) -> list[Mark]:
    """Marks that say something together: all kinds of one line of the table, near one another."""
    known: dict[str, list[Mark]] = {}

    def marks(kind: str) -> list[Mark]:
        if kind not in known:
            found = [mark for signal in rules().by_kind[kind] for mark in marks_of(signal, words)]
            known[kind] = sorted(found, key=lambda mark: mark.start)[:MOST_OF_A_KIND]
        return known[kind]

    for kinds in rules().together:
        if not allowed.isdisjoint(kinds) or not all(marks(kind) for kind in kinds):
            continue
        for first in marks(kinds[0]):
            beside = [[mark for mark in marks(kind) if is_beside(mark, first)][:MOST_BESIDE] for kind in kinds[1:]]
            for group in product([first], *beside):
                if max(mark.end for mark in group) - min(mark.start for mark in group) <= rules().together_within:
                    return list(group)
    return []


def is_beside(mark: Mark, other: Mark) -> bool:
    return abs(mark.start - other.start) <= rules().together_within


def in_order(marks: Sequence[Mark], places: Sequence[int]) -> tuple[Mark, ...]:
    """As they stand in the text itself, without those within others; of two in one place the first that was found."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(Mark(mark.kind, places[mark.start], places[mark.end - 1] + 1) for mark in kept)
