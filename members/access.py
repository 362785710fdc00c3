"""From an id to an entry of the lists that moderators keep; who runs the community; whose memberships and sessions count.

Members themselves: `member_for` in rooms/access.py, for whom one may know of depends on one's groups.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from members.models import Community, Complaint, Member, Organisation, Profession, RulesProposal
from members.permissions import allow, may_answer_complaints
from members.refusals import NotHere


def entry_of[Entry: Organisation | Profession](
    model: type[Entry], entry_id: int, *, locked: bool = False
) -> Entry | None:
    """An organisation or a profession, which everybody may know of; `locked`: until the transaction ends nobody merges it."""
    rows = model._default_manager.filter(pk=entry_id)
    return next(iter(rows.select_for_update() if locked else rows), None)  # type: ignore[return-value]


def administrators(*, locked: bool = False) -> QuerySet[Member]:
    """Who runs the community; `locked`: while one of them goes, so that two cannot both be the last but one."""
    rows = Member.objects.filter(role=Member.Role.ADMINISTRATOR, is_active=True).order_by("pk")
    return rows.select_for_update() if locked else rows


def proposal_for(proposal_id: int, *, locked: bool = False) -> RulesProposal:
    """A proposal to change the house rules, which all members may see; `locked` while something is said to it. Raises NotHere."""
    rows = RulesProposal.objects.filter(pk=proposal_id)
    proposal = (rows.select_for_update() if locked else rows.select_related("by", "version")).first()
    if proposal is None:
        raise NotHere
    return proposal


def complaint_for(administrator: Member, complaint_id: int, *, locked: bool = False) -> Complaint:
    """A data-protection complaint, to an administrator. Raises NotAllowed, NotHere."""
    allow(may_answer_complaints(administrator, timezone.now()))
    rows = Complaint.objects.filter(pk=complaint_id)
    complaint = (rows.select_for_update() if locked else rows).first()
    if complaint is None:
        raise NotHere
    return complaint


def moderators() -> QuerySet[Member]:
    """Who keeps the peace now: moderators and administrators, none of them suspended."""
    roles = (Member.Role.MODERATOR, Member.Role.ADMINISTRATOR)
    is_suspended = Q(suspended_until__gt=timezone.now())
    return Member.objects.filter(role__in=roles, is_active=True).exclude(is_suspended).order_by("pk")


def of_the_unsuspended(path: str = "", now: datetime | None = None) -> Q:
    """The rule for a membership or a session that opens anything: its member is active, and not suspended.

    `path` leads to the row from another table: "group__memberships__".
    """
    suspended_until = f"{path}member__suspended_until"
    is_over = Q(**{suspended_until: None}) | Q(**{f"{suspended_until}__lte": now or timezone.now()})
    return Q(**{f"{path}member__is_active": True}) & is_over


def held_community() -> Community | None:
    """The community's row, locked; None where nobody has written it yet."""
    return Community.objects.select_for_update().defer("logo").first()
