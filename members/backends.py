"""How Django finds the member behind a session."""

from django.contrib.auth.backends import ModelBackend

from members.models import Member


class MemberBackend(ModelBackend):
    """Django's own, with the organisation in the same query: every page shows the member's badge."""

    def get_user(self, user_id: int) -> Member | None:
        """The member, or None when their account is no longer active."""
        return Member.objects.select_related("organisation").filter(pk=user_id, is_active=True).first()
