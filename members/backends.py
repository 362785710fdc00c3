"""How Django finds the member behind a session."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet
from django.utils import timezone

from members.distance import muted_ids
from members.models import BADGE, Member
from members.permissions import is_suspended
from members.written_once import written_once


class MemberBackend(AuthenticationBackend):
    """By address and password; and a suspension counts from the next request on, whatever was signed in before."""

    def get_user(self, user_id: int) -> Member | None:
        """The member with their badge and whom they muted, as pages need them; None while suspended.

        From here on times are by their clock.
        """
        member = next(iter(members_as_pages_need_them(int(user_id))), None)
        if member is None or is_suspended(member, timezone.now()):
            return None
        if member.zone:
            # Here and not in a middleware, where finding out who asks would cost every request a query. The clock is
            # set back by CommunityMiddleware.
            timezone.activate(member.zone)
        return member


@written_once
def members_as_pages_need_them(member_id: int) -> QuerySet[Member]:
    return Member.objects.select_related(*BADGE).annotate(muted=muted_ids()).filter(pk=member_id)
