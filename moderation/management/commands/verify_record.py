"""manage.py verify_record: whether the public record is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moderation.models import Decision, RecordHead
from moderation.record import broken


class Command(BaseCommand):
    help = "Check every seal of the record; ends with an error when somebody changed or took out a decision."

    def handle(self, *args: Any, **options: Any) -> None:
        head = RecordHead.objects.filter(pk=1).first()
        if problem := broken(Decision.objects.order_by("number").iterator(500), head):
            raise CommandError(problem)
        self.stdout.write(f"{head.number if head else 0} decisions, and every seal holds.")
