"""Finding one another: across organisations, professions and groups."""

from functools import reduce

from django.db.models import Q, QuerySet

from members.models import Member
from rooms.access import membership_in, memberships_of
from rooms.models import WorkingGroup

MOST_WORDS = 8


def people_for(
    member: Member, *, find: str = "", organisation: int = 0, profession: str = "", group: int = 0
) -> QuerySet[Member]:
    """Members of the community by name. `find`: words that each stand in a name, an organisation, a profession or *ask me about*.

    `group` is one of the member's own: who belongs to another is not for them to know. Raises NotHere.
    """
    found = Member.objects.filter(is_active=True).select_related("organisation").order_by("display_name", "pk")
    for word in find.split()[:MOST_WORDS]:
        found = found.filter(says(word))
    if organisation:
        found = found.filter(organisation=organisation)
    if profession:
        found = found.filter(profession=profession)
    if group:
        found = found.filter(memberships__group=membership_in(member, group).group)
    return found


def says(word: str) -> Q:
    """Whether a word stands anywhere in what others see of a member."""
    fields = ("display_name", "handle", "ask_me_about", "organisation__name", "organisation__short_name")
    anywhere = reduce(Q.__or__, (Q(**{f"{field}__icontains": word}) for field in fields))
    called = [value for value, label in Member.Profession.choices if word.casefold() in str(label).casefold()]
    return anywhere | Q(profession__in=called)


def groups_in_common(member: Member, other: Member) -> QuerySet[WorkingGroup]:
    """The groups to which both belong. The other's further groups stay their own affair."""
    mine = memberships_of(member).values("group")
    return WorkingGroup.objects.filter(pk__in=mine, memberships__member=other).order_by("name")
