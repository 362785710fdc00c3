"""manage.py legal_hold NUMBER: what a legal hold covers, for whom the law names."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.models import LegalHold
from rooms.preserving import covered


class Command(BaseCommand):
    help = "Print all that a legal hold in force covers, a line of JSON each: what stands, and what was set aside."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, help="as the page of legal holds and the record name it")

    def handle(self, *args: Any, **options: Any) -> None:
        hold = LegalHold.objects.select_related("member", "group").filter(pk=options["number"]).first()
        if hold is None or not hold.is_in_force:
            raise CommandError("There is no legal hold in force with this number.")
        for each in covered(hold.member, hold.group):
            self.stdout.write(json.dumps(each, ensure_ascii=False))
