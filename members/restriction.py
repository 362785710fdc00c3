"""Restricting the use of one's data: it is kept, and nothing else is done with it, until the member lifts that.

UK GDPR, article 18. They are in no list, search or completion, nobody begins a conversation with them, no notice is
recorded for them, and they do not write; they go on reading. What they wrote stays.
"""

from django.utils import timezone

from members.models import Member


def restrict(member: Member, *, on: bool) -> None:
    """Begin it, or lift it; doing it twice changes nothing."""
    if on == (member.restricted_at is not None):
        return
    member.restricted_at = timezone.now() if on else None
    member.save(update_fields=["restricted_at"])
