"""What the page around every page needs of rooms."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import Member
from rooms.sidebar import ListedGroup, sidebar_for


def sidebar(request: HttpRequest) -> dict[str, object]:
    """`sidebar`, read only where a template asks for it."""

    def read() -> list[ListedGroup]:
        return sidebar_for(request.user) if isinstance(request.user, Member) else []

    return {"sidebar": SimpleLazyObject(read)}
