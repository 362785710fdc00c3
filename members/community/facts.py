"""What every page knows of the community: read every few seconds, not for every page."""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from events.catalogue import CommunityChanged
from members.models import Community, Member, Organisation, RulesVersion
from members.number_shapes import NO_SHAPES, NumberShapes, spelled

REMEMBERED_SECONDS = 5.0
"""How long another process may go on showing the old name."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The community, as pages and letters show it."""

    name: str
    time_zone: str
    purpose: str = ""
    rules: int = 0
    """The number of the house rules in force, 0 while there are none."""
    colour: str = ""
    logo: str = ""
    """The digest in the logo's address, empty where there is none."""
    may_be_asked: bool = False
    holds_posts: bool = False
    """Whether everything that is posted waits for a moderator's look."""
    has_begun: bool = True
    """False on an empty database, until the first administrator has come."""
    number_shapes: NumberShapes = NO_SHAPES
    """Of the hospital numbers of all organisations, for the guard of patient data in every process and browser."""

    @property
    def has_rules(self) -> bool:
        return self.rules > 0


class Memory:
    """The facts as this process last read them."""

    def __init__(self) -> None:
        self.facts: Facts | None = None
        self.read_at = 0.0

    def fresh(self) -> Facts | None:
        """What is remembered, unless it is too old: needs no database, so that async code may ask."""
        return self.facts if time.monotonic() - self.read_at < REMEMBERED_SECONDS else None

    def keep(self, facts: Facts) -> None:
        """Except that nobody has begun: whoever begins, in whichever process, must not be sent back to the beginning."""
        if facts.has_begun:
            self.facts, self.read_at = facts, time.monotonic()

    def forget(self) -> None:
        self.facts = None


MEMORY = Memory()


def the_community() -> Facts:
    """The community as it was at most a few seconds ago."""
    facts = MEMORY.fresh()
    if facts:
        return facts
    try:
        facts = replace(read(), number_shapes=shapes_of_all())
    except DatabaseError:
        # The page that says so has a name to show, too.
        return MEMORY.facts or said_by_settings(has_begun=True)
    MEMORY.keep(facts)
    return facts


def read() -> Facts:
    latest = RulesVersion.objects.order_by("-number").values("number")[:1]
    row = Community.objects.defer("logo", "urgent").annotate(rules=Coalesce(Subquery(latest), 0)).first()
    if row is None:
        return said_by_settings(has_begun=settings.DEMO or Member.objects.exists())
    return Facts(
        name=row.name,
        time_zone=row.time_zone,
        purpose=row.purpose,
        rules=row.rules,
        colour=row.colour,
        logo=row.logo_digest,
        may_be_asked=row.may_be_asked,
        holds_posts=row.held_at is not None,
    )


def shapes_of_all() -> NumberShapes:
    kept = Organisation.objects.exclude(number_shapes="").values_list("number_shapes", flat=True)
    return spelled(shape for shapes in kept for shape in shapes.splitlines())


def said_by_settings(*, has_begun: bool) -> Facts:
    return Facts(name=settings.COMMUNITY_NAME, time_zone=settings.TIME_ZONE, has_begun=has_begun)


def forget(event: CommunityChanged) -> None:
    """The process that changed it shows it at once."""
    MEMORY.forget()


def zone_of(member: Member) -> ZoneInfo:
    """The clock that a member lives by: their own, or else the community's."""
    return member.zone or ZoneInfo(the_community().time_zone)


def in_its_time_zone() -> AbstractContextManager[None]:
    """Times are shown as they are where the community is."""
    return timezone.override(the_community().time_zone)
