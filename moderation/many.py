"""Many messages in one act: a raid is cleared at once, and what was too much comes back at once.

More than twenty need a second moderator: one asks, another agrees, and only then it happens.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from events.catalogue import Because
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed
from moderation.access import (
    decisions_numbered,
    held_cases_on,
    held_head,
    held_hiding,
    held_second_look,
    messages_to_hide,
    open_cases_on,
)
from moderation.actions import Order, because_of, checked_order, close, name_nobody, tell
from moderation.models import Case, Entry, HidingMany, SecondLook
from rooms.actions.moderating import hide_messages, restore_messages
from rooms.models import Message

MOST_ALONE = 20
"""Messages that one moderator hides without another's agreement."""
MOST_AT_ONCE = 2_000
UNDONE_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen: `hides 14 messages by 3 people`."""

    messages: Sequence[Message]

    @property
    def people(self) -> list[Member]:
        return list({message.author_id: message.author for message in self.messages}.values())

    @property
    def rooms(self) -> int:
        return len({message.room_id for message in self.messages})

    @property
    def needs_another(self) -> bool:
        return len(self.messages) > MOST_ALONE


def plan_for(moderator: Member, messages: Collection[int]) -> Plan:
    """Of the messages that were chosen those that stand, and that this moderator may reach. Raises NotAllowed, BadRequest."""
    allow(permissions.may_moderate(moderator, timezone.now()))
    if len(messages) > MOST_AT_ONCE:
        raise BadRequest(f"Choose at most {MOST_AT_ONCE:,} messages at once.", field="message")
    plan = Plan(messages_to_hide(moderator, messages))
    if not plan.messages:
        raise BadRequest("Choose the messages first. Those that are hidden or removed already cannot be chosen.")
    allow(permissions.may_decide(moderator, concerned_in(plan), timezone.now()))
    return plan


def concerned_in(plan: Plan) -> set[int]:
    """Who wrote them, and who reported them."""
    cases = open_cases_on([message.pk for message in plan.messages])
    reporters = cases.exclude(reports__by=None).values_list("reports__by", flat=True)
    return {message.author_id for message in plan.messages} | set(reporters)


def hide_many(moderator: Member, messages: Collection[int], order: Order) -> HidingMany:
    """Hide them all, or where they are more than twenty ask for another moderator's agreement.

    Raises NotAllowed, BadRequest.
    """
    order = checked_order(moderator, order)
    with transaction.atomic():
        plan = plan_for(moderator, messages)
        for person in plan.people:
            name_nobody(order.reason, person)
        many = HidingMany.objects.create(
            by=moderator,
            ground=order.ground,
            reason=order.reason,
            words=order.words,
            messages=[message.pk for message in plan.messages],
        )
        if plan.needs_another:
            SecondLook.objects.create(many=many, asked_by=moderator)
        else:
            carry_out(many, moderator)
        return many


@transaction.atomic
def answer_many(moderator: Member, many_id: int, *, agree: bool) -> HidingMany:
    """Agree to what another moderator asked to hide, which then happens; or decline. Raises NotHere, NotAllowed."""
    allow(permissions.may_moderate(moderator, timezone.now()))
    many = held_hiding(many_id)
    look = held_second_look(many=many)
    now = timezone.now()
    concerned = concerned_in(Plan(messages_to_hide(many.by, many.messages)))
    allow(permissions.may_agree(moderator, look.asked_by_id, concerned, now))
    if agree and permissions.may_moderate(many.by, now):
        raise NotAllowed("Who asked for this is not a moderator any more. Choose the messages yourself.")
    look.answered_by, look.answered_at, look.agreed = moderator, now, agree
    look.save()
    if agree:
        carry_out(many, many.by)
    return many


def carry_out(many: HidingMany, moderator: Member) -> None:
    """Hide what still stands of it; the cases that it settles are closed. Cases are locked first, then rooms, then the record."""
    cases = held_cases_on(many.messages)
    order = Order("hide", many.ground, many.reason, many.words)
    hidden = {message.pk for message in hide_messages(many.messages, because_of(moderator, order))}
    many.done_at = timezone.now()
    if hidden:
        many.last = held_head().number
        many.first = many.last - len(hidden) + 1
    many.save()
    for case in cases:
        if case.message_id in hidden:
            tell(case, Entry.Kind.DECIDED, moderator, "hid a message, with others")
            close(case, moderator, outcome=Case.Outcome.ACTED)


@transaction.atomic
def undo_many(moderator: Member, many_id: int) -> HidingMany:
    """Show them all again, within ten minutes. Raises NotHere, NotAllowed."""
    allow(permissions.may_moderate(moderator, timezone.now()))
    many = held_hiding(many_id)
    now = timezone.now()
    if many.undone_at or many.first is None or many.last is None:
        raise NotAllowed("There is nothing to take back.")
    if not is_undoable(many):
        raise NotAllowed("That can be taken back for ten minutes. Take decisions back one by one now.")
    decisions = decisions_numbered(many.first, many.last)
    allow(permissions.may_decide(moderator, {each.about_id for each in decisions if each.about_id}, now))
    because = Because(
        by=moderator.pk,
        role=moderator.get_role_display().lower(),
        ground=many.ground,
        reason="Taken back at once, together with others.",
    )
    restore_messages({each.message_id: each.number for each in decisions if each.message_id}, because)
    many.undone_at = now
    many.save(update_fields=["undone_at"])
    return many


def is_undoable(many: HidingMany) -> bool:
    is_done = many.done_at is not None and many.undone_at is None and many.first is not None
    return is_done and many.done_at is not None and timezone.now() - many.done_at <= UNDONE_WITHIN
