"""Looks for what could tell who a patient is: the same signals, from the same table, as the browser looks for before it sends.

The table is frontend/static/js/room/patient-data.json, the browser's twin of this module guard.js beside it. Each signal is a
pattern that both languages read alike, with what must or must not stand near it. Some are sure by themselves; some are
doubtful by themselves; most say something only together. Nothing that was found is kept: a Finding holds places, not words.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

RULES = Path(__file__).resolve().parents[2] / "frontend" / "static" / "js" / "room" / "patient-data.json"
LIKE_PLAIN = str.maketrans(dict.fromkeys("\xa0\u2007\u2009\u202f*_`\t", " ") | dict.fromkeys("‐‑‒–—", "-"))
"""One sign for one, so that places stay what they are: emphasis and fine spaces must not hide a number."""


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


@dataclass(frozen=True, slots=True)
class Signal:
    """One line of the table."""

    kind: str
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None
    unless_near: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None
    has_check: bool
    level: Level


class Rules:
    """The table, ready to be used."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.signals = [read_signal(line) for line in table["signals"]]
        self.together: Sequence[Sequence[str]] = table["ask_together"]
        self.together_within: int = table["together_within"]
        self.near_within: int = table["near_within"]
        self.before_within: int = table["before_within"]
        self.said: Mapping[str, str] = table["said"]


@cache
def rules() -> Rules:
    return Rules(json.loads(RULES.read_text(encoding="utf-8")))


def read_signal(line: Mapping[str, Any]) -> Signal:
    flags = re.ASCII if line.get("case") else re.ASCII | re.IGNORECASE

    def pattern(name: str, flags: int = re.ASCII | re.IGNORECASE) -> re.Pattern[str] | None:
        return re.compile(line[name], flags) if name in line else None

    return Signal(
        kind=line["kind"],
        pattern=re.compile(line["pattern"], flags),
        near=pattern("near"),
        unless_near=pattern("unless_near"),
        unless_before=pattern("unless_before"),
        has_check="check" in line,
        level=Level.SURE if line.get("sure") else Level.DOUBT if line.get("ask") else Level.NOTHING,
    )


def look(text: str) -> Finding:
    """What in the text could tell who a patient is, and how surely."""
    plain = text.translate(LIKE_PLAIN)
    found = [(signal, mark) for signal in rules().signals for mark in marks_of(signal, plain)]
    for level in (Level.SURE, Level.DOUBT):
        marks = [mark for signal, mark in found if signal.level is level]
        if marks:
            return Finding(level, in_order(marks))
    marks = together([mark for _, mark in found])
    return Finding(Level.DOUBT, in_order(marks)) if marks else Finding(Level.NOTHING)


def marks_of(signal: Signal, text: str) -> Iterator[Mark]:
    """Where the signal stands in the text, with what must and must not be near it."""
    near, before = rules().near_within, rules().before_within
    for match in signal.pattern.finditer(text):
        around = text[max(0, match.start() - near) : match.end() + near]
        if signal.unless_before and signal.unless_before.search(text[max(0, match.start() - before) : match.start()]):
            continue
        if signal.near and not signal.near.search(around):
            continue
        if signal.unless_near and signal.unless_near.search(around):
            continue
        if signal.has_check and not has_check_digit(match[0]):
            continue
        yield Mark(signal.kind, match.start(), match.end())


def has_check_digit(words: str) -> bool:
    """Whether the ten digits in these words end with the check digit of an NHS number: NHS Data Dictionary, modulus 11."""
    digits = [int(sign) for sign in words if sign.isdigit()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check != 10 and check % 11 == digits[9]


def together(marks: Sequence[Mark]) -> list[Mark]:
    """Marks that say something together: all kinds of one line of the table, near one another."""
    for kinds in rules().together:
        of_kinds = [[mark for mark in marks if mark.kind == kind][:MOST_OF_A_KIND] for kind in kinds]
        for group in product(*of_kinds):
            if max(mark.end for mark in group) - min(mark.start for mark in group) <= rules().together_within:
                return list(group)
    return []


MOST_OF_A_KIND = 12
"""That are tried with all others: a long text must not take long to look through."""


def in_order(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """As they stand in the text, without those within others."""
    kept: list[Mark] = []
    for mark in sorted(set(marks), key=lambda mark: (mark.start, -mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(kept)
