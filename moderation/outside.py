"""Reports of people without an account: by a form that everybody finds, into the same queue as all others."""

import re
from secrets import choice
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from frontend.text import is_blank, one_line
from members.addresses import checked_address
from members.limits import Allowance, Limits
from members.refusals import BadRequest, TooFast
from members.screens import Draft, pass_screens
from moderation.access import held_case, named_openly
from moderation.actions import LONGEST_WORDS, Facts, add_report, as_it_stands, checked
from moderation.models import Ground

LONGEST_PLACE = 300
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a ticket: none that is taken for another when it is read out on the telephone."""
OURS = re.compile(r"^/(messages|rooms|members)/(\d{1,18})/")

from_one_place = Limits(Allowance(burst=10, a_minute=0.5))
"""Many may share a place: a hospital, or a proxy before us."""


def report_from_outside(place: str, ground: str, words: str, address: str, *, from_where: str) -> str:
    """Take a report of somebody without an account; returns its ticket. Raises BadRequest, TooFast, or a screen's Refused."""
    place, words = one_line(place), checked(words, LONGEST_WORDS, "words")
    if is_blank(place) and is_blank(words):
        raise BadRequest("Say what it is about, in a few words or by its address.", code="blank", field="place")
    if len(place) > LONGEST_PLACE:
        raise BadRequest(f"That is over the limit of {LONGEST_PLACE} characters.", code="too_long", field="place")
    if ground not in Ground.values:
        raise BadRequest("Choose what is not right about it.", field="ground")
    address = checked_address(address) if address.strip() else ""
    if not from_one_place.allow(from_where):
        raise TooFast("A lot was reported from there just now. Wait a few minutes, then send it again.")
    pass_screens(Draft(None, f"{place}\n\n{words}", "report"))
    ticket = new_ticket()
    with transaction.atomic():
        case = held_case(f"form:{ticket}")
        add_report(case, facts_at(place), by=None, ground=ground, words=words, address=address, place=place)
    return ticket


def new_ticket() -> str:
    return "".join(choice(SIGNS) for _ in range(8))


def facts_at(place: str) -> Facts:
    """What an address of ours leads to, where every member could look. What is kept from some is not opened by a form:
    otherwise whoever knows a number could have it quoted.
    """
    address = urlsplit(place)
    found = OURS.match(address.path) if place.startswith((settings.SITE_URL, "/")) else None
    if not found:
        return Facts()
    message, room, member = named_openly(found[1], int(found[2]))
    if message:
        return Facts(message.pk, message.room_id, message.room.group_id, message.author_id, as_it_stands(message))
    if room:
        return Facts(room=room.pk, group=room.group_id, about=room.opened_by_id, quoted=f"{room.name}\n{room.about}")
    return Facts(about=member.pk) if member else Facts()
