"""The letter of the day, from what was chosen for it.

Of a room that keeps its words out of mail, only how much was said is told. What an author has warned of in the first line
(a content note) is not quoted either: the note stands there, and a link.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from frontend.addresses import path_to
from frontend.text import content_note, opening
from members.community.facts import zone_of
from members.mail import write_letter
from members.models import badge
from moderation.models import Decision
from notifications.digests.choosing import Chosen, ChosenRoom
from notifications.digests.news import Need, Noticed, RoomFacts
from notifications.digests.timetable import said_days
from notifications.models import Notice, Preference
from notifications.stopping import DIGEST, ROOM, stop_address, stop_headers
from rooms.mail_address import reply_address
from rooms.models import Message


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter quotes of one message: whose, from where, and the first sentences or the author's content note."""

    name: str
    badge: str
    opening: str
    note: str
    version: int
    """That the message had when they were read: an edit or a purge takes a later one."""


@dataclass(frozen=True, slots=True)
class NeedItem:
    """One thing that needs the member. `name` is empty and `words` None where the room keeps its words."""

    name: str
    did: str
    place: str
    link: str
    words: Words | None
    rule: str = ""
    """Of a decision about the member. What it says further, and what was removed, is on its page alone."""
    is_direct: bool = False
    answer: str = ""
    """A mailto link that writes there, empty while there is no mail to us."""


class RoomDrawn(NamedTuple):
    """What letters say alike of one room to all to whom the same is new there, in HTML and as text."""

    html: SafeString
    text: SafeString
    link: str
    link_says: str


