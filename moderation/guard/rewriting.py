"""What could stand in a text instead of what tells who a patient is: “a woman in her thirties”."""

import re
from collections.abc import Sequence

from moderation.guard.looking import Mark, rules

ARTICLE_BEFORE = re.compile(r"\b(?:an?|the|our|my|this|that|one)\s$", re.IGNORECASE)
AT_A_BEGINNING = re.compile(r"(?:^|[.!?:]\s|\n)\W*$")
AGE = re.compile(r"\d\d")


def replacements(text: str, marks: Sequence[Mark]) -> list[str]:
    """Neutral words for each mark, as they fit into the text around it."""
    return [fitted(neutral(mark, text[mark.start : mark.end]), text[: mark.start]) for mark in marks]


def offered(text: str, marks: Sequence[Mark]) -> str:
    """The text with neutral words in the marked places."""
    parts, at = [], 0
    for mark, words in zip(marks, replacements(text, marks), strict=True):
        parts += [text[at : mark.start], words]
        at = mark.end
    return "".join([*parts, text[at:]])


def neutral(mark: Mark, words: str) -> str:
    if mark.kind in ("name", "named_patient"):
        fitting: list[str] = [instead for start, instead in rules().instead_of_a_name if start.search(words)]
        return fitting[0]
    if mark.kind == "age":
        return decade(words)
    return rules().instead.get(mark.kind, words)


def decade(words: str) -> str:
    """“34-year-old” → “a woman in her thirties”; “aged 34” → “in her thirties”."""
    found = AGE.search(words)
    span = rules().decades.get(found[0][0]) if found else None
    if not span:
        return "a woman"
    return f"in her {span}" if words.lower().startswith("age") else f"a woman in her {span}"


def fitted(instead: str, before: str) -> str:
    """Without a second article, and with a capital where a sentence begins."""
    noun = re.sub(r"^(?:an?|the) ", "", instead) if ARTICLE_BEFORE.search(before[-8:]) else instead
    return noun[:1].upper() + noun[1:] if AT_A_BEGINNING.search(before[-8:]) else noun
