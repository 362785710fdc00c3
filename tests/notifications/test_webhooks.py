"""What a mail provider says: that a letter came in, or that one of ours came back."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client

from notifications.models import StoppedAddress
from notifications.replies import taking
from notifications.undeliverable import stop_mail, stopped_for, try_again
from rooms.mail_address import reply_address
from rooms.models import Message
from tests import samples
from tests.cast import Cast
from tests.notifications.answers import QUOTED
from tests.speaking import posts

SECRET = "postmark:a password of some length"


@pytest.fixture(autouse=True)
def by_mail(settings: Any) -> None:
    settings.MAIL_IN_DOMAIN, settings.MAIL_WEBHOOK_SECRET = "in.example.org", SECRET


def tells(what: str, said: object, *, provider: str = "postmark", secret: str = SECRET) -> int:
    """What a provider hears that tells us this."""
    client = Client(headers={"host": "localhost", "authorization": f"Basic {b64encode(secret.encode()).decode()}"})
    body = said if isinstance(said, str) else json.dumps(said)
    return client.post(f"/mail/anymail/{provider}/{what}/", body, content_type="application/json").status_code


def letter(
    to: str, words: str = f"Soup, please.\n\nOn 3 Nov 2025, at 07:00, R wrote:\n{QUOTED}", **more: Any
) -> dict[str, Any]:
    """As Postmark tells of one."""
    headers = [{"Name": "Return-Path", "Value": "<alice@example.org>"}, {"Name": "Message-ID", "Value": "<1@phone>"}]
    return {
        "FromFull": {"Email": "alice@example.org", "Name": "Alice"},
        "ToFull": [{"Email": to, "Name": ""}],
        "OriginalRecipient": to,
        "Subject": "Re: Supper",
        "Headers": headers,
        "TextBody": words,
        **more,
    }


@pytest.fixture
def to(cast: Cast) -> str:
    question = posts(cast.bob, cast.supper, "Soup or salad?")
    return reply_address(cast.alice.pk, cast.supper.pk, question.pk)


def test_a_letter_is_posted_with_its_files_and_once(cast: Cast, to: str) -> None:
    file = {"Name": "Soups.pdf", "ContentType": "application/pdf", "Content": b64encode(samples.PDF).decode()}
    assert tells("inbound", letter(to, Attachments=[file])) == 200
    assert tells("inbound", letter(to, Attachments=[file])) == 200
    posted = Message.objects.get(author=cast.alice)
    assert (posted.text, posted.files.get().name) == ("Soup, please.", "Soups.pdf")


def test_a_large_letter_is_read(cast: Cast, to: str) -> None:
    file = {
        "Name": "Soups.pdf",
        "ContentType": "application/pdf",
        "Content": b64encode(samples.PDF + b"x" * 2**22).decode(),
    }
    assert tells("inbound", letter(to, Attachments=[file])) == 200
    assert Message.objects.get(author=cast.alice).files.get().size > 2**22


@pytest.mark.parametrize("secret", ["postmark:another password", "", ":", "postmark:"])
@pytest.mark.parametrize("what", ["inbound", "tracking"])
def test_nobody_is_heard_without_the_secret(cast: Cast, to: str, what: str, secret: str) -> None:
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "bob@example.org"}
    assert tells(what, letter(to) if what == "inbound" else bounce, secret=secret) == 400
    assert not Message.objects.filter(author=cast.alice).exists()
    assert not StoppedAddress.objects.exists()


def test_without_a_secret_there_is_no_such_door(cast: Cast, to: str, settings: Any) -> None:
    settings.MAIL_WEBHOOK_SECRET = ""
    assert tells("inbound", letter(to), secret="") == 404
    settings.MAIL_WEBHOOK_SECRET = SECRET
    assert tells("inbound", letter(to), provider="nobody") == 404


def test_what_is_not_understood_is_refused(cast: Cast, to: str) -> None:
    for said in ("", "[]", "{", '{"RecordType": "Bounce"}', "null"):
        assert tells("inbound", said) == 400
    assert tells("tracking", letter(to)) == 400


def test_a_forged_sender_and_a_machine_are_neither_posted_nor_answered(cast: Cast, to: str) -> None:
    assert tells("inbound", letter(to, FromFull={"Email": "eve@example.org"}, ReplyTo="alice@example.org")) == 200
    away = letter(to)
    away["Headers"].append({"Name": "Auto-Submitted", "Value": "auto-replied"})
    assert tells("inbound", away) == 200
    returned = letter(to)
    returned["Headers"][0]["Value"] = "<>"
    assert tells("inbound", returned) == 200
    assert not Message.objects.filter(author=cast.alice).exists()
    assert mail.outbox == []


def test_a_letter_that_cannot_be_stored_is_to_be_brought_again(
    cast: Cast, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(taking, "post_message", away)
    assert tells("inbound", letter(to)) == 503


def test_sparkpost_and_mailjet_bring_letters_too(cast: Cast, to: str) -> None:
    raw = f"From: alice@example.org\r\nTo: {to}\r\nMessage-ID: <2@x>\r\n\r\nFrom SparkPost"
    relayed = {"protocol": "smtp", "content": {"email_rfc822": raw, "email_rfc822_is_base64": False}}
    relayed |= {"msg_from": "alice@example.org", "rcpt_to": to}
    assert tells("inbound", [{"msys": {"relay_message": relayed}}], provider="sparkpost") == 200
    headers = {"From": "Alice <alice@example.org>", "To": to, "Message-ID": "<3@x>"}
    parsed = {
        "Sender": "alice@example.org",
        "Recipient": to,
        "Headers": headers,
        "Text-part": "From Mailjet",
        "Parts": [],
    }
    assert tells("inbound", parsed, provider="mailjet") == 200
    assert set(Message.objects.filter(author=cast.alice).values_list("text", flat=True)) == {
        "From SparkPost",
        "From Mailjet",
    }


# What came back -----------------------------------------------------------------------------------------------------


def postmark(kind: str, address: str = "bob@example.org") -> tuple[str, object]:
    return "postmark", {"RecordType": "Bounce", "Type": kind, "Email": address, "BouncedAt": "2025-11-03T07:00:00Z"}


def mailjet(event: str, **more: Any) -> tuple[str, object]:
    return "mailjet", [{"event": event, "email": "bob@example.org", "time": 1762153200, **more}]


def sparkpost(kind: str, bounce_class: str = "10") -> tuple[str, object]:
    told = {"type": kind, "bounce_class": bounce_class, "raw_rcpt_to": "Bob@Example.org", "timestamp": "1762153200"}
    return "sparkpost", [{"msys": {"message_event": told}}]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (postmark("HardBounce"), "bounced"),
        (postmark("SpamComplaint"), "complained"),
        (postmark("SoftBounce"), None),
        (postmark("Transient"), None),
        (postmark("Blocked"), None),
        (postmark("SpamNotification"), None),
        (postmark("HardBounce", "nobody@example.org"), None),
        (mailjet("bounce", hard_bounce=True, error="user unknown"), "bounced"),
        (mailjet("bounce", hard_bounce=False, error="quota exceeded"), None),
        (mailjet("spam"), "complained"),
        (mailjet("open"), None),
        (sparkpost("bounce"), "bounced"),
        (sparkpost("bounce", "22"), None),
        (sparkpost("spam_complaint"), "complained"),
        (sparkpost("delay", "10"), None),
    ],
)
def test_mail_stops_where_it_came_back_for_good_or_is_unwanted(
    cast: Cast, told: tuple[str, object], why: str | None
) -> None:
    provider, said = told
    assert tells("tracking", said, provider=provider) == 200
    assert tells("tracking", said, provider=provider) == 200
    stopped = stopped_for(cast.bob)
    assert (stopped.why if stopped else None) == why
    assert StoppedAddress.objects.count() == (1 if why else 0)


def test_a_member_begins_again_themselves(cast: Cast) -> None:
    stop_mail("bob@example.org", StoppedAddress.Why.BOUNCED)
    stop_mail("alice@example.org", StoppedAddress.Why.BOUNCED)
    try_again(cast.bob)
    try_again(cast.bob)
    assert (stopped_for(cast.bob), bool(stopped_for(cast.alice))) == (None, True)