@dataclass(frozen=True, slots=True)
class RoomItem:
    """One room in one member's letter: what it says to others too, and the links that are for them alone."""

    html: SafeString
    text: SafeString
    link: str
    link_says: str
    mute: str
    answer: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The words that some letters quote, by message, and the rooms that were drawn with them.

    A room is drawn once for them all: most letters of a morning tell of the same rooms, and drawing is most of writing them.
    """

    words: Mapping[int, Words]
    rooms: dict[Hashable, RoomDrawn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupItem:
    """A working group with its rooms."""

    name: str
    rooms: list[RoomItem]


def compose(preference: Preference, chosen: Chosen, quoted: Quoted, *, message_id: str = "") -> EmailMultiAlternatives:
    """The letter to one member, with times by their clock. `quoted` has the words of all messages that it shows."""
    member = preference.member
    with timezone.override(zone_of(member)):
        return write_letter(
            member.email,
            subject_of(chosen),
            "digest",
            headers=stop_headers(member.pk, DIGEST) | ({"Message-ID": message_id} if message_id else {}),
            member=member,
            chosen=chosen,
            since=chosen.news.since,
            needs=[*direct_items(chosen, quoted.words), *need_items(chosen, quoted.words)],
            groups=group_items(chosen, quoted),
            new_rooms=[(room, address("room", room.id)) for room in chosen.new_rooms],
            days=said_days(preference.digest_days),
            hour=f"{preference.digest_hour:02}:00",
            zone=timezone.get_current_timezone_name(),
            notices=address("notices"),
            home=address("home"),
            profile=address("profile"),
            is_affiliation_due=member.is_affiliation_due(chosen.news.until),
            stop=stop_address(member.pk, DIGEST),
        )


def quoted_in(letters: Iterable[Chosen]) -> Quoted:
    """What some letters quote: one query. What was hidden or removed meanwhile is not among it."""
    wanted = set[int]().union(*(letter.messages for letter in letters))
    rows = Message.objects.standing().filter(pk__in=wanted)
    return Quoted(
        {
            pk: Words(
                name, badge(profession, organisation), opening(text) or "A shared file", content_note(text), version
            )
            for pk, name, profession, organisation, text, version in rows.values_list(
                "pk", "author__display_name", "profession", "organisation_name", "text", "version"
            )
        }
    )


def subject_of(chosen: Chosen) -> str:
    """How much there is, and never what: a subject shows on locked screens."""
    news = chosen.news
    needs = len(news.needs) + len(news.direct)
    messages = sum(len(room.messages) for room in news.rooms)
    parts = [f"{needs} for you"] if needs else []
    if messages:
        parts.append(f"{counted(messages, 'new message')} in {counted(len(news.rooms), 'room')}")
    return "Your digest: " + ", ".join(parts)


def direct_items(chosen: Chosen, quoted: Mapping[int, Words]) -> list[NeedItem]:
    """Direct conversations: whatever was written there was written to the member."""
    return [
        NeedItem(
            name=quoted[each.quoted[0].id].name,
            did="wrote to you" if len(each.news.messages) == 1 else f"and you: {count_of(each)}",
            place="",
            link=address("message", each.first_unread),
            words=quoted[each.quoted[0].id],
            is_direct=True,
            answer=answer_link(chosen, each.news.room, None),
        )
        for each in chosen.direct
        if each.quoted[0].id in quoted
    ]


def need_items(chosen: Chosen, quoted: Mapping[int, Words]) -> list[NeedItem]:
    readable = (need for need in chosen.needs if need.room is None or need.notice.message in quoted)
    return [need_item(chosen, need, quoted) for need in readable]


def need_item(chosen: Chosen, need: Need, quoted: Mapping[int, Words]) -> NeedItem:
    """A notice as the letter says it: `Priya mentions you in Job descriptions`."""
    notice, room = need.notice, need.room
    if notice.decision is not None or notice.case is not None:
        return moderation_item(notice, need.times)
    if room is None or notice.message is None:
        return NeedItem(notice.by or "", notice.did, notice.called or "", page_about(notice), None)
    words = None if room.is_sensitive else quoted[notice.message]
    return NeedItem(
        name=words.name if words else "Somebody",
        did=f"{notice.did} in",
        place=room.name,
        link=address("message", notice.message),
        words=words,
        answer=answer_link(chosen, room, notice.message),
    )


def moderation_item(notice: Noticed, times: int) -> NeedItem:
    """`A moderator hid a message of yours`, and the rule; what became of a report; what waits for a moderator."""
    if notice.kind == Notice.Kind.PANEL:
        return NeedItem("You", "were drawn by lot to hear an appeal", "", address("panel"), None)
    if notice.decision is not None:
        decision = Decision(role=notice.role or "", ground=notice.rule or "")
        link = address("decision", notice.decision)
        return NeedItem(decision.whose, notice.did, "", link, None, rule=decision.get_ground_display())
    if notice.kind == Notice.Kind.CASE and notice.case is not None:
        if times > 1:
            return NeedItem(
                f"{times} things were reported", "and wait for a moderator", "", address("moderation"), None
            )
        return NeedItem(notice.did, "and waits for a moderator", "", address("case", notice.case), None)
    return NeedItem("Your report", "was looked at by a moderator", "", address("my_decisions"), None)


def page_about(notice: Noticed) -> str:
    if notice.proposal:
        return address("rules_proposal", notice.proposal)
    if notice.complaint:
        return address("complaints")
    if notice.about_room:
        return address("room_about", notice.about_room)
    if notice.kind == Notice.Kind.NEWCOMER:
        return address("invitations")
    if notice.group is None:
        return address("notices")
    return address("group_members" if notice.kind == Notice.Kind.ASKS else "group", notice.group)


def group_items(chosen: Chosen, quoted: Quoted) -> list[GroupItem]:
    return [GroupItem(group.name, [room_item(chosen, room, quoted) for room in group.rooms]) for group in chosen.groups]


def room_item(chosen: Chosen, of_room: ChosenRoom, quoted: Quoted) -> RoomItem:
    member, room = chosen.news.member.pk, of_room.news.room
    return RoomItem(
        *room_drawn(of_room, quoted),
        mute=stop_address(member, ROOM, room.id),
        answer=answer_link(chosen, room, None),
    )


def room_drawn(of_room: ChosenRoom, quoted: Quoted) -> RoomDrawn:
    """The room as it is told to everybody to whom the same is new."""
    news = of_room.news
    told = (of_room.first_unread, len(news.messages), news.is_more, news.people, *(head.id for head in of_room.quoted))
    if told not in quoted.rooms:
        quoted.rooms[told] = draw_room(of_room, quoted.words)
    return quoted.rooms[told]


def draw_room(of_room: ChosenRoom, words: Mapping[int, Words]) -> RoomDrawn:
    """Its name, how much of how many people, and the voices; none where the room keeps its words."""
    room, unread = of_room.news.room, of_room.news.messages
    voices = [] if room.is_sensitive else [words[head.id] for head in of_room.quoted if head.id in words]
    facts = {
        "name": room.name,
        "messages": count_of(of_room),
        "people": of_room.news.people,
        "voices": voices,
        "more": (more := len(unread) - len(voices) if voices else 0),
        "link": (link := address("message", of_room.first_unread)),
    }
    html, text = (render_to_string(f"mail/_digest_room.{kind}", facts) for kind in ("html", "txt"))
    return RoomDrawn(html, text, link, f"Read on: {more} more" if more else "Open the room")


def answer_link(chosen: Chosen, room: RoomFacts, message: int | None) -> str:
    """Opens a new letter, whose words go into that room as the member's."""
    goes_to = reply_address(chosen.news.member.pk, room.id, message)
    return f"mailto:{goes_to}?subject={quote('Re: ' + ('Direct' if room.is_direct else room.name))}" if goes_to else ""


def count_of(chosen: ChosenRoom) -> str:
    """`1 new message`, `6 new messages`, `more than 500 new messages`."""
    said = counted(len(chosen.news.messages), "new message")
    return f"more than {said}" if chosen.news.is_more else said


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def address(name: str, *args: int) -> str:
    return settings.SITE_URL + path_to(name, *args)
