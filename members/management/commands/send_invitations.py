"""`manage.py send_invitations`: the letters that wait to be sent, all of them, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from members.invitations.postman import send_invitations, take_failed_up_again
from members.models import Invitation


class Command(BaseCommand):
    help = "Send the invitations that wait to be sent. A running server does so by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", action="store_true", help="Those as well that could not be sent.")

    def handle(self, *, failed: bool = False, **_: Any) -> None:
        if failed:
            take_failed_up_again()
        sent = send_invitations(most=Invitation.objects.count())
        self.stdout.write(f"{sent} invitations were sent.")
