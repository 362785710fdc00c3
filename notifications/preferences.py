"""How a member wishes to hear of what happens: their row, made when it is first needed, and what they change in it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from members.community.facts import zone_of
from members.models import Member
from notifications.access import preference_held
from notifications.digests.timetable import next_digest
from notifications.models import Digest, Preference


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
    return preference
