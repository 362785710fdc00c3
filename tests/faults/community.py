"""The community of a fault run, in a process of its own with the servers' database, as a management command would be.

python -m tests.faults.community make                makes everybody and everything; prints who is who as JSON
python -m tests.faults.community move                flips memberships and renames a room until a line is written to it
python -m tests.faults.community dump                prints everything that is stored as JSON
python -m tests.faults.community forget-client-ids   takes the constraint away that keeps a client id unique
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction

from members.models import Member
from members.refusals import NotHere, Refused
from rooms.actions.groups import begin_membership, join_group, leave_group
from rooms.actions.rooms import change_room, open_room
from rooms.models import Message, Revision, Room, WorkingGroup
from tests.faults import people
from tests.speaking import session_of

SAMPLE_SECONDS = 0.1
RENAME_SECONDS = 2.5


def main() -> None:
    deeds: dict[str, Callable[[], None]] = {
        "make": make,
        "move": move,
        "dump": dump,
        "forget-client-ids": forget_client_ids,
    }
    deeds[sys.argv[1]]()


# --- Making it ---


@transaction.atomic
def make() -> None:
    members = {handle: new_member(handle) for handle in people.EVERYONE}
    groups = {key: new_group(key) for key in people.GROUPS}
    for key, handles in people.GROUPS.items():
        for handle in handles:
            begin_membership(members[handle], groups[key], "leader" if handle == people.STEWARD else "member")
    steward = members[people.STEWARD]
    rooms = {key: open_room(steward, groups[group].pk, name=room_name(key)) for key, group in people.ROOMS.items()}
    say(
        people={handle: {"id": member.pk, "session": session_of(member)} for handle, member in members.items()},
        groups={key: group.pk for key, group in groups.items()},
        rooms={key: room.pk for key, room in rooms.items()},
    )


def new_member(handle: str) -> Member:
    return Member.objects.create_user(f"{handle}@faults.example", handle=handle, display_name=handle)


def new_group(key: str) -> WorkingGroup:
    kinds = WorkingGroup.Kind
    return WorkingGroup.objects.create(name=key, slug=key, kind=kinds.PRIVATE if key in people.PRIVATE else kinds.OPEN)


def room_name(key: str) -> str:
    return people.secret(key) if key in people.PRIVATE else key


# --- Moving it ---


def move() -> None:
    """Until told to end; then everybody comes back, so that the end is the same for every run."""
    ending = threading.Event()
    threading.Thread(target=wait_for_the_end, args=[ending], daemon=True).start()
    sampler = threading.Thread(target=sample, args=[ending])
    sampler.start()
    members = {handle: Member.objects.get(handle=handle) for handle in (*people.LEAVE_OUTSIDE, people.STEWARD)}
    flips = [(handle, flipping(members[handle], handle)) for handle in people.LEAVE_OUTSIDE]
    work = [*(steps for _, steps in flips), renaming(members[people.STEWARD])]
    due = [(time.monotonic() + random.uniform(0.5, 2), steps) for steps in work]
    while not ending.is_set():
        due.sort(key=lambda one: one[0])
        at, steps = due.pop(0)
        ending.wait(max(0.0, at - time.monotonic()))
        if not ending.is_set():
            due.append((time.monotonic() + next(steps), steps))
    group = WorkingGroup.objects.get(slug="revolving").pk
    for handle in people.LEAVE_OUTSIDE:
        come(members[handle], handle, group)
    sampler.join()
    say(what="settled")


def wait_for_the_end(ending: threading.Event) -> None:
    sys.stdin.readline()
    ending.set()


def flipping(member: Member, handle: str) -> Iterator[float]:
    """Leave, come back, leave: yields the seconds until the next step. Some absences are short, some are long."""
    group = WorkingGroup.objects.get(slug="revolving").pk
    while True:
        say(what="leaving", who=handle)
        insist(lambda: leave_group(member, group), settled_by=(NotHere,))
        say(what="left", who=handle)
        yield random.choice([2.0, 10.0])
        come(member, handle, group)
        yield 2.0


def come(member: Member, handle: str, group: int) -> None:
    say(what="joining", who=handle)
    insist(lambda: join_group(member, group))
    say(what="joined", who=handle)


def renaming(steward: Member) -> Iterator[float]:
    """Rename a room again and again, unannounced: no server hears of it but by looking."""
    room = Room.objects.get(name=people.RENAMED_OUTSIDE).pk
    number = 0
    while True:
        number += 1
        name = f"{people.RENAMED_OUTSIDE} {number}"
        say(what="renaming", room=room)
        insist(partial(change_room, steward, room, name=name, about=""))
        say(what="renamed", room=room)
        yield RENAME_SECONDS


def insist(deed: Callable[[], object], *, settled_by: tuple[type[Refused], ...] = ()) -> None:
    """Do it, through every loss of the database. `settled_by`: what it raises when a try whose answer was lost had worked."""
    while True:
        try:
            deed()
        except settled_by:
            return
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.2)
        else:
            return


def sample(ending: threading.Event) -> None:
    """Say the versions of the rooms all the time, so that it can be told later which version came after which moment."""
    while not ending.wait(SAMPLE_SECONDS):
        try:
            versions = dict(Room.objects.values_list("pk", "version"))
        except (DatabaseError, InterfaceError):
            connection.close()
            continue
        say(what="versions", versions=versions)
    connection.close()


# --- Looking at it ---


def dump() -> None:
    fields = ("pk", "room_id", "created_version", "version", "author__handle", "client_id", "text")
    rows = Message.objects.order_by("room_id", "created_version").values_list(*fields, "removed_at")
    earlier = Revision.objects.values_list("message_id", "text")
    say(
        messages=[[*row[:5], str(row[5]), row[6], row[7] is not None] for row in rows],
        earlier=[list(row) for row in earlier],
        rooms=[list(row) for row in Room.objects.values_list("pk", "version", "changed_version", "name")],
    )


def forget_client_ids() -> None:
    constraint = next(one for one in Message._meta.constraints if one.name == "posted_once")
    # SQLite makes the table anew, as the model says it is.
    Message._meta.constraints = [one for one in Message._meta.constraints if one is not constraint]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Message, constraint)


PRINTING = threading.Lock()


def say(**said: Any) -> None:
    """One line of JSON with the moment, on the clock that all processes of a machine share."""
    with PRINTING:
        print(json.dumps({"at": time.monotonic(), **said}), flush=True)


if __name__ == "__main__":
    main()
