"""Hiding a message in the rooms of one's own group, from its menu: leaders, and moderators who belong to the group.

It is the moderators' hiding: the same thirty days, record, notice and appeal. A leader takes back what a leader hid; what a
moderator hid, and what is flagged as naming a patient, is not theirs to show.
"""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from events.catalogue import Because
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import NotAllowed
from moderation.access import reporters_of, slips_open_on
from moderation.actions import name_nobody
from moderation.holding import Why, because_of
from moderation.models import Decision, Ground
from rooms.access import message_for, message_of_nobody
from rooms.actions import moderating
from rooms.actions.rooms import standing_in_group
from rooms.models import Message

LEADER = "group leader"


def message_to_hide(member: Member, message_id: int) -> Message:
    """A message of a group that this member leads, and that does not concern them. Raises NotHere, NotAllowed."""
    message = message_for(member, message_id)
    standing = standing_in_group(member, message.room_id)
    concerned = {message.author_id, *reporters_of(message)}
    allow(permissions.may_hide(standing.member, standing.membership, concerned, timezone.now()))
    return message


def because(member: Member, message: Message, why: Why) -> Because:
    said = because_of(member, why, "" if permissions.is_moderator(member) else LEADER)
    name_nobody(said.reason, message.author)
    return said


@transaction.atomic
def hide(member: Member, message_id: int, why: Why) -> Message:
    """Take it from every screen; its author hears why. Its case goes on. Raises NotHere, NotAllowed, BadRequest."""
    message = message_to_hide(member, message_id)
    return moderating.hide_message(message_id, because(member, message, why))


@transaction.atomic
def show_again(member: Member, message_id: int, reason: str) -> Message:
    """Take back that a leader hid it. Raises NotHere, NotAllowed, BadRequest."""
    message_of_nobody(message_id)  # for its lock: nobody says meanwhile that it names a patient
    message = message_to_hide(member, message_id)
    hiding = hidden_by_a_leader(message)
    if hiding is None:
        raise NotAllowed("Moderators decide about this message, so only they can show it again.")
    said = because(member, message, Why(Ground(hiding.ground), reason))
    return moderating.restore_message(message_id, replace(said, case=hiding.case_id, undoes=hiding.number))


def hidden_by_a_leader(message: Message) -> Decision | None:
    """The leader's decision that hides it now, if it is that and nothing else: nobody says that it names a patient."""
    if not message.hidden_at or message.removed_at or slips_open_on(message):
        return None
    hiding = Decision.objects.filter(message=message, act="hide", undone_by=None).order_by("-number").first()
    return hiding if hiding and hiding.role == LEADER else None
