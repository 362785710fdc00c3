"""Letters to one person, in HTML and as text.

A letter is sent after the commit of what it tells about. One that could not be sent is logged without its address or words.
"""

import json
import logging
import smtplib
from binascii import b2a_qp
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from email.contentmanager import raw_data_manager
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.policy import default as default_policy
from email.utils import formataddr, make_msgid
from enum import Enum, auto
from functools import lru_cache
from secrets import token_hex
from typing import Any, Self

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.tasks import task
from django.template.loader import render_to_string

from members.ciphers import cipher
from members.community.facts import in_its_time_zone, the_community

log = logging.getLogger(__name__)

INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
"""Writes the styles into the elements, for many mail programs drop a style sheet; the sheet stays for dark mode."""


class NotSent(Exception):
    """The mail server did not take a letter; it may be tried again."""


def send_soon(to: str, subject: str, letter: str, **facts: Any) -> None:
    """Send a letter beside the request, once what it tells about is committed; `facts` are what JSON can hold.

    To nobody ("") the same row is written and nothing is sent: where the answer must not tell whether somebody is a member,
    how long it takes must not tell either.
    """
    words = json.dumps({"to": to, "subject": subject, "letter": letter, **facts})
    deliver_letter.enqueue(cipher("letters").encrypt(words.encode()).decode())


@task
def deliver_letter(sealed: str) -> None:
    """Send a letter that waited in the queue: sealed, for its address and a code in it are for nobody who reads tables.

    Raises NotSent. One whose connection broke may arrive twice, which harms less than a code that never comes.
    """
    letter = letter_in(sealed)
    if not letter["to"]:
        return
    outcome = send(**letter)
    if outcome not in (Outcome.SENT, Outcome.REFUSED):
        raise NotSent(outcome.name)


def letter_in(sealed: str) -> dict[str, Any]:
    """What was sealed for the queue."""
    letter: dict[str, Any] = json.loads(cipher("letters").decrypt(sealed.encode()))
    return letter


def send_letter(to: str, subject: str, letter: str, *, headers: Mapping[str, str] | None = None, **facts: Any) -> bool:
    """Send `mail/<letter>.txt` and `.html`, drawn with these facts, to one address. False when it could not be sent."""
    return send(to, subject, letter, headers=headers, **facts) is Outcome.SENT


def send(to: str, subject: str, letter: str, *, headers: Mapping[str, str] | None = None, **facts: Any) -> "Outcome":
    with in_its_time_zone(), Post() as post:
        outcome = post.send(write_letter(to, subject, letter, headers=headers, **facts))
    if outcome is not Outcome.SENT:
        log.warning("A letter (%s) was not sent: %s", letter, outcome.name.lower())
    return outcome


ANSWER_ABOVE = "Write your answer above this line"
"""Stands first in letters that may be answered: what an answer quotes begins with it, and is cut there."""


def write_letter(
    to: str,
    subject: str,
    letter: str,
    *,
    headers: Mapping[str, str] | None = None,
    answers_to: str = "",
    **facts: Any,
) -> EmailMultiAlternatives:
    """The letter, ready to be sent. Times in it are shown in the zone that is active.

    `answers_to`: the address for answers by mail; the letter says then that one may answer it.
    """
    facts |= {"answer_above": ANSWER_ABOVE if answers_to else ""}
    community = the_community().name
    facts |= {"community_name": community, "site_url": settings.SITE_URL, "subject": subject}
    words, html = render_to_string(f"mail/{letter}.txt", facts), render_to_string(f"mail/{letter}.html", facts)
    message = Letter(
        subject=" ".join(subject.split()),
        body=(f"{ANSWER_ABOVE}\n\n" if answers_to else "") + words.strip() + "\n",
        from_email=formataddr((community, settings.MAIL_FROM)),
        to=[to],
        reply_to=[answers_to] if answers_to else None,
        # Nobody's out-of-office answers a machine.
        headers={"Auto-Submitted": "auto-generated", **(headers or {})},
    )
    # Written in ASCII, HTML passes every mail system without being encoded.
    message.attach_alternative(INLINER.inline(html).encode("ascii", "xmlcharrefreplace").decode(), "text/html")
    return message


LONGEST_LINE = 998
"""Of a letter, without its end (RFC 5322, 2.1.1)."""


