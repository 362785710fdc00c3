"""Screens: what a text passes before it is stored.

An ordered list of dotted names in settings, like Django's password validators, so that `members` and `rooms` need no
import of `moderation`, where the screens live. A screen looks at a Draft and either lets it pass (returns None), asks its
author (raises Asks), has it held for a moderator (returns a Hold), or stops it (raises another Refused).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string

from members.models import Member

type Kind = Literal["message", "edit", "file", "words", "report"]
"""`words`: names of rooms and groups, profiles, notes; whatever stands somewhere for long and answers nobody. `report`: what is
said about others' words, to moderators or by them, and may have to quote the worst."""


type Answered = frozenset[str]
"""The codes of questions to which somebody has said: go on."""
NOTHING_ANSWERED: Answered = frozenset()


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody wishes to have stored, and what a screen may need to know about it."""

    author: Member | None
    """None: somebody who is no member yet."""
    text: str
    kind: Kind = "words"
    room: int | None = None
    """Where a message goes, or a file."""
    answered: Answered = NOTHING_ANSWERED
    files: int = 0
    """How many files come with it."""
    pictures: int = 0
    """How many of them are pictures."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A message that waits for a moderator's look before others see it: why, for the author and the moderator."""

    code: str
    words: str


type Screen = Callable[[Draft], Hold | None]


@cache
def screens() -> tuple[Screen, ...]:
    """The screens of this installation, in the order in which they ask."""
    return tuple(import_string(name) for name in settings.SCREENS)


@cache
def rewriting() -> tuple[Callable[[str], str], ...]:
    return tuple(import_string(name) for name in settings.REWRITING)


def rewritten(text: str) -> str:
    """The words of a message as they are to be stored, before they pass the screens. Raises Refused."""
    for rewrite in rewriting():
        text = rewrite(text)
    return text


def pass_screens(draft: Draft) -> Hold | None:
    """Raise the first screen's Refused; else return the first Hold, or None when the text may be shown at once.

    All screens look, whatever an earlier one would hold: what must not be stored must not wait for a moderator either.
    """
    holds = [screen(draft) for screen in screens()]
    return next((hold for hold in holds if hold), None)
