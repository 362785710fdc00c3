"""Digests from the command line: send what is due, look at one before it is sent, send one again, see how far they are."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from members.community.facts import in_its_time_zone
from members.mail import Outcome
from members.models import Member
from notifications.digests.sending import preview, resend, send_digests, would_be_sent
from notifications.models import Digest


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="send all digests that are due now")
        run.add_argument("--dry-run", action="store_true", help="only say how many there would be")
        for verb, help_text in (
            ("preview", "print what a member's digest would be now"),
            ("resend", "send a digest again"),
        ):
            one = verbs.add_parser(verb, help=help_text)
            one.add_argument("address", help="the member's address")
        verbs.add_parser("progress", help="how many of the last digests are sent, wait or failed")

    def handle(self, *, verb: str, **options: Any) -> None:
        with in_its_time_zone():
            getattr(self, verb)(**options)

    def run(self, *, dry_run: bool, **_: Any) -> None:
        if dry_run:
            self.stdout.write(f"{would_be_sent(timezone.now()):,} digests would be sent.")
            return
        sent = 0
        while some := send_digests():
            sent += some
        self.stdout.write(f"{sent:,} digests were sent.")

    def preview(self, *, address: str, **_: Any) -> None:
        letter = preview(member_at(address))
        self.stdout.write(f"{letter.subject}\n\n{letter.body}" if letter else "There is nothing to tell.")

    def resend(self, *, address: str, **_: Any) -> None:
        digest = Digest.objects.filter(member=member_at(address)).order_by("-day").first()
        if digest is None:
            raise CommandError("No digest was made for this member yet.")
        outcome = resend(digest)
        if outcome not in (None, Outcome.SENT):
            raise CommandError("The mail server did not take it.")
        self.stdout.write("It was sent again." if outcome else "There is nothing left to tell, or they want no mail.")

    def progress(self, **_: Any) -> None:
        days = Digest.objects.values("day", "state").annotate(number=Count("pk")).order_by("-day", "state")[:40]
        for row in days:
            self.stdout.write(f"{row['day']}  {Digest.State(row['state']).label:<28} {row['number']:>8,}")


def member_at(address: str) -> Member:
    member = Member.objects.filter(email=address.lower(), is_active=True).first()
    if member is None:
        raise CommandError("No member has that address.")
    return member
