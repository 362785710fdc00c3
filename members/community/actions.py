"""What an administrator says of the community."""

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.catalogue import Because, CommunityChanged, PowerUsed
from events.publish import publish
from frontend.text import LONGEST, clean, is_blank, one_line
from members.access import held_community
from members.community.rules import FIRST, add_version, number_in_force, rules_in_force, text_of
from members.community.urgent import URGENT
from members.models import Community, Member
from members.permissions import allow, may_change_community
from members.pictures import Upload, picture_from
from members.profile import time_zones
from members.refusals import BadRequest
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens

LONGEST_NAME = 80
LOGO_SIDE = 256
LONGEST_PURPOSE = 600
HOUSE_COLOUR = "#1b6670"
"""The colour in base.css, for a community that chose none."""


@dataclass(frozen=True, slots=True)
class About:
    """The community as a form says it."""

    name: str
    purpose: str = ""
    rules: str = ""
    time_zone: str = ""
    colour: str = HOUSE_COLOUR
    may_be_asked: bool = False
    rules_number: int = 0
    """The version that the rules were changed from; 0 where there were none."""
    rules_reason: str = ""
    """Why they change."""
    urgent: str = URGENT


def about_community() -> About:
    """As it stands, or as settings say it where nobody has written it yet."""
    row = Community.objects.defer("logo").first() or by_settings()
    rules = rules_in_force()
    return About(
        name=row.name,
        purpose=row.purpose,
        rules=rules.text if rules else "",
        time_zone=row.time_zone,
        colour=row.colour or HOUSE_COLOUR,
        may_be_asked=row.may_be_asked,
        rules_number=rules.number if rules else 0,
        urgent=row.urgent or URGENT,
    )


def by_settings() -> Community:
    return Community(name=settings.COMMUNITY_NAME, time_zone=settings.TIME_ZONE)


def change_community(
    member: Member,
    about: About,
    *,
    logo: Upload | None = None,
    without_logo: bool = False,
    answered: Answered = NOTHING_ANSWERED,
) -> Community:
    """Say anew what the community is; other house rules are their next version. Raises NotAllowed, BadRequest, RulesMovedOn."""
    allow(may_change_community(member))
    about = checked(about)
    pass_screens(Draft(member, all_words(about), answered=answered))
    picture = drawn(logo)
    with transaction.atomic():
        community = Community.objects.defer("logo").first() or by_settings()
        describe(community, about)
        if picture or without_logo:
            give_logo(community, picture)
        community.save()
        change_rules(member, about)
        publish(CommunityChanged())
    return community


def all_words(about: About) -> str:
    return f"{about.name}\n\n{about.purpose}\n\n{about.rules}\n\n{about.rules_reason}\n\n{about.urgent}"


def change_rules(member: Member, about: About) -> None:
    """The next version, where the form says something else than what it was filled with, and than what is in force."""
    if about.rules.strip() in (text_of(number).strip() for number in (about.rules_number, number_in_force())):
        return
    why = about.rules_reason or (FIRST if about.rules_number == 0 else "")
    add_version(about.rules, why, role=member.get_role_display().lower(), after=about.rules_number)


@transaction.atomic
def hold_all_posts(because: Because, *, on: bool) -> None:
    """Have everything that is posted wait for a look, or let it appear at once again. Everywhere within seconds."""
    community = held_community() or by_settings()
    if on == (community.held_at is not None):
        return
    community.held_at = timezone.now() if on else None
    community.save()
    publish(CommunityChanged())
    publish(PowerUsed(act="hold" if on else "end_hold", because=because))


def describe(community: Community, about: About) -> None:
    community.name, community.purpose = about.name, about.purpose
    community.time_zone, community.may_be_asked = about.time_zone, about.may_be_asked
    community.urgent = "" if about.urgent == URGENT else about.urgent
    community.colour = "" if about.colour == HOUSE_COLOUR else about.colour


def drawn(logo: Upload | None) -> bytes | None:
    """The logo as it is served. Raises BadRequest."""
    return picture_from(logo, LOGO_SIDE, see_through=True) if logo else None


def give_logo(community: Community, picture: bytes | None) -> None:
    community.logo = picture
    community.logo_digest = sha256(picture).hexdigest()[:16] if picture else ""


def checked(about: About) -> About:
    """What was typed, cleaned. Raises BadRequest."""
    name, purpose, rules = one_line(about.name), clean(about.purpose), clean(about.rules)
    urgent, reason = clean(about.urgent).strip() or URGENT, clean(about.rules_reason).strip()
    if is_blank(name):
        raise BadRequest("The community needs a name.", code="blank", field="name")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"The name has at most {LONGEST_NAME} characters.", code="too_long", field="name")
    if len(purpose) > LONGEST_PURPOSE:
        raise BadRequest(f"The purpose has at most {LONGEST_PURPOSE} characters.", code="too_long", field="purpose")
    if len(rules) > LONGEST:
        raise BadRequest(f"The house rules have at most {LONGEST:,} characters.", code="too_long", field="rules")
    if len(urgent) > LONGEST:
        raise BadRequest(f"That page has at most {LONGEST:,} characters.", code="too_long", field="urgent")
    if about.time_zone not in zones_offered():
        raise BadRequest("Choose a time zone from the list.", field="time_zone")
    if not re.fullmatch("#[0-9a-f]{6}", about.colour.lower()):
        raise BadRequest("Choose a colour, such as #1b6670.", field="colour")
    return replace(
        about,
        name=name,
        purpose=purpose,
        rules=rules,
        colour=about.colour.lower(),
        rules_reason=reason,
        urgent=urgent,
    )


def zones_offered() -> list[str]:
    """Places, and what settings say, which may be none."""
    return sorted({*time_zones(), settings.TIME_ZONE})