def set_words(part: EmailMessage, words: str, **how: Any) -> None:
    """Words that are plain enough travel as they are, others as quoted-printable, encoded in C: Python's own way is in Python."""
    if words.isascii() and max(map(len, words.split("\n"))) <= LONGEST_LINE:
        raw_data_manager.set_content(part, words, **how, cte="7bit")
        return
    raw_data_manager.set_content(part, b2a_qp(words.encode()).decode(), **how, cte="7bit")
    part.replace_header("Content-Transfer-Encoding", "quoted-printable")


BODIES = deepcopy(raw_data_manager)
BODIES.add_set_handler(str, set_words)


class OnOneLine(BaseHeader):
    """A header that fits on its line: Python makes a tree of it even so, to find that there is nothing to break.

    Only what is printable: an encoded word that somebody put into a name may hide a line break, and after it a header.
    """

    longest = 78

    def fold(self, *, policy: Policy) -> str:
        line = f"{self.name}: {self}"
        if line.isascii() and line.isprintable() and len(line) <= self.longest:
            return line + policy.linesep
        return super().fold(policy=policy)


class AsItStands(UnstructuredHeader, OnOneLine):
    """A header for programs, on one line. Python breaks one that is longer than 78 characters, and where it has no blank
    encodes it as words of a foreign language: then no mail program shows its button for leaving the list.
    """

    longest = LONGEST_LINE


class Headers(HeaderRegistry):
    """Most headers are the same in every letter, and Python takes its time over each, and makes it a class of its own."""

    @lru_cache(maxsize=256)  # noqa: B019 — there is one, for as long as the process runs.
    def __call__(self, name: str, value: Any) -> BaseHeader:
        return super().__call__(name, value)

    @lru_cache(maxsize=64)  # noqa: B019
    def __getitem__(self, name: str) -> type[BaseHeader]:
        return super().__getitem__(name)


HEADERS = Headers(OnOneLine)
for name_of_header in ("List-Unsubscribe", "In-Reply-To", "References"):
    HEADERS.map_to_type(name_of_header, AsItStands)


class Letter(EmailMultiAlternatives):
    """A letter whose headers for programs stay readable to them, and whose words are encoded only where they must be."""

    def message(self, *, policy: Any = default_policy) -> EmailMessage:
        message = super().message(policy=policy.clone(header_factory=HEADERS, content_manager=BODIES))
        # Left to itself, Python looks for a line that stands nowhere in the letter; nobody can know this one beforehand.
        message.set_boundary(token_hex(16))
        return message


def new_message_id() -> str:
    """For a letter whose Message-ID has to be known before it is sent, and stay the same at each try."""
    return make_msgid(domain=settings.MAIL_FROM.rpartition("@")[2])


class Outcome(Enum):
    """What became of a letter at the mail server."""

    SENT = auto()
    REFUSED = auto()
    """The server will not have it for this address, today or tomorrow."""
    LATER = auto()
    """Certainly not taken; may be tried again."""
    AWAY = auto()
    """No mail server answers. Certainly not taken; nor would the next letter be."""
    UNKNOWN = auto()
    """The connection broke while it was handed over: it may have arrived."""


class Post:
    """One connection to the mail server, for a letter or for hundreds. with Post() as post: post.send(letter)"""

    def __init__(self) -> None:
        self.mailer = mailers.default

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def send(self, letter: EmailMultiAlternatives) -> Outcome:
        """Hand over one letter. Says for certain whether it left, except where the connection breaks in the middle."""
        try:
            self.be_connected()
        except (smtplib.SMTPException, OSError) as error:
            return self.failed(error, Outcome.AWAY)
        try:
            self.mailer.send_messages([letter])
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return self.failed(error, Outcome.REFUSED if min(codes) >= 500 else Outcome.LATER)
        except smtplib.SMTPResponseException as error:
            # What the server says of the sender or of our letters as such is no fault of this address.
            return self.failed(error, Outcome.LATER)
        except (smtplib.SMTPException, OSError) as error:
            return self.failed(error, Outcome.UNKNOWN)
        return Outcome.SENT

    def be_connected(self) -> None:
        """Open the connection, or see that it still stands: one that the server has closed would break at the next letter."""
        if smtp := getattr(self.mailer, "connection", None):
            try:
                smtp.noop()
            except smtplib.SMTPServerDisconnected:
                self.hang_up()
        self.mailer.open()

    def failed(self, error: Exception, outcome: Outcome) -> Outcome:
        # Its words may hold the address.
        log.warning("The mail server did not take a letter: %s", type(error).__name__)
        self.hang_up()
        return outcome

    def hang_up(self) -> None:
        # What was sent was acknowledged; there is nothing left to hear.
        with suppress(smtplib.SMTPException, OSError):
            self.mailer.close()
