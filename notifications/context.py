"""What the page around every page needs of notices."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import Member
from notifications.actions import count_unseen
from notifications.models import RoomLevel
from notifications.preferences import level_of


def unseen(request: HttpRequest) -> dict[str, object]:
    """`unseen_notices`, counted only where a template asks for it."""

    def count() -> int:
        return count_unseen(request.user) if isinstance(request.user, Member) else 0

    return {"unseen_notices": SimpleLazyObject(count)}


def level_here(request: HttpRequest) -> dict[str, object]:
    """`levels_offered`: on a page about one room, how much of it the member may hear, and which they chose."""

    def offered() -> list[tuple[str, str, bool]]:
        room_id = request.resolver_match.kwargs["room_id"] if request.resolver_match else 0
        if not isinstance(request.user, Member):
            return []
        chosen = level_of(request.user, room_id)
        return [(value, words, value == chosen) for value, words in RoomLevel.Level.choices]

    return {"levels_offered": SimpleLazyObject(offered)}
