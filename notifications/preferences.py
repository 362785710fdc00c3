"""How a member wishes to hear of what happens: their row, made when it is first needed, and what they change in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import ClockChanged
from members.community.facts import zone_of
from members.models import Member
from members.refusals import BadRequest
from members.requests import whole_number
from notifications.access import preference_held
from notifications.digests.timetable import is_choice_of_days, next_digest
from notifications.models import Digest, Preference, PushDevice, RoomLevel
from rooms.access import room_for, rooms_for
from rooms.models import Room

LONGEST_DELAY = 1440
"""Minutes that mail of what was missed may wait."""


def fresh_preference(member: Member, now: datetime) -> Preference:
    """What holds for a member who has chosen nothing, not stored yet."""
    preference = Preference(member=member)
    preference.next_digest_at = due_after(preference, member, now, after_day=None)
    return preference


def preference_of_reader(member: Member) -> Preference:
    """How the member wishes to hear now, for a page."""
    return Preference.objects.filter(member=member).first() or fresh_preference(member, timezone.now())


def preference_of(member: Member) -> Preference:
    """The member's row, held for the transaction that is under way."""
    Preference.objects.bulk_create([fresh_preference(member, timezone.now())], ignore_conflicts=True)
    return preference_held(member)


def due_after(preference: Preference, member: Member, now: datetime, *, after_day: date | None) -> datetime | None:
    """When the digest after that of `after_day` is due: not before a pause is over."""
    zone = zone_of(member)
    days, hour = preference.digest_days, preference.digest_hour
    due = next_digest(days, hour, zone, now=now, after_day=after_day)
    if due and preference.paused_until and due.astimezone(zone).date() < preference.paused_until:
        pause_ends = datetime.combine(preference.paused_until, datetime.min.time(), zone)
        return next_digest(days, hour, zone, now=max(now, pause_ends), after_day=after_day)
    return due


@transaction.atomic
def choose(member: Member, **chosen: object) -> Preference:
    """Keep what the member chose, and count anew when their next digest is due."""
    preference = preference_of(member)
    for field, value in chosen.items():
        setattr(preference, field, value)
    last = Digest.objects.filter(member=member).order_by("-day").values_list("day", flat=True).first()
    preference.next_digest_at = due_after(preference, member, timezone.now(), after_day=last)
    preference.save(update_fields=[*chosen, "next_digest_at"])
    # They may be waiting for quiet hours to end that are others now.
    PushDevice.objects.filter(member=member).update(try_at=timezone.now())
    return preference


def recount_next_digest(event: ClockChanged) -> None:
    """The hour of the digest is by the member's own clock, and that is another now."""
    choose(Member.objects.get(pk=event.member))


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that the page of preferences offers, as a form sends it: texts; `open_from` and `open_until` for the seven days."""

    days: str
    hour: str
    missed_after: str
    quiet: str
    open_from: Sequence[str]
    open_until: Sequence[str]
    paused_until: str


def wishes_of(preference: Preference) -> Wishes:
    """What the form shows for what is kept."""
    hours = [preference.open_hours[day] if day < len(preference.open_hours) else None for day in range(7)]
    return Wishes(
        days=preference.digest_days,
        hour=str(preference.digest_hour),
        missed_after="" if preference.missed_after is None else str(preference.missed_after),
        quiet=preference.quiet,
        open_from=[str(each[0]) if each else "" for each in hours],
        open_until=[str(each[1]) if each else "" for each in hours],
        paused_until=preference.paused_until.isoformat() if preference.paused_until else "",
    )


def keep_wishes(member: Member, wishes: Wishes) -> Preference:
    """Keep what a member wishes. Raises BadRequest for what the form does not offer."""
    if not is_choice_of_days(wishes.days):
        raise BadRequest("Choose days of the week.", field="days")
    if wishes.quiet not in Preference.QuietHours.values:
        raise BadRequest("Choose one of the quiet hours.", field="quiet")
    return choose(
        member,
        digest_days=wishes.days,
        digest_hour=one_of_hours(wishes.hour, 0, 23, "hour"),
        missed_after=one_of_hours(wishes.missed_after, 1, LONGEST_DELAY, "missed_after")
        if wishes.missed_after
        else None,
        quiet=wishes.quiet,
        open_hours=[hours_of_day(*pair) for pair in zip(wishes.open_from, wishes.open_until, strict=True)],
        paused_until=day_from(wishes.paused_until),
    )


def hours_of_day(begins: str, ends: str) -> list[int] | None:
    """From and until which hour; None for a day of which one of them is left open."""
    if not begins or not ends:
        return None
    return [one_of_hours(begins, 0, 23, "quiet"), one_of_hours(ends, 1, 24, "quiet")]


def one_of_hours(typed: str, least: int, most: int, field: str) -> int:
    number = whole_number(typed)
    if number is None or not least <= number <= most:
        raise BadRequest("Choose one of the times that are offered.", field=field)
    return number


def day_from(typed: str) -> date | None:
    """A day to come; None for an empty field. Raises BadRequest."""
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadRequest("Write the day as year, month and day: 2026-12-24.", field="paused_until") from None


def levels_of(member: Member) -> QuerySet[RoomLevel]:
    """Rooms of which the member chose to hear more or less than usual, of those they may read."""
    chosen = RoomLevel.objects.filter(member=member, room__in=rooms_for(member))
    return chosen.exclude(level=RoomLevel.Level.CONCERNS).select_related("room__group").order_by("room__name")


def level_of(member: Member, room_id: int) -> str:
    found = RoomLevel.objects.filter(member=member, room=room_id).values_list("level", flat=True).first()
    return found or RoomLevel.Level.CONCERNS


def choose_level(member: Member, room_id: int, level: str) -> None:
    """How much of a room the member wishes to hear. Raises NotHere, BadRequest."""
    room = room_for(member, room_id)
    if level not in RoomLevel.Level.values:
        raise BadRequest("Choose one of the four.", field="level")
    set_level(member, room, level)


@transaction.atomic
def set_level(member: Member, room: Room, level: str) -> None:
    RoomLevel.objects.update_or_create(member=member, room=room, defaults={"level": level})
