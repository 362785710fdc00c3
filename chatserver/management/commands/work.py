"""manage.py work: what servers do by themselves now and then, done once, now. For a timer where no launcher runs."""

from typing import Any

from django.core.management.base import BaseCommand

from chatserver.jobs import work_once


class Command(BaseCommand):
    help = "Do once what the server does by itself now and then (chatserver/jobs.py)."

    def handle(self, *args: Any, **options: Any) -> None:
        work_once()
