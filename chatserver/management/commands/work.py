"""manage.py work: what servers do by themselves, in a process of its own. With --once: done once, now, for a timer."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatserver.jobs import Crew, work_once

SECONDS_TO_END = 30.0


class Command(BaseCommand):
    help = "Do what the server does by itself (chatserver/jobs.py, chatserver/tasks.py) until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do it once, now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            work_once()
            return
        ends = {signal.SIGTERM, signal.SIGINT}
        # Before the threads begin, which inherit it: the signal is to reach `sigwait` and nobody else.
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        crew = Crew()
        crew.begin()
        signal.sigwait(ends)
        crew.leave(SECONDS_TO_END)
