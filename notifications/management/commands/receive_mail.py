"""`manage.py receive_mail`: the listener for letters alone, on a machine that serves no pages."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.replies.listener import Listener


class Command(BaseCommand):
    help = "Take letters from the mail server that receives them, at MAIL_IN, until told to stop."

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.MAIL_IN:
            raise CommandError("MAIL_IN does not say where to listen, such as lmtp://127.0.0.1:8024.")
        try:
            listener = Listener(*settings.MAIL_IN, is_shared=True)
        except OSError as error:
            raise CommandError(f"cannot listen at MAIL_IN: {error.strerror}") from error
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        listener.start()
        self.stdout.write("Letters are taken.")
        told.wait()
        listener.stop()
