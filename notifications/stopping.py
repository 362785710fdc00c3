"""Fewer letters, from the letter itself: every one has a link by which it, and what is like it, stops.

The link is for one member and one list, works without signing in, and does nothing until a button on its page is pressed
or a mail program posts to it (RFC 8058): scanners open links. Whoever was forwarded a letter can stop no more than that
list, and the member takes it back on the same page.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils import timezone

from frontend.addresses import path_to
from members.community.facts import the_community, zone_of
from members.models import Member
from members.refusals import BadRequest, NotHere
from members.requests import whole_number
from notifications.digests.timetable import EVERY_DAY, is_choice_of_days
from notifications.models import MISSED_AFTER, Preference, RoomLevel
from notifications.preferences import LONGEST_DELAY, choose, day_from, level_of, set_level
from rooms.access import room_for
from rooms.direct import title_for
from rooms.models import Room

DIGEST, MISSED, ROOM = "digest", "missed", "room"
CALLED = {DIGEST: "Digest", MISSED: "What concerns you"}
SIGNER = Signer(salt="notifications.stopping", sep=".")
PAUSES = {"week": timedelta(days=7), "month": timedelta(days=30)}
MONDAY = "0"
HEARD = set(RoomLevel.Level.values) - {RoomLevel.Level.NOTHING}


@dataclass(frozen=True, slots=True)
class Link:
    """What a stop link is about. `room` only for the list of one room's mail."""

    member: Member
    about: str
    room: Room | None = None

    @property
    def title(self) -> str:
        """What the member calls the room, as the letter does."""
        return title_for(self.member, self.room, is_direct=self.room.group.is_direct) if self.room else ""


def stop_address(member_id: int, about: str, room_id: int | None = None) -> str:
    """The page on which this member stops the digest, mail of what was missed, or all mail of one room."""
    token = SIGNER.sign(f"{member_id}-{about}-{room_id or ''}")
    return settings.SITE_URL + path_to("stop", token)


def stop_headers(member_id: int, about: str) -> dict[str, str]:
    """What makes a mail program show its own button for leaving the list: RFC 2369, 2919 and 8058."""
    called = f"{the_community().name} {CALLED[about]}".replace('"', "")
    domain = settings.MAIL_FROM.rpartition("@")[2]
    return {
        "List-Id": f'"{called}" <{about}.{domain}>',
        "List-Unsubscribe": f"<{stop_address(member_id, about)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def link_of(token: str) -> Link:
    """What a link is about. Raises NotHere for one that we did not make, or whose member or room is gone."""
    try:
        member_id, about, room_id = SIGNER.unsign(token).split("-")
    except (BadSignature, ValueError):
        raise NotHere from None
    member = Member.objects.filter(pk=member_id, is_active=True).first()
    if member is None:
        raise NotHere
    return Link(member, about, room_for(member, int(room_id)) if room_id else None)


def as_it_was(link: Link, preference: Preference) -> str:
    """What a form gives back to `again`: days of the digest, minutes until mail of what was missed, or the level of the room."""
    if link.room:
        return level_of(link.member, link.room.pk)
    return preference.digest_days if link.about == DIGEST else str(preference.missed_after or "")


def change(link: Link, wish: str, *, until: str = "", before: str = "") -> None:
    """What the buttons of the page do; as often as one likes. Raises BadRequest.

    `stop`, `weekly`, a pause of a `week`, a `month` or `until` a day, and `again`: as it was `before`.
    """
    if wish == "stop":
        stop(link)
    elif wish == "again":
        begin_again(link, before)
    elif wish == "weekly" and link.about == DIGEST:
        choose(link.member, digest_days=MONDAY)
    elif wish in PAUSES and not link.room:
        today = timezone.now().astimezone(zone_of(link.member)).date()
        choose(link.member, paused_until=today + PAUSES[wish])
    elif wish == "until" and not link.room and until:
        choose(link.member, paused_until=day_from(until))
    else:
        raise BadRequest("Choose one of the buttons, and a day where one is asked for.")


def stop(link: Link) -> None:
    if link.room:
        set_level(link.member, link.room, RoomLevel.Level.NOTHING)
    elif link.about == DIGEST:
        choose(link.member, digest_days="")
    else:
        choose(link.member, missed_after=None)


def begin_again(link: Link, before: str) -> None:
    """As it was before; and where that is not known, as it is for who has chosen nothing. A pause is over with it."""
    if link.room:
        set_level(link.member, link.room, before if before in HEARD else RoomLevel.Level.CONCERNS)
    elif link.about == DIGEST:
        days = before if before and is_choice_of_days(before) else EVERY_DAY
        choose(link.member, digest_days=days, paused_until=None)
    else:
        minutes = whole_number(before)
        is_one = minutes is not None and 1 <= minutes <= LONGEST_DELAY
        choose(link.member, missed_after=minutes if is_one else MISSED_AFTER, paused_until=None)
