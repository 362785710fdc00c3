"""Fills a server's database for the benchmark, and prints as JSON what the load client needs to know of it.

python -m scripts.bench.community MEMBERS    one group, one room, that many members, each with a session
"""

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction

from members.models import Member, Organisation, Profession, Session
from members.session_store import BEGAN_AT, SessionStore
from rooms.models import Membership, Room, WorkingGroup


def main() -> None:
    with transaction.atomic():
        print(json.dumps(fill(int(sys.argv[1]))))


def fill(count: int) -> dict[str, object]:
    """The room, and the session key of each member, in order."""
    group = WorkingGroup.objects.create(name="Specialist midwives", slug="specialist-midwives")
    room = Room.objects.create(group=group, name="Job descriptions")
    members = make_members(count)
    Membership.objects.bulk_create([Membership(member=member, group=group) for member in members])
    return {"room": room.pk, "sessions": sessions_of(members)}


def make_members(count: int) -> list[Member]:
    organisation = Organisation.objects.create(name="Lea Valley Hospitals", short_name="Lea Valley", kind="trust")
    profession = Profession.objects.get(name="Diabetes specialist midwife")
    return Member.objects.bulk_create(
        [
            Member(
                email=f"member-{number}@example.org",
                handle=f"member-{number}",
                display_name=f"Member number {number}",
                profession=profession,
                organisation=organisation,
                password="!nobody signs in with it",
            )
            for number in range(count)
        ]
    )


def sessions_of(members: list[Member]) -> list[str]:
    """A session for each, as signing in makes them."""
    rows = [SessionStore().create_model_instance(signed_in(member)) for member in members]
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def signed_in(member: Member) -> dict[str, object]:
    return {
        SESSION_KEY: str(member.pk),
        BACKEND_SESSION_KEY: "members.backends.MemberBackend",
        HASH_SESSION_KEY: member.get_session_auth_hash(),
        BEGAN_AT: time.time(),
    }


if __name__ == "__main__":
    main()
