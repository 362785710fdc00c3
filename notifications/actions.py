"""Recording and seeing notices."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from events.catalogue import (
    DemonstrationFilled,
    MessageEdited,
    MessageHidden,
    MessagePosted,
    MessageRemoved,
    MessageRestored,
    MessagesChanged,
    NoticesChanged,
    RoomRead,
)
from events.publish import publish
from members.models import Member
from members.permissions import is_administrator, may_moderate
from members.written_once import written_once
from notifications.models import Notice
from rooms.access import groups_known_to, memberships_of, readable_by, rooms_for
from rooms.models import Membership, Mention, Message, Reading


def record_notices(event: MessagePosted | MessageEdited) -> None:
    """Keep, in the transaction of the message itself, that it names, answers or is written to somebody.

    A name added by an edit counts. Who has muted the author, or restricted the use of their data, is not told.
    """
    kinds = dict.fromkeys(event.mentioned, Notice.Kind.MENTION)
    if isinstance(event, MessagePosted):
        if event.replied_to:
            kinds.setdefault(event.replied_to, Notice.Kind.REPLY)
        for member in unaware(event):
            kinds.setdefault(member, Notice.Kind.DIRECT)
    kinds.pop(event.author, None)
    if kinds:
        deaf = Q(restricted_at__isnull=False) | Q(mutes__other=event.author)
        for member in set(Member.objects.filter(deaf, pk__in=kinds).values_list("pk", flat=True)):
            del kinds[member]
    if not kinds:
        return
    Notice.objects.bulk_create(
        [Notice(member_id=member, message_id=event.message, kind=kind) for member, kind in sorted(kinds.items())],
        ignore_conflicts=True,
    )
    publish(NoticesChanged(members=tuple(sorted(kinds))))


def unaware(event: MessagePosted) -> set[int]:
    """Of those whom a direct message is written to, who has no unseen notice of that conversation yet: one is enough."""
    if not event.direct_to:
        return set()
    told = Notice.objects.filter(member__in=event.direct_to, message__room=event.room, seen_at=None)
    return set(event.direct_to) - set(told.filter(kind=Notice.Kind.DIRECT).values_list("member", flat=True))


def record_unread_mentions(event: DemonstrationFilled) -> None:
    """Notices of the mentions that the demonstration's members have not read yet, as if they had come one by one."""
    read = Reading.objects.filter(member=OuterRef("member"), room=OuterRef("message__room")).values("version")
    mentions = Mention.objects.annotate(read=Coalesce(Subquery(read), 0)).filter(message__created_version__gt=F("read"))
    Notice.objects.bulk_create(
        [
            Notice(
                member_id=mention.member_id,
                message_id=mention.message_id,
                kind=Notice.Kind.MENTION,
                created_at=mention.message.posted_at,
            )
            for mention in mentions.select_related("message")
        ],
        ignore_conflicts=True,
    )


def withdraw_notices(event: MessageRemoved) -> None:
    """Nobody is told of a message that is gone."""
    notices = Notice.objects.filter(message=event.message)
    members = tuple(sorted(notices.values_list("member_id", flat=True)))
    if members:
        notices.delete()
        publish(NoticesChanged(members=members))


def settle_notices_of_many(event: MessagesChanged) -> None:
    """The same, of many messages in one act."""
    about = Notice.objects.filter(message__in=[message for _, message in event.changed])
    members = tuple(about.order_by("member").values_list("member_id", flat=True).distinct())
    if members:
        publish(NoticesChanged(members=members))


def settle_notices(event: MessageHidden | MessageRestored) -> None:
    """Notices of a hidden message do not count while it is hidden, and count again when it is restored."""
    members = tuple(Notice.objects.filter(message=event.message).order_by("member").values_list("member_id", flat=True))
    if members:
        publish(NoticesChanged(members=members))


@transaction.atomic
def see_notices(member: Member) -> None:
    """The member has looked at them all."""
    mark_seen(member.pk, unseen_notices(member))


def see_what_was_read(event: RoomRead) -> None:
    """Who has read the message itself needs no notice of it any more, unless an edit may have named them since."""
    read = Message.objects.filter(room=event.room, created_version__lte=event.version, revisions=None)
    mark_seen(event.member, Notice.objects.filter(member=event.member, seen_at=None, message__in=read))


def mark_seen(member: int, notices: QuerySet[Notice]) -> None:
    if notices.update(seen_at=timezone.now()):
        publish(NoticesChanged(members=(member,)))


def notices_for(member: Member) -> QuerySet[Notice]:
    """A member's notices that stand and that they may still read, newest first."""
    now = timezone.now()
    is_for_them = open_to(member, now, moderates=not may_moderate(member, now), administers=is_administrator(member))
    return Notice.objects.filter(is_for_them).order_by("-created_at", "-pk")


def open_to(member: Member | int, now: datetime, *, moderates: bool, administers: bool) -> Q:
    """The rule for a notice that its member may still read."""
    of_messages = Q(message__removed_at=None, message__hidden_at=None) & readable_by(member, "message__", now)
    of_groups = Q(message=None, room=None, group__in=groups_known_to(member, now)) & may_still_answer(member, now)
    of_rooms = Q(message=None, room__in=rooms_for(member, now))
    # Whom those concern was settled when they were recorded; what they lead to asks again.
    of_moderation = Q(decision__isnull=False) | Q(kind=Notice.Kind.OUTCOME) | Q(slip__isnull=False)
    noticed = of_messages | of_groups | of_rooms | of_moderation | Q(proposal__isnull=False)
    if moderates:
        noticed |= Q(kind=Notice.Kind.CASE) | Q(newcomer__isnull=False)
    if administers:
        noticed |= Q(complaint__isnull=False)
    return noticed & Q(member=member)


def may_still_answer(member: Member | int, now: datetime) -> Q:
    """Who asks to join concerns the leaders, while they lead."""
    led = memberships_of(member, now).filter(role=Membership.Role.LEADER).values("group")
    return ~Q(kind=Notice.Kind.ASKS) | Q(group__in=led)


def unseen_notices(member: Member) -> QuerySet[Notice]:
    return notices_for(member).filter(seen_at=None)


def count_unseen(member: Member) -> int:
    """How many there are, for the badge on every page."""
    now = timezone.now()
    if may_moderate(member, now):
        return len(unseen_by_most(member.pk, now))
    return len(
        unseen_by_administrators(member.pk, now) if is_administrator(member) else unseen_by_moderators(member.pk, now)
    )


@written_once
def unseen_by_most(member_id: int, now: datetime) -> QuerySet[Notice]:
    return unseen(open_to(member_id, now, moderates=False, administers=False))


@written_once
def unseen_by_moderators(member_id: int, now: datetime) -> QuerySet[Notice]:
    return unseen(open_to(member_id, now, moderates=True, administers=False))


@written_once
def unseen_by_administrators(member_id: int, now: datetime) -> QuerySet[Notice]:
    return unseen(open_to(member_id, now, moderates=True, administers=True))


def unseen(rule: Q) -> QuerySet[Notice]:
    return Notice.objects.filter(rule, seen_at=None).only("pk")
