"""Recording and seeing notices."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.catalogue import MessageEdited, MessagePosted, MessageRemoved, NoticesChanged
from events.publish import publish
from members.models import Member
from notifications.models import Notice
from rooms.access import rooms_for


def record_notices(event: MessagePosted | MessageEdited) -> None:
    """Keep, in the transaction of the message itself, that it names or answers somebody. A name added by an edit counts."""
    kinds = dict.fromkeys(event.mentioned, Notice.Kind.MENTION)
    if isinstance(event, MessagePosted) and event.replied_to:
        kinds.setdefault(event.replied_to, Notice.Kind.REPLY)
    kinds.pop(event.author, None)
    if not kinds:
        return
    Notice.objects.bulk_create(
        [Notice(member_id=member, message_id=event.message, kind=kind) for member, kind in sorted(kinds.items())],
        ignore_conflicts=True,
    )
    publish(NoticesChanged(members=tuple(sorted(kinds))))


def withdraw_notices(event: MessageRemoved) -> None:
    """Nobody is told of a message that is gone."""
    notices = Notice.objects.filter(message=event.message)
    members = tuple(sorted(notices.values_list("member_id", flat=True)))
    if members:
        notices.delete()
        publish(NoticesChanged(members=members))


@transaction.atomic
def see_notices(member: Member) -> None:
    """The member has looked at them all."""
    seen = unseen_notices(member).update(seen_at=timezone.now())
    if seen:
        publish(NoticesChanged(members=(member.pk,)))


def notices_for(member: Member) -> QuerySet[Notice]:
    """A member's notices that stand and that they may still read, newest first."""
    return (
        Notice.objects.filter(member=member, message__room__in=rooms_for(member))
        .filter(Q(message__removed_at=None) & Q(message__hidden_at=None))
        .order_by("-created_at", "-pk")
    )


def unseen_notices(member: Member) -> QuerySet[Notice]:
    return notices_for(member).filter(seen_at=None)
