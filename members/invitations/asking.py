"""Asking to join the community, where it may be asked; and the answer."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import CommunityRequestAnswered, CommunityRequested
from events.publish import publish
from frontend.text import is_blank, one_line
from members.addresses import checked_address
from members.community.facts import the_community
from members.invitations.actions import Terms, open_invitations, write_invitations
from members.invitations.reading import Guest
from members.limits import Allowance, Limits
from members.models import CommunityRequest, Member
from members.permissions import allow, may_answer_newcomers
from members.refusals import BadRequest, NotHere, TooFast
from members.screens import NOTHING_ANSWERED, Answered, Draft, pass_screens

LONGEST_NAME = 80
LONGEST_WORDS = 300
MOST_OPEN = 1_000
"""Requests that wait for an answer. More than that is a flood, whoever it comes from."""

from_one_place = Limits(Allowance(burst=20, a_minute=1))
"""Many may share a place: a hospital, or a proxy before us."""
for_one_address = Limits(Allowance(burst=3, a_minute=0.05))


def ask_community(
    name: str, address: str, words: str, *, from_where: str, answered: Answered = NOTHING_ANSWERED
) -> None:
    """Ask to be invited. Whether the address is known makes no difference that could be seen.

    Raises BadRequest, TooFast, NotHere.
    """
    if not the_community().may_be_asked:
        raise NotHere
    name, words, address = one_line(name), one_line(words), checked_address(address)
    if is_blank(name):
        raise BadRequest("Say who you are. A first name is fine.", code="blank", field="name")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"A name has at most {LONGEST_NAME} characters.", code="too_long", field="name")
    if len(words) > LONGEST_WORDS:
        raise BadRequest(f"That is over the limit of {LONGEST_WORDS} characters.", code="too_long", field="words")
    if not (from_one_place.allow(from_where) and for_one_address.allow(address)):
        raise TooFast("Many have asked from there just now. Wait a while, then try again.")
    pass_screens(Draft(None, f"{name}\n\n{words}", answered=answered))
    with transaction.atomic():
        known = Member.objects.filter(email=address).exists() or open_invitations().filter(address=address).exists()
        if not known and open_requests().count() < MOST_OPEN:
            asked, is_new = CommunityRequest.objects.get_or_create(
                address=address, answered_at=None, defaults={"name": name, "words": words}
            )
            if is_new:
                publish(CommunityRequested(request=asked.pk))


def open_requests() -> QuerySet[CommunityRequest]:
    return CommunityRequest.objects.filter(answered_at=None)


@transaction.atomic
def answer_newcomer(moderator: Member, request_id: int, *, accept: bool) -> None:
    """Invite whoever asked, or decline; what was answered stays answered. Raises NotAllowed, NotHere."""
    allow(may_answer_newcomers(moderator))
    asked = CommunityRequest.objects.filter(pk=request_id).first()
    if asked is None:
        raise NotHere
    answered = {"answered_at": timezone.now(), "answered_by": moderator, "accepted": accept}
    mine = open_requests().filter(pk=asked.pk).update(**answered)
    if mine:
        publish(CommunityRequestAnswered(request=asked.pk))
    if mine and accept and not Member.objects.filter(email=asked.address).exists():
        write_invitations(moderator, [Guest("", asked.address, asked.name)], Terms(Member.Role.MEMBER))
