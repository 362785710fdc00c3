"""Letters to real server processes: they are on other screens at once, and nothing is lost or doubled when a process dies."""

import smtplib
import subprocess
import sys
import time
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from rooms.mail_address import reply_address
from tests.chatserver.test_serving import Stage, hears
from tests.servers import Roundtable, free_port


@pytest.fixture
def by_mail(settings: Any) -> dict[str, Any]:
    """For a server that takes letters."""
    settings.MAIL_IN_DOMAIN = "in.example.org"
    return {"MAIL_IN_DOMAIN": "in.example.org", "MAIL_IN": f"lmtp://127.0.0.1:{free_port()}"}


def bring(port: int, stage: Stage, number: int = 1) -> None:
    """What a mail server does: bring the letter until it hears that it is done."""
    alice = stage.people["alice"]
    written = EmailMessage()
    written["From"], written["To"] = "alice@example.org", reply_address(alice["id"], stage.room)
    written["Message-ID"] = f"<{number}@phone.example.org>"
    written.set_content(f"Soup {number}")
    for _ in range(100):
        try:
            with closing(smtplib.LMTP("127.0.0.1", port, timeout=5)) as server:
                server.sendmail("alice@example.org", [written["To"]], written.as_bytes(policy=SMTP))
                return
        except (OSError, smtplib.SMTPException):
            time.sleep(0.1)
    raise AssertionError("the letter was never taken")


async def test_a_letter_is_on_other_screens_at_once(by_mail: dict[str, Any]) -> None:
    with Roundtable(**by_mail) as server:
        stage = Stage(server)
        async with stage.tab("bob") as bob:
            bring(port_of(by_mail), stage)
            assert "Soup 1" in (await hears(bob, "message.posted"))["html"]


def test_a_server_that_is_killed_loses_and_doubles_no_letter(by_mail: dict[str, Any]) -> None:
    with Roundtable(**by_mail) as server:
        stage = Stage(server)
        for number in range(3):
            bring(port_of(by_mail), stage, number)
            server.kill()
            server.start()
            bring(port_of(by_mail), stage, number)
        assert server.run("manage.py", "shell", "-v0", "-c", COUNT).split() == ["3"]


def test_letters_may_be_taken_by_a_process_of_their_own(by_mail: dict[str, Any]) -> None:
    with Roundtable() as server:
        stage = Stage(server)
        server.settings |= by_mail
        command = [sys.executable, "manage.py", "receive_mail"]
        listener = subprocess.Popen(command, stdout=subprocess.PIPE, **server.popen_options())
        try:
            bring(port_of(by_mail), stage)
        finally:
            listener.terminate()
        assert listener.communicate(timeout=10) == (b"Letters are taken.\n", None)
        assert server.run("manage.py", "shell", "-v0", "-c", COUNT).split() == ["1"]


COUNT = "from rooms.models import Message; print(Message.objects.filter(text__startswith='Soup').count())"


def port_of(by_mail: dict[str, Any]) -> int:
    return int(by_mail["MAIL_IN"].rpartition(":")[2])
