"""What runs in each server process beside its sockets: the sweep, the heartbeat, and the ear's questions to the database."""

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from events.delivery import Listener
from events.ear import EAR, SESSION_ENDED, Ear
from events.frames import Envelope, Frame
from events.moved import UNHEARD
from members.access import of_the_unsuspended
from members.sessions import digests_standing
from rooms.catch_up import Changes, changes_since
from rooms.models import Membership, Room
from rooms.presence import Presence
from rooms.threads import in_thread

log = logging.getLogger(__name__)

AT_A_TIME = 500
"""Ids in one query of the sweep: below the limits of both databases."""
LOOK_BACK = timedelta(seconds=60)
"""How far the sweep looks back for rooms that moved: longer than a sweep, a paused process or a small clock step takes."""
SAY_AGAIN_SECONDS = 25.0
STALE_SWEEPS = 3


class RoomsHouse:
    """The ear's House: rooms and memberships as the database has them."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self.presence = Presence(ear)
        self.swept_at = time.monotonic()

    async def changes_since(self, room: int, version: int) -> tuple[int, Frame]:
        changes = await in_thread(read_changes, room, version)
        return changes["version"], Frame.of("room.changes", room=room, after=version, **changes)

    def readers_changed(self, group: int, room: int) -> None:
        self.presence.readers_changed(group, room)

    def presence_heard(self, origin: str, group: int, room: int, members: list[int], count: int) -> None:
        self.presence.heard(origin, group, room, members, count)

    async def sweep_forever(self) -> None:
        """Every few seconds, find by version what was never announced, and whose membership ended unheard."""
        said_again_at = time.monotonic()
        while True:
            await asyncio.sleep(settings.SWEEP_SECONDS * random.uniform(0.8, 1.2))
            try:
                await self.sweep()
            except Exception as error:
                log.warning("The sweep was put off: %r", error)
            if time.monotonic() - said_again_at > SAY_AGAIN_SECONDS:
                said_again_at = time.monotonic()
                self.presence.say_again()

    async def sweep(self) -> None:
        """Three small queries, over the sessions, the members and the rooms that this process serves."""
        await self.close_what_ended()
        before = {listener: frozenset(listener.groups) for listener in self.ear.listeners}
        belonging = await in_thread(groups_of, list({listener.member for listener in before}))
        for listener, groups in before.items():
            # What was heard while the database was asked is younger than its answer.
            if listener in self.ear.listeners and listener.groups == groups:
                self.settle(listener, belonging.get(listener.member, set()))
        open_rooms = dict(self.ear.heads) | {room: self.ear.heads.get(room, -1) for room in self.ear.by_room}
        moved = await in_thread(versions_of, list(open_rooms), list(self.ear.by_group))
        self.swept_at = time.monotonic()
        for room, (group, version, name) in moved.items():
            await self.compare(room, group, version, name)

    async def close_what_ended(self) -> None:
        """Close the sockets of sessions whose end went unheard, and of members who were suspended."""
        listeners = list(self.ear.listeners)
        standing = await in_thread(sessions_standing, [listener.session for listener in listeners])
        for listener in listeners:
            if listener.session not in standing:
                listener.close(SESSION_ENDED)

    async def be_sure(self) -> None:
        """Before delivering what other processes say: a process that was paused first learns who may still hear it."""
        if time.monotonic() - self.swept_at > STALE_SWEEPS * settings.SWEEP_SECONDS:
            await self.sweep()

    def settle(self, listener: Listener, groups: set[int]) -> None:
        """Bring a socket in line with the groups that the database says are its member's."""
        for group in listener.groups - groups:
            self.ear.put_out(listener, group)
        for group in groups - listener.groups:
            self.ear.let_in(listener, group)

    async def compare(self, room: int, group: int, version: int, name: str) -> None:
        head = self.ear.heads.get(room)
        if room in self.ear.by_room:
            if head is None:
                self.ear.heads[room] = version
            elif version > head:
                await self.ear.catch_up(room)
        if version > self.ear.told.setdefault(room, version):
            self.ear.told[room] = version
            self.ear.gather_moved(room_moved_unheard(room, group, version, name))

    async def beat_forever(self) -> None:
        """The heartbeat: each socket hears the newest versions of its rooms, so that any loss shows within one beat."""
        while True:
            await asyncio.sleep(settings.HEARTBEAT_SECONDS * random.uniform(0.9, 1.1))
            frames: dict[tuple[int, ...], Frame] = {}
            for place, listener in enumerate(tuple(self.ear.listeners)):
                rooms = tuple(sorted(listener.rooms))
                if rooms not in frames:
                    heads = {room: self.ear.heads[room] for room in rooms if room in self.ear.heads}
                    frames[rooms] = Frame.of("heartbeat", rooms=heads)
                listener.beat(frames[rooms])
                if place % 100 == 99:
                    frames.clear()  # Versions move on while the loop turns.
                    await asyncio.sleep(0.01)


def room_moved_unheard(room: int, group: int, version: int, name: str) -> Envelope:
    """Something happened in a room that nobody announced. How much, the browser asks."""
    return Envelope(
        to="room",
        group=group,
        room=room,
        version=version,
        name=name,
        posted=UNHEARD,
        author=0,
        mentions=[],
        everyone=False,
    )


def read_changes(room: int, version: int) -> Changes:
    """What changed in a room, for readers of its whole history: the ear keeps it from the others."""
    return changes_since(Room.objects.get(pk=room), version, 0)


def groups_of(members: list[int]) -> dict[int, set[int]]:
    """Member → the groups whose rooms they may read now."""
    belonging: defaultdict[int, set[int]] = defaultdict(set)
    for some in batches(members):
        rows = Membership.objects.filter(of_the_unsuspended(), member__in=some)
        for member, group in rows.values_list("member_id", "group_id"):
            belonging[member].add(group)
    return belonging


def sessions_standing(digests: list[str]) -> set[str]:
    return set[str]().union(*(digests_standing(some) for some in batches(digests)))


def versions_of(open_rooms: list[int], groups: list[int]) -> dict[int, tuple[int, int, str]]:
    """Room → (group, version, name): the rooms open here, and those of these groups that moved lately."""
    found = {}
    lately = Q(group__in=groups[:AT_A_TIME], moved_at__gte=timezone.now() - LOOK_BACK)
    for asked in [*(Q(pk__in=some) for some in batches(open_rooms)), lately]:
        for room, group, version, name in Room.objects.filter(asked).values_list("pk", "group_id", "version", "name"):
            found[room] = (group, version, name)
    return found


def batches[T](ids: list[T]) -> Iterable[list[T]]:
    return (ids[start : start + AT_A_TIME] for start in range(0, len(ids), AT_A_TIME))


HOUSE = RoomsHouse(EAR)


def start_delivery() -> None:
    """Begin to serve sockets on the running loop; a second call changes nothing."""
    if EAR.start(HOUSE):
        EAR.spawn(HOUSE.sweep_forever())
        EAR.spawn(HOUSE.beat_forever())
