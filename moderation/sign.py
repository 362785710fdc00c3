"""The sign at the top of a moderator's pages that posts wait for a look."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import Member
from moderation.holding import Chosen, waiting_posts


def waiting(request: HttpRequest) -> dict[str, object]:
    """`posts_waiting`, counted only where a template asks for it: for moderators, and on no page of anybody else."""

    def count() -> int:
        return waiting_posts(request.user, Chosen()).count() if isinstance(request.user, Member) else 0

    return {"posts_waiting": SimpleLazyObject(count)}
