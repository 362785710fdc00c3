"""What invitations keep of a member: for the copy they take along, and for erasing it."""

from collections.abc import Iterator

from django.db.models import Q

from members.copies import Part
from members.models import CommunityRequest, Invitation, Member


def invitations_of(member: Member) -> Iterator[Part]:
    """How they came. Whom they invited is about others."""
    invited = Invitation.objects.filter(mine(member)).order_by("pk")
    yield Part(
        "invitations", "How you were invited", invited.values("address", "name", "organisation", "made_at", "used_at")
    )
    asked = CommunityRequest.objects.filter(address=member.email).order_by("pk")
    yield Part("community_requests", "When you asked to join", asked.values("name", "words", "asked_at"))


def erase_invitations(member: Member, _: bool) -> None:
    """Their address and how they came; and their words in invitations of others."""
    Invitation.objects.filter(mine(member)).delete()
    CommunityRequest.objects.filter(address=member.email).delete()
    Invitation.objects.filter(invited_by=member).update(note="")


def mine(member: Member) -> Q:
    return Q(used_by=member) | Q(address=member.email)
