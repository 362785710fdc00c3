"""Who has missed something, and in which room: what decides that a letter begins.

Two things begin one, when they are unread for as long as the member chose: a notice of a message, and any message of a
room of which they wish to hear every message. Then none for that room for a day, unless they come back to it earlier.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from notifications.models import MISSED_AFTER, MissedLetter, Notice, Preference, RoomLevel
from rooms.models import Message, Reading

LONGEST_BACK = timedelta(days=3)
"""What is older was told by digests, and shows among the notices."""
QUIET_FOR = timedelta(days=1)
MOST_AT_ONCE = 500
State = MissedLetter.State
OPEN = (State.WAITING, State.SENDING)
SAID = (State.SENT, State.UNKNOWN, State.REFUSED)
Level = RoomLevel.Level
NOT_BY_LETTER = (Level.DIGEST, Level.NOTHING)

type Place = tuple[int, int]
"""Member and room."""


def places_due(now: datetime) -> set[Place]:
    """For whom and about which room a letter is to begin now."""
    noticed = noticed_late(now).values_list("member", "message__room").distinct()[:MOST_AT_ONCE]
    followed = rooms_followed(now).values_list("member", "room")[:MOST_AT_ONCE]
    return {(member, room) for member, room in noticed if room} | set(followed)


def noticed_late(now: datetime) -> QuerySet[Notice]:
    """Notices that no letter has told of, and that are unseen for as long as their member chose."""
    late = Q()
    for whose, moment in delays(now):
        late |= whose & Q(created_at__lte=moment)
    levels = RoomLevel.objects.filter(
        member=OuterRef("member"), room=OuterRef("message__room"), level__in=NOT_BY_LETTER
    )
    letters = letters_at("member", "message__room")
    settled = letters.filter(settles__gte=OuterRef("pk"))
    notices = Notice.objects.filter(late, seen_at=None, mailed_at=None, message__isnull=False)
    recent = notices.filter(created_at__gt=now - LONGEST_BACK)
    return recent.filter(~Exists(levels), ~Exists(settled), ~Exists(holding(letters, now)))


def rooms_followed(now: datetime) -> QuerySet[RoomLevel]:
    """Rooms of which members wish to hear every message, and have one unread for as long as they chose."""
    reading = Reading.objects.filter(member=OuterRef("member"), room=OuterRef("room"))
    letters = letters_at("member", "room")
    settled = letters.order_by("-settles_version").values("settles_version")[:1]
    unread = Message.objects.standing().filter(
        room=OuterRef("room"),
        # Not as a question about each message: then a room that is read would be gone through from its beginning.
        created_version__gt=Greatest(OuterRef("read"), OuterRef("settled")),
        posted_at__gt=now - LONGEST_BACK,
    )
    of_others = unread.exclude(author=OuterRef("member"))
    late = Q()
    for whose, moment in delays(now):
        late |= whose & Q(Exists(of_others.filter(posted_at__lte=moment)))
    followed = RoomLevel.objects.filter(level=Level.ALL, room__last_message_at__gt=now - LONGEST_BACK)
    numbered = followed.annotate(
        read=Coalesce(Subquery(reading.values("version")), Value(0)),
        settled=Coalesce(Subquery(settled), Value(0)),
    )
    return numbered.filter(late, ~Exists(holding(letters, now)))


def delays(now: datetime) -> Iterator[tuple[Q, datetime]]:
    """Members by how long they wait, and the moment that is so long ago. Who wishes no such letters is not among them."""
    yield Q(member__preference=None), now - timedelta(minutes=MISSED_AFTER)
    chosen = Preference.objects.filter(missed_after__isnull=False).order_by("missed_after")
    for minutes in chosen.values_list("missed_after", flat=True).distinct():
        yield Q(member__preference__missed_after=minutes), now - timedelta(minutes=minutes or 0)


def letters_at(member: str, room: str) -> QuerySet[MissedLetter]:
    return MissedLetter.objects.filter(member=OuterRef(member), room=OuterRef(room))


def holding(letters: QuerySet[MissedLetter], now: datetime) -> QuerySet[MissedLetter]:
    """Those that keep another from beginning: in hand, or sent within the day to somebody who has not come back since."""
    came_back = Reading.objects.filter(
        member=OuterRef("member"), room=OuterRef("room"), version__gt=OuterRef("read_version")
    )
    is_recent = Q(state__in=SAID, ended_at__gt=now - QUIET_FOR)
    return letters.filter(Q(state__in=OPEN) | is_recent & ~Exists(came_back))
