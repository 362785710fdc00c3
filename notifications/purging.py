"""What notices keep of a message, for a purge: see members/purging.py."""

from events.catalogue import NoticesChanged
from events.publish import publish
from members.purging import Counts, Purge
from notifications.models import Notice


def purge_notices(purge: Purge) -> Counts:
    """They show its first words for as long as it stands. Letters that are not sent yet are written when they are."""
    notices = Notice.objects.filter(message=purge.message)
    members = tuple(notices.order_by("member").values_list("member_id", flat=True))
    notices.delete()
    publish(NoticesChanged(members=members))
    return {"Notices of it": len(members)}
