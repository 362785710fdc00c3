"""Answering by mail, through the door that a mail server knocks at."""

import smtplib
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail

from notifications.replies.listener import Listener
from rooms.mail_address import reply_address
from rooms.models import Message, Room
from tests.cast import Cast
from tests.notifications.answers import QUOTED
from tests.speaking import posts

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = f"Soup, please.\n\nOn Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n{QUOTED}"


@pytest.fixture(autouse=True)
def by_mail(settings: Any) -> None:
    settings.MAIL_IN_DOMAIN = "in.example.org"


@pytest.fixture
def door() -> Iterator[Listener]:
    listener = Listener("smtp", "127.0.0.1", 0)
    listener.start()
    yield listener
    listener.stop()


def letter(to: str, words: str = ANSWER, *, sender: str = "Alice <alice@example.org>", **headers: str) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, to, headers.pop("Subject", "Re: Supper")
    written["Message-ID"] = headers.pop("Message_ID", "<1@phone.example.org>")
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(words)
    return written


def bring(
    door: Listener, written: EmailMessage, *, envelope: str = "alice@example.org", to: str = ""
) -> tuple[int, str]:
    """What the door answers to a mail server that brings this letter."""
    with closing(smtplib.SMTP("127.0.0.1", door.port, timeout=10)) as server:
        server.ehlo()
        try:
            server.sendmail(envelope, [to or str(written["To"])], written.as_bytes())
        except smtplib.SMTPRecipientsRefused as refused:
            [(code, words)] = refused.recipients.values()
            return code, words.decode()
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code, str(refused.smtp_error)
    return 250, ""


def words_of(room: Room) -> list[str]:
    return list(Message.objects.filter(room=room).in_order().values_list("text", flat=True))


def our_letter() -> str:
    [sent] = mail.outbox
    assert sent.to == ["alice@example.org"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
    return str(sent.body)


def test_an_answer_is_posted_in_the_right_room_as_that_member(live_cast: Cast, door: Listener) -> None:
    question = posts(live_cast.bob, live_cast.supper, "Soup or salad?")
    to = reply_address(live_cast.alice.pk, live_cast.supper.pk, question.pk)
    assert bring(door, letter(to)) == (250, "")
    posted = Message.objects.get(room=live_cast.supper, author=live_cast.alice)
    assert (posted.text, posted.reply_to, posted.organisation_name) == ("Soup, please.", question, "St Example's")
    assert mail.outbox == []
