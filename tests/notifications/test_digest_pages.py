"""A member looks at their next digest; moderators see what became of the mail; an operator does both from the command line."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from members.models import Member
from notifications.digests.sending import greet_newcomers, send_digests
from notifications.models import Digest, Preference
from tests.cast import Cast
from tests.letters import MailServer, words_of
from tests.notifications.conftest import Clock
from tests.speaking import posts, session_of


def browser_of(member: Member) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    return client


def said(*words: str) -> str:
    out = StringIO()
    call_command("digests", *words, stdout=out)
    return out.getvalue()


def make_due() -> None:
    greet_newcomers(timezone.now())
    Preference.objects.update(next_digest_at=timezone.now() - timedelta(minutes=1))


def test_a_member_sees_what_their_next_digest_would_say_and_nothing_is_sent(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Soup is ready, @bob")
    bob = browser_of(cast.bob)
    assert "Soup is ready" in bob.get("/you/digest/").content.decode()
    shown = bob.get("/you/digest/mail")
    assert "Soup is ready" in shown.content.decode()
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert not mail.letters
    assert not Digest.objects.exists()


def test_where_there_is_nothing_to_tell_the_page_says_so(cast: Cast) -> None:
    assert "nothing to tell" in browser_of(cast.bob).get("/you/digest/").content.decode()
    assert browser_of(cast.bob).get("/you/digest/mail").status_code == 404


def test_moderators_see_what_failed_and_send_it_again(cast: Cast, mail: MailServer, clock: Clock) -> None:
    posts(cast.alice, cast.supper, "Soup")
    make_due()
    mail.goes_away()
    send_digests()
    Digest.objects.filter(member=cast.bob).update(state="given_up", why="The mail server did not take it")
    mail.comes_back()
    mo = browser_of(cast.mo)
    page = mo.get("/mail/").content.decode()
    assert "Bob" in page
    assert "Could not be sent" in page
    assert "Soup" not in page

    failed = Digest.objects.get(member=cast.bob)
    assert mo.post(f"/mail/digests/{failed.pk}/again").status_code == 302
    assert "Soup" in words_of(mail.letter_to(cast.bob.email))
    assert mo.post(f"/mail/digests/{failed.pk}/again").status_code == 404
    assert browser_of(cast.lena).get("/mail/").status_code == 403
    assert browser_of(cast.lena).post(f"/mail/digests/{failed.pk}/again").status_code == 403


def test_an_operator_counts_sends_looks_and_sends_again(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Soup")
    make_due()
    assert "3 digests would be sent" in said("run", "--dry-run")
    assert not mail.letters
    assert "3 digests were sent" in said("run")
    assert "0 digests were sent" in said("run")
    assert "Sent" in said("progress")
    mail.letter_to(cast.bob.email)
    assert "sent again" in said("resend", "Bob@example.org")
    assert "Soup" in words_of(mail.letter_to(cast.bob.email))
    assert "nothing to tell" in said("preview", "bob@example.org")
    posts(cast.alice, cast.supper, "Bread")
    assert "Bread" in said("preview", "bob@example.org")
    with pytest.raises(CommandError, match="No member"):
        said("preview", "nobody@example.org")
