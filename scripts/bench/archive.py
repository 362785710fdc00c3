"""A community with a past, straight into SQLite, and the questions that the benchmark asks of it.

python -m scripts.bench.archive fill MESSAGES ROOMS    prints as JSON the sessions of its reader, and some rooms
python -m scripts.bench.archive queries SESSION ROOM…    prints how many queries each room's page takes
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.community.facts import the_community
from rooms.models import Membership, Room, WorkingGroup
from scripts.bench.client import WORDS
from scripts.bench.community import make_members, sessions_of

GROUPS, MEMBERS = 40, 300
SAMPLE = 160
QUICK_AND_UNSAFE = (
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA foreign_keys=OFF;"
)
MESSAGES_OF_ONE_ROOM = """
INSERT INTO rooms_message (id, room_id, version, created_version, author_id, client_id, text, html, html_version, profession,
    organisation_name, mentions_everyone, posted_at, reply_to_id)
WITH RECURSIVE place(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < %(count)s)
SELECT %(base)s + n, %(room)s, n, n, 1 + (n * 7 + %(room)s) %% %(members)s, printf('%%032x', %(base)s + n), %(text)s,
    %(html)s, %(renderer)s, 'Diabetes specialist midwife', 'Lea Valley', 0,
    datetime('2026-11-01 09:00', '-' || (%(count)s - n) || ' minutes'),
    CASE WHEN n %% 9 = 0 THEN %(base)s + n - 3 END
FROM place
"""
SOME_REACTIONS = """
INSERT INTO rooms_reaction (message_id, member_id, reaction)
SELECT id, 1 + id %% %(members)s, 'thanks' FROM rooms_message WHERE id %% 5 = 0
"""
SOME_MENTIONS = """
INSERT INTO rooms_mention (message_id, member_id)
SELECT id, 1 + id %% %(members)s FROM rooms_message WHERE id %% 11 = 0
"""


def main() -> None:
    what, *arguments = sys.argv[1:]
    if what == "fill":
        print(json.dumps(fill(int(arguments[0]), int(arguments[1]))))
    else:
        print(json.dumps([queries_of(arguments[0], int(room)) for room in arguments[1:]]))


def fill(messages: int, rooms: int) -> dict[str, object]:
    """One member belongs to every group and has read nothing. A tenth of all messages is in one room."""
    members, groups = make_members(MEMBERS), make_groups()
    reader, *others = members
    Membership.objects.bulk_create(
        [Membership(member=reader, group=group) for group in groups]
        + [Membership(member=member, group=groups[place % GROUPS]) for place, member in enumerate(others)]
    )
    large, small = messages // 10, (messages - messages // 10) // (rooms - 1)
    made = Room.objects.bulk_create(
        [
            Room(group=groups[place % GROUPS], name=f"Topic {place}", version=small if place else large)
            for place in range(rooms)
        ]
    )
    fill_rooms(made)
    step = max(1, rooms // SAMPLE)
    return {"session": sessions_of([reader])[0], "rooms": [room.pk for room in made[::step]][:SAMPLE]}


def make_groups() -> list[WorkingGroup]:
    return WorkingGroup.objects.bulk_create(
        [WorkingGroup(name=f"Working group {number}", slug=f"group-{number}") for number in range(GROUPS)]
    )


def fill_rooms(rooms: list[Room]) -> None:
    """In the database's own words: a million messages through the ORM would take as long as the whole benchmark."""
    from frontend import text

    connection.connection.executescript(QUICK_AND_UNSAFE)
    values: dict[str, int | str] = {
        "members": MEMBERS,
        "text": WORDS,
        "html": str(text.to_html(WORDS)),
        "renderer": text.VERSION,
    }
    base = 0
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for room in rooms:
            cursor.execute(MESSAGES_OF_ONE_ROOM, {**values, "room": room.pk, "count": room.version, "base": base})
            base += room.version
        cursor.execute(SOME_REACTIONS, values)
        cursor.execute(SOME_MENTIONS, values)
        cursor.execute("COMMIT")
        cursor.execute("ANALYZE")


def queries_of(session: str, room: int) -> int:
    # What every page knows of the community is read every five seconds, and not for a page.
    the_community()
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/rooms/{room}/")
    if answer.status_code != 200:
        raise AssertionError(f"the room's page answered {answer.status_code}")
    return len(queries)


if __name__ == "__main__":
    main()
