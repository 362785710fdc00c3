"""Who a member is to the others, as they say it themselves.

What somebody would rather not show they leave empty: nothing is kept that is not to be seen, so nothing can slip out.
Two things are kept for fewer eyes: the real name (administrators) and whether one is in the list of members at all.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from events.catalogue import ClockChanged
from events.publish import publish
from frontend.text import is_blank, one_line
from members.access import entry_of
from members.models import Member, Organisation, Photo, Profession
from members.pictures import Upload, picture_from
from members.refusals import BadRequest
from members.requests import whole_number
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens

LONGEST = {"display_name": 80, "pronouns": 40, "real_name": 120, "ask_me_about": 200}
SEEN_BY_OTHERS = ("display_name", "pronouns", "ask_me_about")
PHOTO_SIDE = 256


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member says of themselves, as a form sends it: ids as text, empty for none; `unlisted` is "1" or empty."""

    display_name: str
    pronouns: str
    real_name: str
    profession: str
    organisation: str
    ask_me_about: str
    time_zone: str
    unlisted: str


def profile_of(member: Member) -> Profile:
    return Profile(
        display_name=member.display_name,
        pronouns=member.pronouns,
        real_name=member.real_name,
        profession=str(member.profession_id or ""),
        organisation=str(member.organisation_id or ""),
        ask_me_about=member.ask_me_about,
        time_zone=member.time_zone,
        unlisted="" if member.is_listed else "1",
    )


def change_profile(member: Member, profile: Profile, answered: Answered = NOTHING_ANSWERED) -> Member:
    """Keep what the member says of themselves. What they wrote keeps the affiliation it had. Raises BadRequest, TooFast."""
    words = {field: short_line(field, getattr(profile, field)) for field in LONGEST}
    words["display_name"] = name_from(profile.display_name)
    if profile.time_zone and profile.time_zone not in time_zones():
        raise BadRequest("Choose a time zone from the list.", field="time_zone")
    pass_screens(Draft(member, "\n\n".join(words[field] for field in SEEN_BY_OTHERS), answered=answered))
    return store(member, profile, words)


def name_from(typed: str) -> str:
    """What a member is called. Raises BadRequest."""
    name = short_line("display_name", typed)
    if is_blank(name):
        raise BadRequest("The others need a name for you. A first name or an alias is fine.", field="display_name")
    return name


def short_line(field: str, typed: str) -> str:
    """The words on one line, if they are not too many. Raises BadRequest."""
    line = one_line(typed)
    if len(line) > LONGEST[field]:
        raise BadRequest(f"That is over {LONGEST[field]} characters.", code="too_long", field=field)
    return line


@transaction.atomic
def store(member: Member, profile: Profile, words: dict[str, str]) -> Member:
    """The transaction: it holds the rows chosen from the lists, which a moderator may be merging away."""
    changed = {
        **words,
        "profession": chosen(Profession, profile.profession, now=member.profession_id),
        "organisation": chosen(Organisation, profile.organisation, now=member.organisation_id),
        "time_zone": profile.time_zone,
        "is_listed": not profile.unlisted,
        "affiliation_confirmed_at": timezone.now(),
    }
    moves = member.time_zone != profile.time_zone
    for field, value in changed.items():
        setattr(member, field, value)
    member.save(update_fields=[*changed])
    if moves:
        publish(ClockChanged(member=member.pk))
    return member


def chosen[Entry: Organisation | Profession](model: type[Entry], typed: str, *, now: int | None) -> Entry | None:
    """The entry of a list that was chosen, None for none; a retired one only by who has it. Raises BadRequest."""
    if not typed:
        return None
    entry = entry_of(model, whole_number(typed) or 0, locked=True)
    if entry is None or (entry.retired_at and entry.pk != now):
        field = model.__name__.lower()
        raise BadRequest(f"Choose {field_words(field)} from the list.", field=field)
    return entry


def field_words(field: str) -> str:
    return "an organisation" if field == "organisation" else "a profession"


@transaction.atomic
def confirm_affiliation(member: Member) -> None:
    """Still at the same organisation: not to be asked again for half a year."""
    member.affiliation_confirmed_at = timezone.now()
    member.save(update_fields=["affiliation_confirmed_at"])


def change_photo(member: Member, upload: Upload) -> None:
    """Show this picture on one's card. Raises BadRequest."""
    picture = picture_from(upload, PHOTO_SIDE, square=True)
    with transaction.atomic():
        Photo.objects.update_or_create(member=member, defaults={"picture": picture})
        save_photo_version(member, sha256(picture).hexdigest()[:16])


@transaction.atomic
def remove_photo(member: Member) -> None:
    """Show no picture any more."""
    Photo.objects.filter(member=member).delete()
    save_photo_version(member, "")


def save_photo_version(member: Member, version: str) -> None:
    """The photo's part of its address: a browser keeps a picture until it is another."""
    member.photo_version = version
    member.save(update_fields=["photo_version"])


@cache
def time_zones() -> tuple[str, ...]:
    """The time zones by place, as people know them."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
