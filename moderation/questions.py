"""One page for every form whose words a screen asks about or stops: nothing typed is lost, and the same door is tried again.

It repeats the form field by field, so no form needs a page of its own for it: what was found in to be changed, the rest
unseen. Passwords and files do not come back from a server; a password is asked for anew.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from frontend.text import is_blank
from members.community.facts import the_community
from members.refusals import AboutWords
from moderation.guard.looking import look
from moderation.guard.rewriting import offered

NOT_REPEATED = ("csrfmiddlewaretoken", "answered")
LONGEST_NAME_OF_A_FIELD = 40


@dataclass(frozen=True, slots=True)
class Field:
    """What was sent in a field. `offered`: the same with other words in the marked places."""

    name: str
    value: str
    offered: str
    is_marked: bool

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def is_password(self) -> bool:
        return "password" in self.name


def asked_again(request: HttpRequest, refused: AboutWords) -> HttpResponse:
    fields = fields_of(request)
    context = {
        "refused": refused,
        "fields": fields,
        "answered": request.POST.getlist("answered"),
        "is_offered": any(field.offered != field.value for field in fields),
        "had_files": bool(request.FILES),
    }
    return render(request, "errors/question.html", context, status=refused.status)


def fields_of(request: HttpRequest) -> list[Field]:
    """Every field as it was sent. Marked are those in which something is found, or else all that hold words."""
    sent = [
        (name[:LONGEST_NAME_OF_A_FIELD], value)
        for name, values in request.POST.lists()
        if name not in NOT_REPEATED
        for value in values
    ]
    found = [look(value, shapes=the_community().number_shapes).marks for _, value in sent]
    return [
        Field(name, value, offered(value, marks), is_marked=bool(marks) if any(found) else is_words(value))
        for (name, value), marks in zip(sent, found, strict=True)
    ]


def is_words(value: str) -> bool:
    return " " in value.strip() and not is_blank(value)
