"""What there is to tell one device: read when it is told, so that what was seen, removed or closed to them meanwhile is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from members.models import Member
from notifications.actions import notices_for
from notifications.missed.due import NOT_BY_LETTER
from notifications.missed.telling import not_heard
from notifications.models import Notice, PushDevice, PushShown, RoomLevel
from rooms.access import messages_for
from rooms.models import Reading

LONGEST_BACK = timedelta(days=3)
"""What is older was told by mail, and shows among the notices."""
MOST_AT_ONCE = 3
"""Of more rooms one push tells that there is more than one thing: after a weekend no phone shall ring ten times."""
FOLLOWED, SEVERAL, GONE, URGENT, TEST = "followed", "several", "gone", "urgent", "test"
WORDS = {
    Notice.Kind.MENTION.value: "Somebody mentions you",
    Notice.Kind.REPLY.value: "Somebody replies to you",
    Notice.Kind.DIRECT.value: "A direct message for you",
    FOLLOWED: "Something new in a room that you follow",
    SEVERAL: "Several things are new for you",
    GONE: "What you were told of is no longer there",
    URGENT: "Something cannot wait for a moderator",
    TEST: "This device is told at once. It works",
}
IS_GONE = (
    Q(message__removed_at__isnull=False) | Q(message__hidden_at__isnull=False) | Q(message__cleared_at__isnull=False)
)


@dataclass(frozen=True, slots=True)
class News:
    """One push: of which kind, and what it opens. Never a name, and never words of a message."""

    kind: str
    path: str
    tag: str
    """What a later push replaces."""
    room: int | None = None
    message: int | None = None

    def content(self, community: str) -> dict[str, object]:
        """As the browser's worker reads it: frontend/static/js/service_worker.js. What is gone does not ring."""
        shown = {"title": community, "body": WORDS[self.kind], "path": self.path, "tag": self.tag}
        return {"kind": self.kind, "silent": self.kind == GONE, **shown}


def news_for(device: PushDevice, until: datetime) -> list[News]:
    """What has come since this device was last told, for each room the latest; and what is to be taken back."""
    gone = gone_from(device)
    fresh = fresh_for(device, until)
    if len(fresh) > MOST_AT_ONCE:
        return [*gone, News(SEVERAL, reverse("notices"), SEVERAL)]
    in_place = {each.room for each in fresh}
    return [*(each for each in gone if each.room not in in_place), *fresh]


def fresh_for(device: PushDevice, until: datetime) -> list[News]:
    member = device.member
    if member.restricted_at is not None:
        return []
    since = max(device.told_at, until - LONGEST_BACK)
    latest = followed(member, since, until) | noticed(member, since, until)
    return sorted(latest.values(), key=lambda news: news.message or 0)


def noticed(member: Member, since: datetime, until: datetime) -> dict[int, News]:
    """By room: the latest of the notices that are unseen, and that no letter has told of."""
    quiet = RoomLevel.objects.filter(member=member, level__in=NOT_BY_LETTER).values("room")
    notices = (
        notices_for(member)
        .filter(seen_at=None, mailed_at=None, message__isnull=False, created_at__gt=since, created_at__lte=until)
        .exclude(Q(message__room__in=quiet) | Q(message__author__in=not_heard(member)))
    )
    rows = notices.order_by("created_at", "pk").values_list("message__room", "message", "kind")
    return {
        room: News(kind, reverse("message", args=[message]), tag_of(room), room, message)
        for room, message, kind in rows
        if message
    }


def followed(member: Member, since: datetime, until: datetime) -> dict[int, News]:
    """By room: the latest unread message, where the member wishes to hear of every one."""
    rooms = RoomLevel.objects.filter(member=member, level=RoomLevel.Level.ALL, room__last_message_at__gt=since)
    have_read = Reading.objects.filter(member=member, room=OuterRef("room"), version__gte=OuterRef("created_version"))
    messages = (
        messages_for(member)
        .standing()
        .kept()
        .filter(~Exists(have_read), room__in=rooms.values("room"), posted_at__gt=since, posted_at__lte=until)
        .exclude(author__in=[member.pk, *not_heard(member)])
    )
    rows = messages.in_order().values_list("room", "pk")
    return {room: News(FOLLOWED, reverse("room", args=[room]), tag_of(room), room, message) for room, message in rows}


def gone_from(device: PushDevice) -> list[News]:
    """What the device shows unread, and is there no longer: some of it, where it is much; the next turn finds the rest."""
    rooms = (
        PushShown.objects.filter(IS_GONE, device=device).order_by("pk").values_list("room", flat=True)[:MOST_AT_ONCE]
    )
    return [News(GONE, reverse("notices"), tag_of(room), room) for room in rooms]


def forget_what_was_read(device: PushDevice) -> None:
    """Whoever has read it has done with it, on whatever device."""
    have_read = Reading.objects.filter(
        member=device.member, room=OuterRef("room"), version__gte=OuterRef("message__created_version")
    )
    PushShown.objects.filter(Exists(have_read), device=device).delete()


def tag_of(room: int) -> str:
    return f"room-{room}"


def rooms_of(news: Sequence[News]) -> set[int]:
    return {each.room for each in news if each.room}
