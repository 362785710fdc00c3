"""Finding one another: across organisations, professions and groups."""

from functools import reduce

from django.db.models import Q, QuerySet

from members.models import BADGE, Member
from members.permissions import is_administrator
from rooms.access import membership_in, working_memberships_of
from rooms.models import WorkingGroup

MOST_WORDS = 8
SEARCHED = (
    "display_name",
    "handle",
    "ask_me_about",
    "profession__name",
    "organisation__name",
    "organisation__short_name",
)
"""What a search looks in: what everybody sees, and nothing else."""


def people_for(
    member: Member, *, find: str = "", organisation: int = 0, profession: int = 0, group: int = 0
) -> QuerySet[Member]:
    """Members of the community by name. `find`: words that each stand in a name, an organisation, a profession or *ask me about*.

    `group` is one of the member's own: who belongs to another is not for them to know. Raises NotHere.
    """
    found = members_listed_to(member).select_related(*BADGE).order_by("display_name", "pk")
    for word in find.split()[:MOST_WORDS]:
        found = found.filter(says(word))
    if organisation:
        found = found.filter(organisation=organisation)
    if profession:
        found = found.filter(profession=profession)
    if group:
        found = found.filter(memberships__group=membership_in(member, group).group)
    return found


def members_listed_to(member: Member) -> QuerySet[Member]:
    """Who is in the list of members, for this one. Administrators look after all, and see all."""
    everybody = Member.objects.filter(is_active=True)
    return everybody if is_administrator(member) else everybody.filter(is_listed=True, restricted_at=None)


def says(word: str) -> Q:
    """Whether a word stands anywhere in what others see of a member."""
    return reduce(Q.__or__, (Q(**{f"{field}__icontains": word}) for field in SEARCHED))


def groups_in_common(member: Member, other: Member) -> QuerySet[WorkingGroup]:
    """The groups to which both belong. The other's further groups stay their own affair."""
    mine = working_memberships_of(member).values("group")
    return WorkingGroup.objects.filter(pk__in=mine, memberships__member=other).order_by("name")
