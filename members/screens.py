"""Screens: what a text passes before it is stored.

An ordered list of dotted names in settings, like Django's password validators, so that `members` and `rooms` need no
import of `moderation`, where the screens live. A screen returns to let the text pass, and raises Refused to stop it.
"""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from members.models import Member

type Screen = Callable[[Member, str], None]


@cache
def screens() -> tuple[Screen, ...]:
    """The screens of this installation, in the order in which they ask."""
    return tuple(import_string(name) for name in settings.SCREENS)


def pass_screens(author: Member, text: str) -> None:
    """Raise the first screen's Refused, or return."""
    for screen in screens():
        screen(author, text)
