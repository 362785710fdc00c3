"""From what a request names to a member, for somebody who may see them."""

from django.db.models import Q
from django.utils import timezone

from frontend.text import clean
from members.models import Member
from members.permissions import is_suspended
from members.refusals import BadRequest, NotHere


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


def member_called(who: str, *, field: str) -> Member:
    """The member whom somebody named by handle or address, if they are here now. Raises BadRequest."""
    name = clean(who).strip().lower().removeprefix("@")
    member = Member.objects.filter(Q(handle=name) | Q(email=name)).first()
    if member is None or is_suspended(member, timezone.now()):
        raise BadRequest("No member has that name or address. Check how it is written.", code="no_member", field=field)
    return member
