"""From an id to a member's card, for somebody who may see it."""

from django.db.models import Q
from django.utils import timezone

from members.models import Member
from members.refusals import NotHere


def member_for(member: Member, member_id: int) -> Member:
    """Another member. Everybody who is signed in may know who belongs to the community. Raises NotHere."""
    found = Member.objects.filter(pk=member_id, is_active=True).select_related("organisation").first()
    if found is None:
        raise NotHere
    return found


def of_the_unsuspended(path: str = "") -> Q:
    """The rule for a membership or a session that opens anything: its member is active, and not suspended.

    `path` leads to the row from another table: "group__memberships__".
    """
    suspended_until = f"{path}member__suspended_until"
    is_over = Q(**{suspended_until: None}) | Q(**{f"{suspended_until}__lte": timezone.now()})
    return Q(**{f"{path}member__is_active": True}) & is_over
