"""Makes a message of a room as old as it is told, and the room's days of grace be over.

Run by the server under test: roundtable.run("-m", "tests.browser.grow_old", ROOM, MESSAGE, DAYS).
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from datetime import timedelta

from django.utils import timezone

from rooms.models import Message, Room


def main() -> None:
    room, message, days = map(int, sys.argv[1:])
    Message.objects.filter(pk=message).update(posted_at=timezone.now() - timedelta(days=days))
    Room.objects.filter(pk=room, keep_months__isnull=False).update(keep_from=timezone.localdate())


if __name__ == "__main__":
    main()
