"""How Django finds the member behind a session."""

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from members.models import Member
from members.permissions import is_suspended


class MemberBackend(AuthenticationBackend):
    """By address and password; and a suspension counts from the next request on, whatever was signed in before."""

    def get_user(self, user_id: int) -> Member | None:
        """The member with their organisation, whose name every page shows; None while they are suspended."""
        member = Member.objects.select_related("organisation").filter(pk=user_id).first()
        return None if member is None or is_suspended(member, timezone.now()) else member
