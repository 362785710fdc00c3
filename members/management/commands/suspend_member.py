"""manage.py suspend_member HANDLE --days 7: keep somebody out at once; --end lets them in again."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from events.catalogue import Because
from members.actions import suspend
from members.models import Member


class Command(BaseCommand):
    help = "Suspend a member, which signs them out everywhere at once; or end a suspension."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("handle")
        parser.add_argument(
            "--reason", default="Decided by whoever runs the server.", help="Members read it in the record."
        )
        how_long = parser.add_mutually_exclusive_group(required=True)
        how_long.add_argument("--days", type=int)
        how_long.add_argument("--end", action="store_true")

    def handle(self, *args: Any, handle: str, days: int | None, end: bool, reason: str, **options: Any) -> None:
        member = Member.objects.filter(handle=handle.lower().removeprefix("@")).first()
        if member is None:
            raise CommandError(f"There is no member called {handle}.")
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("A suspension lasts from 1 to 3650 days.")
        because = Because(by=None, role="operator", ground="other", reason=reason)
        suspend(member, None if end else timezone.now() + timedelta(days=days or 0), because)
        self.stdout.write(f"{member.display_name} is {'no longer suspended' if end else f'suspended for {days} days'}.")
