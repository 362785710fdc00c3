"""A request of somebody who is signed in."""

from django.http import HttpRequest

from frontend.text import clean
from members.models import Member

LONGEST_SEARCH = 80


class MemberRequest(HttpRequest):
    """What a view behind `login_required` gets. Only a type: Django makes the object."""

    user: Member


def wants_fragment(request: HttpRequest, name: str) -> bool:
    """Whether a browser module asked for just a piece of the page."""
    return request.headers.get("X-Fragment") == name


def searched(request: HttpRequest, name: str = "find") -> str:
    """The words that a page is asked to look for, without signs that no database can look for."""
    return clean(request.GET.get(name, "")).strip()[:LONGEST_SEARCH]
