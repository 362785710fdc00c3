"""A request of somebody who is signed in."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.http import urlencode

from frontend.text import clean
from members.models import Member
from members.refusals import BadRequest
from members.screens import Answered

LONGEST_SEARCH = 80


class MemberRequest(HttpRequest):
    """What a view behind `login_required` gets. Only a type: Django makes the object."""

    user: Member


def wants_fragment(request: HttpRequest, name: str) -> bool:
    """Whether a browser module asked for just a piece of the page."""
    return request.headers.get("X-Fragment") == name


def whole_number(typed: str) -> int | None:
    """The number that an address or a form has, None where it is none or no database could hold it."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


def address_of(asked: Mapping[str, str | int]) -> str:
    """What was asked for, as the address of the next page has it."""
    return urlencode({name: value for name, value in asked.items() if value})


def asked_on(request: HttpRequest) -> bool:
    """The wish of a small form: 1 to do, 0 to undo. Raises BadRequest."""
    if request.POST.get("on") not in ("0", "1"):
        raise BadRequest(field="on")
    return request.POST["on"] == "1"


def answered_in(request: HttpRequest) -> Answered:
    """The codes of questions that a form says are answered: frontend/templates/_question.html."""
    return frozenset(request.POST.getlist("answered"))


def searched(request: HttpRequest, name: str = "find") -> str:
    """The words that a page is asked to look for, without signs that no database can look for."""
    return clean(request.GET.get(name, "")).strip()[:LONGEST_SEARCH]
