"""The screens that every text passes before it is stored."""

from django.conf import settings

from members.limits import Allowance, Limits
from members.refusals import TooFast
from members.screens import Draft

posting = Limits(Allowance(burst=settings.POSTS_AT_ONCE, a_minute=settings.POSTS_A_MINUTE))


def rate(draft: Draft) -> None:
    """Nobody needs to write faster than this; a script or a stuck key does. Raises TooFast."""
    if draft.author and not posting.allow(draft.author.pk):
        raise TooFast("You are writing very fast. Your words are kept: send them again in a moment.")
