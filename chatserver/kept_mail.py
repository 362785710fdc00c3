"""Mail where no mail server is set: each message a file in a folder, which /mailbox/ shows while DEMO=1 or DEBUG=1."""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage as Received
from pathlib import Path
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage


class KeptMail(BaseEmailBackend):
    """A mailer for MAILERS: keeps what it is given in `folder`, which only the owner may read."""

    def __init__(self, folder: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            descriptor, draft = tempfile.mkstemp(dir=self.folder, suffix=".draft")
            with open(descriptor, "wb") as file:
                file.write(message.message().as_bytes())
            os.rename(draft, self.folder / f"{time.time_ns()}.eml")
        return len(email_messages)


def kept_in(folder: Path) -> Iterator[tuple[str, Received]]:
    """Every message kept there, the newest first, with its number."""
    for file in sorted(folder.glob("*.eml"), reverse=True):
        yield file.stem, message_from_bytes(file.read_bytes(), policy=policy.default)
