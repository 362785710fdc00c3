"""What the page around every page needs of notices."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import Member
from notifications.actions import unseen_notices


def unseen(request: HttpRequest) -> dict[str, object]:
    """`unseen_notices`, counted only where a template asks for it."""

    def count() -> int:
        return unseen_notices(request.user).count() if isinstance(request.user, Member) else 0

    return {"unseen_notices": SimpleLazyObject(count)}
