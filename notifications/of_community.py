"""Notices about the community itself: other house rules are proposed, somebody complains about how data is used."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from events.catalogue import ComplaintAnswered, ComplaintDue, ComplaintMade, NoticesChanged, RulesProposed
from events.publish import publish
from members.models import Member
from notifications.models import Notice


def tell_members_of_proposal(event: RulesProposed) -> None:
    """Everybody but whoever proposes: all are asked what they think."""
    members = here().filter(restricted_at=None).exclude(pk=event.by).values_list("pk", flat=True)
    keep(
        Notice(member_id=member, proposal_id=event.proposal, by_id=event.by, kind=Notice.Kind.PROPOSAL)
        for member in members
    )


def tell_of_complaint(event: ComplaintMade) -> None:
    tell_administrators(Notice.Kind.COMPLAIN, event.complaint)


def tell_that_it_is_due(event: ComplaintDue) -> None:
    tell_administrators(Notice.Kind.DUE, event.complaint)


def tell_administrators(kind: str, complaint: int) -> None:
    administrators = here().filter(role=Member.Role.ADMINISTRATOR).values_list("pk", flat=True)
    keep(Notice(member_id=member, complaint_id=complaint, kind=kind) for member in administrators)


def settle_complaint(event: ComplaintAnswered) -> None:
    """Administrators need not look any more."""
    notices = Notice.objects.filter(complaint=event.complaint)
    members = tuple(notices.values_list("member_id", flat=True))
    notices.delete()
    publish(NoticesChanged(members=members))


def here() -> QuerySet[Member]:
    """Who has an account and may use it."""
    suspended = Q(suspended_until__gt=timezone.now())
    return Member.objects.filter(is_active=True).exclude(suspended).order_by("pk")


def keep(notices: Iterable[Notice]) -> None:
    kept = Notice.objects.bulk_create(notices)
    publish(NoticesChanged(members=tuple(notice.member_id for notice in kept)))
