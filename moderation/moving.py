"""Moving a message from its own menu, where nobody has reported it."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import NotAllowed
from moderation.access import reporters_of
from moderation.actions import Order, because_of, checked_order, name_nobody, room_moved_to
from rooms.access import message_for
from rooms.actions.moving import IS_REMOVED, move_message
from rooms.models import Message


def message_to_move(moderator: Member, message_id: int) -> Message:
    """A message of their group that stands, and which this moderator neither wrote nor reported. Raises NotHere, NotAllowed."""
    message = message_for(moderator, message_id)
    if message.is_removed:
        raise NotAllowed(IS_REMOVED)
    allow(permissions.may_decide(moderator, {message.author_id, *reporters_of(message)}, timezone.now()))
    return message


@transaction.atomic
def move(moderator: Member, message_id: int, order: Order) -> Message:
    """Put it where it belongs. What was reported of it goes on as it was. Raises NotHere, NotAllowed, BadRequest."""
    order = checked_order(moderator, replace(order, act="move"))
    message = message_to_move(moderator, message_id)
    name_nobody(order.reason, message.author)
    return move_message(message_id, room_moved_to(order), because_of(moderator, order))
