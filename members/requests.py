"""A request of somebody who is signed in."""

from django.http import HttpRequest

from members.models import Member


class MemberRequest(HttpRequest):
    """What a view behind `login_required` gets. Only a type: Django makes the object."""

    user: Member


def wants_fragment(request: HttpRequest, name: str) -> bool:
    """Whether a browser module asked for just a piece of the page."""
    return request.headers.get("X-Fragment") == name
