"""From an id to a member's card, for somebody who may see it."""

from members.models import Member
from members.refusals import NotHere


def member_for(member: Member, member_id: int) -> Member:
    """Another member. Everybody who is signed in may know who belongs to the community. Raises NotHere."""
    found = Member.objects.filter(pk=member_id, is_active=True).select_related("organisation").first()
    if found is None:
        raise NotHere
    return found
