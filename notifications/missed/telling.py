"""What a letter tells: read when it is sent, so that edits count and what is gone, seen or no longer allowed does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from frontend.text import content_note, to_plain
from members.community.facts import zone_of
from members.mail import write_letter
from members.models import Member
from notifications.actions import notices_for
from notifications.missed.due import LONGEST_BACK, NOT_BY_LETTER, Level
from notifications.models import MissedLetter, Notice, Preference, RoomLevel, StoppedAddress
from notifications.stopping import MISSED, ROOM, stop_address, stop_headers
from rooms.access import messages_for, read_and_floor, rooms_for
from rooms.direct import title_for
from rooms.mail_address import reply_address
from rooms.models import Message, Room

MOST_QUOTED = 10
LONGEST_QUOTE = 700
MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True)
class Missed:
    """What one member has missed in one room. `messages`: the first of them, in order; `more`: how many further ones."""

    preference: Preference
    room: Room
    notices: dict[int, Notice]
    """By message."""
    messages: Sequence[Message]
    more: int
    latest: int
    """The place of the last of them all."""
    read: int

    @property
    def member(self) -> Member:
        return self.preference.member


def missed_in(preference: Preference, room_id: int, now: datetime) -> Missed | None:
    """What there is to tell, as things stand now; None: nothing, or it is not wanted, or not for them any more."""
    member = preference.member
    room = rooms_for(member).filter(pk=room_id).select_related("group").first()
    if room is None or not may_be_written_to(preference):
        return None
    level = RoomLevel.objects.filter(member=member, room=room).values_list("level", flat=True).first()
    if level in NOT_BY_LETTER:
        return None
    notices = {notice.message_id: notice for notice in untold(member, room, now)}
    read, _ = read_and_floor(member.pk, room.pk)
    told = Q(pk__in=notices)
    if level == Level.ALL or (room.group.is_direct and notices):
        told |= Q(created_version__gt=max(read, settled_version(member, room)), posted_at__gt=now - LONGEST_BACK)
    standing = messages_for(member).standing().filter(told, room=room)
    heard = standing.exclude(author__in=[member.pk, *not_heard(member)])
    found = list(heard.in_order().values_list("pk", "created_version", "posted_at"))
    told_of = {pk: notices[pk] for pk, _, _ in found if pk in notices}
    since = [notice.created_at for notice in told_of.values()]
    if level == Level.ALL:
        since += [posted_at for _, _, posted_at in found]
    if not since or min(since) > late_before(preference, now):
        return None
    first = [pk for pk, _, _ in found[:MOST_QUOTED]]
    messages = list(heard.filter(pk__in=first).select_related("author").in_order())
    if not messages:
        return None
    return Missed(preference, room, told_of, messages, len(found) - len(first), latest=found[-1][1], read=read)


def late_before(preference: Preference, now: datetime) -> datetime:
    """What came before this moment has been unread for as long as the member chose."""
    return now - timedelta(minutes=preference.missed_after or 0)


def may_be_written_to(preference: Preference) -> bool:
    """Beside what `rooms_for` asks: a suspended member has none."""
    member = preference.member
    is_wanted = member.restricted_at is None and preference.missed_after is not None
    return is_wanted and not StoppedAddress.objects.filter(address=member.email).exists()


def not_heard(member: Member) -> list[int]:
    """Whom the member has muted or blocked: also after the message came."""
    return [*member.mutes.values_list("other", flat=True), *member.blocks.values_list("other", flat=True)]


def untold(member: Member, room: Room, now: datetime) -> QuerySet[Notice]:
    """Unseen notices of messages of the room that the member may read, and that no letter has told of."""
    settled = MissedLetter.objects.filter(member=member, room=room).aggregate(Max("settles"))["settles__max"] or 0
    unseen = notices_for(member).filter(seen_at=None, mailed_at=None, message__room=room, pk__gt=settled)
    return unseen.filter(created_at__gt=now - LONGEST_BACK)


def settled_version(member: Member, room: Room) -> int:
    letters = MissedLetter.objects.filter(member=member, room=room)
    return letters.aggregate(Max("settles_version"))["settles_version__max"] or 0


# The letter -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One message as the letter says it: `Priya mentions you`. In a room that keeps its words `words` and `note` are empty."""

    name: str
    badge: str
    did: str
    at: datetime
    words: list[str]
    """A line for each paragraph."""
    note: str
    link: str


def compose(missed: Missed, letter: MissedLetter) -> EmailMultiAlternatives:
    """The letter to one member, with times by their clock; with those before it about the same room it makes one thread."""
    member, room = missed.member, missed.room
    answered = missed.messages[0].pk if len(missed.messages) == 1 else None
    title = title_for(member, room, is_direct=room.group.is_direct)
    with timezone.override(zone_of(member)):
        return write_letter(
            member.email,
            f"[{'Direct' if room.group.is_direct else room.group.name}] {title}",
            "missed",
            headers=stop_headers(member.pk, MISSED) | thread_headers(letter),
            answers_to=reply_address(member.pk, room.pk, answered),
            title=title,
            group="" if room.group.is_direct else room.group.name,
            is_sensitive=room.is_sensitive,
            items=[item(missed, message) for message in missed.messages],
            more=missed.more,
            link=address("message", missed.messages[0].pk),
            stop=stop_address(member.pk, MISSED),
            mute=stop_address(member.pk, ROOM, room.pk),
        )


def item(missed: Missed, message: Message) -> Item:
    notice = missed.notices.get(message.pk)
    did = notice.get_kind_display() if notice else "writes"
    link = address("message", message.pk)
    if missed.room.is_sensitive:
        return Item("Somebody", "", did, message.posted_at, [], "", link)
    note = content_note(message.text)
    words = [] if note else quoted(message.text)
    return Item(message.author.display_name, message.badge, did, message.posted_at, words, note, link)


def quoted(text: str) -> list[str]:
    """The words as far as a letter quotes them; a message without any has brought a file."""
    words = to_plain(text) or "A shared file"
    if len(words) > LONGEST_QUOTE:
        words = words[:LONGEST_QUOTE].rpartition(" ")[0] + "…"
    return words.split("\n")


def thread_headers(letter: MissedLetter) -> dict[str, str]:
    """What makes mail programs show the letters about one room together."""
    earlier = MissedLetter.objects.filter(member=letter.member_id, room=letter.room_id, ended_at__lt=letter.made_at)
    said = earlier.filter(state__in=(MissedLetter.State.SENT, MissedLetter.State.UNKNOWN))
    ids = list(said.order_by("-made_at").values_list("message_id", flat=True)[:MOST_REFERENCES])
    headers = {"Message-ID": letter.message_id}
    if ids:
        headers |= {"In-Reply-To": ids[0], "References": " ".join(reversed(ids))}
    return headers


def address(name: str, *args: object) -> str:
    return settings.SITE_URL + reverse(name, args=args)
