"""/mailbox/: the mail that was kept instead of sent, to look at while DEMO=1 or DEBUG=1. Elsewhere there is no such page."""

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from chatserver.kept_mail import kept_in
from members.refusals import NotHere

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """One message, as the page shows it."""

    number: str
    to: str
    subject: str
    sent: str
    text: str
    html: str


def kept(number: str, message: EmailMessage) -> Kept:
    return Kept(
        number,
        str(message["to"]),
        str(message["subject"]),
        str(message["date"]),
        words_in(message, "plain"),
        words_in(message, "html"),
    )


def words_in(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content() if part else ""


def folder() -> Path:
    """Where mail is kept. Raises NotHere where it is nobody's to look at."""
    if not (settings.DEMO or settings.DEBUG):
        raise NotHere
    return Path(settings.MAIL_FOLDER)


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The latest messages, the newest first, with their words as text."""
    letters = [kept(*found) for _, found in zip(range(MOST_SHOWN), kept_in(folder()), strict=False)]
    return render(request, "mailbox.html", {"letters": letters})


@require_safe
@csp_override({"default-src": [CSP.NONE], "style-src": [CSP.UNSAFE_INLINE], "sandbox": ["allow-top-navigation"]})
def mail_as_html(request: HttpRequest, number: str) -> HttpResponse:
    """One message as a mail program shows it: its own styles, no script."""
    for found, message in kept_in(folder()):
        if found == number:
            return HttpResponse(kept(found, message).html)
    raise NotHere
