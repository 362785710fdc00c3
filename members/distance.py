"""Keeping one's distance: who may not write to me, and whom I do not wish to hear. It is never told to the other."""

from django.db.models import CharField, OuterRef, Q, StringAgg, Subquery, Value
from django.db.models.functions import Cast

from members.models import Block, Member, Mute


def stands_between(member: Member, others: list[int]) -> bool:
    """Whether the member and any of the others have blocked one another, whoever did."""
    either = Q(member=member, other__in=others) | Q(member__in=others, other=member)
    return Block.objects.filter(either).exists()


def muted_ids() -> Subquery:
    """The ids of those whom a member does not wish to hear, with spaces between, as a part of a query for that member."""
    mine = Mute.objects.filter(member=OuterRef("pk")).order_by().values("member")
    return Subquery(mine.annotate(ids=StringAgg(Cast("other", CharField()), Value(" "))).values("ids"))
