"""What notices keep of a member: for the copy they take along, and for erasing it."""

from collections.abc import Iterator

from members.copies import Part
from members.models import Member
from notifications.models import Notice


def notices_of(member: Member) -> Iterator[Part]:
    """What they were told of."""
    notices = Notice.objects.filter(member=member).order_by("pk").select_related("message__room", "group")
    rows = [
        {
            "message": notice.message_id,
            "room": notice.message.room.name if notice.message else None,
            "group": notice.group.name if notice.group else None,
            "why": notice.get_kind_display(),
            "told": notice.created_at,
            "seen": notice.seen_at,
        }
        for notice in notices
    ]
    yield Part("notices", "Your notices", rows)


def erase_notices(member: Member, _: bool) -> None:
    """Theirs, and what asks others to let them in."""
    Notice.objects.filter(member=member).delete()
    Notice.objects.filter(by=member, kind=Notice.Kind.ASKS).delete()
