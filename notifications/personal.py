"""What notices keep of a member: for the copy they take along, and for erasing it."""

from collections.abc import Iterator

from members.copies import Part
from members.models import Member
from notifications.models import Digest, MissedLetter, Notice, Preference, PushDevice, RoomLevel, StoppedAddress


def notices_of(member: Member) -> Iterator[Part]:
    """What they were told of."""
    notices = Notice.objects.filter(member=member).order_by("pk").select_related("message__room", "group")
    rows = [
        {
            "message": notice.message_id,
            "room": notice.message.room.name if notice.message else None,
            "group": notice.group.name if notice.group else None,
            "decision": notice.decision_id,
            "why": notice.get_kind_display(),
            "told": notice.created_at,
            "seen": notice.seen_at,
            "mailed": notice.mailed_at,
        }
        for notice in notices
    ]
    yield Part("notices", "Your notices", rows)


def mail_of(member: Member) -> Iterator[Part]:
    """How they wish to hear, and the digests that they got."""
    preferences = Preference.objects.filter(member=member).values(
        "digest_days", "digest_hour", "paused_until", "missed_after", "quiet", "open_hours"
    )
    yield Part("hearing", "How you wish to hear", preferences)
    levels = RoomLevel.objects.filter(member=member).order_by("pk").select_related("room")
    yield Part(
        "rooms_heard",
        "How much you hear of rooms",
        [{"room": each.room.name, "level": each.get_level_display()} for each in levels],
    )
    devices = PushDevice.objects.filter(member=member).order_by("pk")
    yield Part("push_devices", "Browsers in which you are told at once", devices.values("name", "made_at", "sent_at"))
    digests = Digest.objects.filter(member=member).order_by("day")
    yield Part(
        "digests",
        "Your digests",
        [{"day": each.day, "state": each.get_state_display(), "ended": each.ended_at} for each in digests],
    )
    letters = MissedLetter.objects.filter(member=member).order_by("pk").select_related("room")
    yield Part(
        "missed_letters",
        "Letters about what you missed",
        [{"room": each.room.name, "state": each.get_state_display(), "ended": each.ended_at} for each in letters],
    )


def erase_notices(member: Member, _: bool) -> None:
    """Theirs, what asks others to let them in, and all that is known of mail to them."""
    Notice.objects.filter(member=member).delete()
    Notice.objects.filter(by=member, kind=Notice.Kind.ASKS).delete()
    Preference.objects.filter(member=member).delete()
    RoomLevel.objects.filter(member=member).delete()
    PushDevice.objects.filter(member=member).delete()
    Digest.objects.filter(member=member).delete()
    MissedLetter.objects.filter(member=member).delete()
    StoppedAddress.objects.filter(address=member.email).delete()
