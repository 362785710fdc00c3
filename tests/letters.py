"""A real mail server, which keeps what it is given for the test to read."""

import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.servers import free_port

SECONDS = 8.0
"""How long a test waits for a letter before it says that none came."""


class MailServer:
    """Speaks SMTP on a port of its own. with MailServer() as mail: … mail.letter_to("bob@example.org")"""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.port = free_port()
        self.controller: Controller | None = None

    def __enter__(self) -> Self:
        self.comes_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.goes_away()

    def comes_back(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def goes_away(self) -> None:
        """Nobody answers on the port any more."""
        if self.controller:
            self.controller.stop()
        self.controller = None

    @property
    def url(self) -> str:
        """For MAIL_URL."""
        return f"smtp+plain://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"

    def letter_to(self, address: str, *, about: str = "") -> EmailMessage:
        """The latest letter to an address, with these words in its subject; waits for it, and takes it away."""
        return self.wait(lambda letter: letter["to"] == address and about in str(letter["subject"]))

    def wait(self, fits: Callable[[EmailMessage], bool]) -> EmailMessage:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for letter in reversed(self.letters):
                if fits(letter):
                    self.letters.remove(letter)
                    return letter
            time.sleep(0.05)
        raise AssertionError(f"no such letter among {[(letter['to'], letter['subject']) for letter in self.letters]}")


def words_of(letter: EmailMessage) -> str:
    """The letter as text."""
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")
