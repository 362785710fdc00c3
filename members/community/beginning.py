"""The first run: on an empty database one page makes the community and its first administrator.

The key to that page stands in what the server prints when it starts (docs/decisions/0006): whoever reads that runs it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from events.catalogue import CommunityChanged
from events.publish import publish
from members.addresses import checked_address
from members.community.actions import About, all_words, by_settings, checked, describe, drawn, give_logo
from members.community.facts import the_community
from members.community.rules import FIRST, add_version
from members.models import Community, Member
from members.newcomers import newcomer, store
from members.pictures import Upload
from members.refusals import BadRequest, Refused
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens


class BegunAlready(Refused):
    """Somebody else was first."""

    code = "begun_already"
    status = 409
    words = (
        "Somebody else has set this site up in the meantime. Ask them to invite you. What you typed still stands below."
    )


@dataclass(frozen=True, slots=True)
class Founder:
    """The first administrator, as the form says it."""

    display_name: str
    address: str
    password: str


def first_run_key() -> str:
    """The same in every process and at every start; good for nothing once there are members."""
    return salted_hmac("members.community.beginning", settings.SECRET_KEY, algorithm="sha256").hexdigest()[:32]


def is_first_run_key(typed: str) -> bool:
    return constant_time_compare(typed.strip(), first_run_key())


def first_run_address() -> str:
    """Where to begin, for whoever runs the server; empty once that is done."""
    if the_community().has_begun:
        return ""
    return f"{settings.SITE_URL}{reverse('welcome')}?key={first_run_key()}"


def begin_community(
    about: About, founder: Founder, *, logo: Upload | None = None, answered: Answered = NOTHING_ANSWERED
) -> Member:
    """Make the community and its first administrator. Raises BadRequest, or BegunAlready for all but the first."""
    about = checked(about)
    if not founder.password:
        raise BadRequest("The first administrator needs a password.", code="blank", field="password")
    address = checked_address(founder.address)
    member = newcomer(address, founder.display_name, founder.password, Member.Role.ADMINISTRATOR)
    pass_screens(Draft(None, f"{all_words(about)}\n\n{member.display_name}", answered=answered))
    picture = drawn(logo)
    community = by_settings()
    describe(community, about)
    give_logo(community, picture)
    with transaction.atomic():
        make_the_only_one(community)
        if about.rules:
            add_version(about.rules, FIRST, role="administrator", after=0)
        store(member)
        publish(CommunityChanged())
    return member


def make_the_only_one(community: Community) -> None:
    """Of two who write the row at once, the database lets the second wait for the first, and then refuses it."""
    try:
        with transaction.atomic():
            community.save(force_insert=True)
    except IntegrityError as error:
        raise BegunAlready from error
    if Member.objects.exists():
        raise BegunAlready
