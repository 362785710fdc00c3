"""Composes digests for a large community, and prints as JSON what that took.

python -m scripts.bench.letters MEMBERS    in 40 groups with 400 rooms, each member in three of them; a lively day unread
"""

import json
import os
import sys
import time
from itertools import batched

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from uuid import uuid4

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.digests.choosing import choose
from notifications.digests.composing import compose, quoted_in
from notifications.digests.gathering import gather
from notifications.digests.sending import BATCH, greet_newcomers
from notifications.models import Notice, Preference
from rooms.models import Membership, Message, Room
from scripts.bench.archive import GROUPS, make_groups
from scripts.bench.client import WORDS
from scripts.bench.community import make_members

ROOMS, MESSAGES_A_ROOM, GROUPS_A_MEMBER = 400, 10, 3


def main() -> None:
    count = int(sys.argv[1])
    with transaction.atomic():
        fill(count)
    print(json.dumps(compose_for_all()))


def fill(count: int) -> None:
    """Every room has ten new messages of different people, and every fifth member is mentioned."""
    members, groups = make_members(count), make_groups()
    Membership.objects.bulk_create(
        Membership(member=member, group=groups[(place * 7 + nth * 13) % GROUPS])
        for place, member in enumerate(members)
        for nth in range(GROUPS_A_MEMBER)
    )
    rooms = Room.objects.bulk_create(
        Room(group=groups[place % GROUPS], name=f"Topic {place}", version=MESSAGES_A_ROOM) for place in range(ROOMS)
    )
    now = timezone.now()
    messages = Message.objects.bulk_create(
        Message(
            room=room,
            version=version,
            created_version=version,
            author=members[(room.pk * 31 + version * version) % count],
            client_id=uuid4(),
            text=f"{WORDS} ({room.pk}.{version})",
            profession="Diabetes specialist midwife",
            organisation_name="Lea Valley",
            posted_at=now,
        )
        for room in rooms
        for version in range(1, MESSAGES_A_ROOM + 1)
    )
    Notice.objects.bulk_create(
        (
            Notice(member=member, message=messages[place % len(messages)], kind=Notice.Kind.MENTION)
            for place, member in enumerate(members)
            if place % 5 == 0
        ),
        ignore_conflicts=True,
    )
    greet_newcomers(now)


def compose_for_all() -> dict[str, float]:
    """Gather, choose and write the letters, a batch at a time, as sending does; they are not handed to anybody."""
    began, cpu = time.perf_counter(), time.process_time()
    letters = size = most_queries = 0
    for batch in batched(Preference.objects.select_related("member").iterator(BATCH), BATCH, strict=False):
        with CaptureQueriesContext(connection) as queries:
            chosen = [choose(news) for news in gather(batch, timezone.now())]
            quoted = quoted_in(chosen)
            for preference, each in zip(batch, chosen, strict=True):
                letters += 1
                size += len(compose(preference, each, quoted, message_id="<1@example.org>").message().as_bytes())
        most_queries = max(most_queries, len(queries))
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "letters": letters,
        "batch": BATCH,
        "queries": most_queries,
        "kilobytes": size / 1000 / letters,
    }


if __name__ == "__main__":
    main()
