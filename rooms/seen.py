"""Who may have seen a message, as far as rooms know."""

from collections.abc import Iterator

from events.ear import EAR
from rooms.models import Membership, Message

type Seen = Iterator[tuple[int, str]]
"""Members, and how: one of moderation.models.SlipReader.How."""


def who_may_have_read(message: Message) -> Seen:
    """Who had read past it in its room, had the room open in this process, answered it, reacted to it.

    How far somebody has read is known, not when: so it is asked while the message stands.
    """
    places = message.places
    for place in places:
        readings = place.room.readings.filter(version__gte=place.created_version, floor__lt=place.created_version)
        for member in readings.values_list("member_id", flat=True):
            yield member, "read"
    # A process has an ear from its first socket on; one that works alone has none.
    listeners = tuple(getattr(EAR, "by_room", {}).get(message.room_id, ()))
    here = {listener.member for listener in listeners}
    belong = Membership.objects.filter(group=message.room.group_id, member__in=here)
    for member in belong.values_list("member_id", flat=True):
        yield member, "here"
    for member in Message.objects.filter(reply_to__in=places).values_list("author_id", flat=True):
        yield member, "answered"
    for member in message.reactions.values_list("member_id", flat=True):
        yield member, "reacted"
