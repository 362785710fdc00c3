"""Reading: how far a member has come in a room."""

from django.db import transaction

from events.catalogue import RoomRead
from events.publish import publish
from members.models import Member
from rooms.access import room_for
from rooms.commands import ReadRoom
from rooms.models import Reading


@transaction.atomic
def read_room(member: Member, command: ReadRoom) -> int:
    """Move the member's reading position up to `version`: never down, and never past what the room holds.

    Returns the position that stands now. Raises NotHere.
    """
    version = min(command.version, room_for(member, command.room).version)
    risen = Reading.objects.filter(member=member, room=command.room, version__lt=version).update(version=version)
    if not risen:
        reading, created = Reading.objects.get_or_create(
            member=member, room_id=command.room, defaults={"version": version}
        )
        if not created:
            return reading.version
    publish(RoomRead(member=member.pk, room=command.room, version=version))
    return version
