"""`manage.py fill_demonstration`: an invented community, to look around in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.models import Member
from rooms.demonstration.fill import NotEmpty, fill


class Command(BaseCommand):
    help = "Fill an empty database with an invented community."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing, and say nothing, where there are members already."
        )

    def handle(self, *, if_empty: bool = False, **_: Any) -> None:
        if if_empty and Member.objects.exists():
            return
        try:
            self.stdout.write(fill())
        except NotEmpty as error:
            raise CommandError(str(error)) from error
