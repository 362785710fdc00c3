"""What is done to messages and rooms by those who keep the peace. Moderation decides who may and why; this does it.

Each says why (`Because`) and publishes PowerUsed in its own transaction, so that it stands in the record or does not happen.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import (
    Because,
    HeldPostsAnswered,
    MessageHidden,
    MessageRestored,
    MessagesChanged,
    PowerUsed,
    PowerUsedOnMany,
    QuoteChanged,
    RoomChanged,
    WaitingChanged,
)
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import NotAllowed, NotHere
from rooms.access import (
    held_membership,
    held_post,
    held_room,
    held_rooms_of,
    locked_waiting,
    message_of_nobody,
    standing_in,
)
from rooms.actions.messages import (
    Drawn,
    add,
    advance,
    draw,
    redraw_replies,
    take_away,
    take_next_version,
)
from rooms.commands import Attached, PostMessage
from rooms.models import HeldPost, Membership, Message, Room

LONGEST_ANSWER = 600

AT_ONCE = 200
"""Messages that one statement changes."""


@transaction.atomic
def hide_message(message_id: int, because: Because) -> Message:
    """Take a message from every screen at once; its words are kept, so that it can be restored. Raises NotHere, NotAllowed."""
    message, room = held_message(message_id)
    if message.removed_at:
        raise NotAllowed("This message was removed already.")
    if message.hidden_at:
        return message
    message.hidden_at = timezone.now()
    message.pinned_at = message.pinned_by = None
    take_next_version(message, room, "hidden_at", "pinned_at", "pinned_by")
    publish(MessageHidden(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
    redraw_replies(message, room)
    used("hide", message, room, because)
    return message


@transaction.atomic
def restore_message(message_id: int, because: Because) -> Message:
    """Show a hidden message again, in its old place. Raises NotHere, NotAllowed."""
    message, room = held_message(message_id)
    if message.removed_at:
        raise NotAllowed("This message was removed for good. It cannot be restored.")
    if not message.hidden_at:
        return message
    message.hidden_at = None
    take_next_version(message, room, "hidden_at")
    publish(MessageRestored(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
    redraw_replies(message, room)
    used("restore", message, room, because)
    return message


@transaction.atomic
def hide_messages(messages: Collection[int], because: Because) -> list[Message]:
    """Take many messages from every screen in one act: as many queries for a thousand as for ten. Returns those it hid."""
    rooms = held_rooms_of(messages)
    found = Message.objects.standing().kept().filter(pk__in=messages, room__in=rooms).select_related("room").in_order()
    hidden = list(found)
    now = timezone.now()
    for message in hidden:
        message.hidden_at = now
        message.pinned_at = message.pinned_by = None
    change_many(hidden, rooms, "hidden_at", "pinned_at", "pinned_by")
    used_on_many("hide", hidden, because)
    return hidden


@transaction.atomic
def restore_messages(decisions: Mapping[int, int], because: Because) -> list[Message]:
    """Show many hidden messages again, in their places. `decisions`: message → the decision that hid it, now taken back.

    Those that were removed meanwhile, or restored one by one, stay as they are.
    """
    rooms = held_rooms_of(decisions)
    found = Message.objects.kept().filter(pk__in=decisions, room__in=rooms, removed_at=None).exclude(hidden_at=None)
    restored = list(found.select_related("room").in_order())
    for message in restored:
        message.hidden_at = None
    change_many(restored, rooms, "hidden_at")
    used_on_many("restore", restored, because, [decisions[message.pk] for message in restored])
    return restored


def change_many(messages: Iterable[Message], rooms: Iterable[Room], *changed: str) -> None:
    """Save the changed fields of messages in locked rooms, each under a version of its own, and so the replies to them.

    Versions rise above all that are taken, so no two rows hold the same one in between.
    """
    changed_there: defaultdict[int, list[Message]] = defaultdict(list)
    for message in messages:
        changed_there[message.room_id].append(message)
    of_all = [message.pk for of_room in changed_there.values() for message in of_room]
    quoting: defaultdict[int, list[Message]] = defaultdict(list)
    for reply in Message.objects.standing().filter(reply_to__in=of_all).exclude(pk__in=of_all).in_order():
        quoting[reply.room_id].append(reply)
    for room in rooms:
        in_order = [*changed_there[room.pk], *quoting[room.pk]]
        if not in_order:
            continue
        for version, message in enumerate(in_order, room.version + 1):
            message.version = version
        Message.objects.bulk_update(changed_there[room.pk], ["version", *changed], batch_size=AT_ONCE)
        Message.objects.bulk_update(quoting[room.pk], ["version"], batch_size=AT_ONCE)
        room.version += len(in_order) - 1
        advance(room)
        publish(
            MessagesChanged(
                room=room.pk,
                group=room.group_id,
                changed=tuple((message.version, message.pk) for message in in_order),
            )
        )


def used_on_many(act: str, messages: Iterable[Message], because: Because, undoing: Iterable[int] = ()) -> None:
    on = tuple((message.author_id, message.room.group_id, message.room_id, message.pk) for message in messages)
    if on:
        publish(PowerUsedOnMany(act=act, because=because, on=on, undoing=tuple(undoing)))


@transaction.atomic
def take_down_message(message_id: int, because: Because) -> Message:
    """Remove a message for good: words, earlier wordings, files, mentions, reactions. Raises NotHere, NotAllowed."""
    message, room = held_message(message_id)
    if message.removed_at:
        raise NotAllowed("This message was removed already.")
    take_away(message, room, by_moderator=True)
    used("remove", message, room, because)
    return message


@transaction.atomic
def take_down_messages(messages: Collection[int], because: Because, still: QuerySet[Message]) -> int:
    """Remove many for good in one act: those that are `still` so when their rooms are locked. Returns how many."""
    rooms = {room.pk: room for room in held_rooms_of(messages)}
    standing = still.filter(pk__in=messages, room__in=list(rooms))
    found = list(standing.select_related("room").order_by("room", "created_version"))
    for message in found:
        take_away(message, rooms[message.room_id], by_moderator=True)
    used_on_many("remove", found, because)
    return len(found)


@transaction.atomic
def purge_message(message_id: int, because: Because) -> None:
    """Remove the words of a message for good, whatever became of it before. Where nothing is left, only the record says so."""
    found = message_of_nobody(message_id)
    if found is None:
        publish(PowerUsed(act="purge", because=because))
        return
    message, room = found
    if not message.removed_at:
        take_away(message, room, by_moderator=True)
    used("purge", message, room, because)


@transaction.atomic
def cut_quotation(message_id: int, text: str, wordings: Sequence[int], because: Because) -> None:
    """Leave a message with this text, without what it quoted, and without these earlier wordings; one left empty goes."""
    found = message_of_nobody(message_id)
    if found is None or found[0].removed_at:
        return
    message, room = found
    if text.strip():
        message.revisions.filter(pk__in=wordings).delete()
        # Drawn anew when it is read.
        message.text, message.html, message.html_version = text, "", 0
        take_next_version(message, room, "text", "html", "html_version")
        publish(QuoteChanged(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
        redraw_replies(message, room)
    else:
        take_away(message, room, by_moderator=True)
    used("purge", message, room, because)


@transaction.atomic
def silence_in_group(member_id: int, group_id: int, until: datetime | None, because: Because) -> Membership:
    """Let somebody read a group and not write in it, until then; None lets them write again. Raises NotHere."""
    membership = held_membership(member_id, group_id)
    if membership is None:
        raise NotHere
    membership.silenced_until = until
    membership.save(update_fields=["silenced_until"])
    act = "silence" if until else "end_silence"
    publish(PowerUsed(act=act, because=because, about=member_id, group=group_id, until=until))
    return membership


@transaction.atomic
def lock_by_moderator(room_id: int, because: Because, *, on: bool) -> Room:
    """Leave writing in a room to leaders and moderators, or give it back to everybody. Raises NotHere."""
    room = held_room(room_id)
    if room is None:
        raise NotHere
    if on == (room.locked_at is not None):
        return room
    advance(room, changed_version=room.version + 1, locked_at=timezone.now() if on else None)
    publish(RoomChanged(room=room.pk, group=room.group_id, version=room.version))
    act = "lock" if on else "unlock"
    publish(PowerUsed(act=act, because=because, group=room.group_id, room=room.pk))
    return room


def let_through(held_id: int, by: Member) -> Message:
    """Post what waited, with the time and the version of now; whoever may write in the room is asked again.

    What was declined can be let through too, as long as its words are kept. Raises NotHere, NotAllowed.
    """
    text = HeldPost.objects.filter(pk=held_id).values_list("text", flat=True).first()
    if text is None:
        raise NotHere
    drawn = draw(text, Room.objects.filter(held_posts=held_id))
    with transaction.atomic():
        held = held_post(held_id)
        if held.state not in (HeldPost.State.WAITING, HeldPost.State.DECLINED):
            raise NotAllowed("Somebody has answered this already.")
        files = tuple(Attached(file.pk) for file in held.files.filter(discarded_at=None))
        held.files.update(held=None)
        message = post_for(held, drawn, files)
        held.state, held.text, held.answered_at, held.answered_by = HeldPost.State.POSTED, "", message.posted_at, by
        held.save(update_fields=["state", "text", "answered_at", "answered_by"])
        publish(WaitingChanged())
    return message


def post_for(held: HeldPost, drawn: Drawn, files: tuple[Attached, ...]) -> Message:
    """The message, as if its author sent it now. Raises NotAllowed where they may not any longer."""
    now = timezone.now()
    command = PostMessage(held.client_id, held.room_id, held.text, held.reply_to_id, files)
    try:
        standing = standing_in(held.author, held.room_id, locked=True)
        allow(permissions.may_post(standing.member, standing.membership, standing.room, now))
        return add(standing, command, drawn, now)
    except (NotHere, NotAllowed) as refused:
        raise NotAllowed("Its author may no longer write this there, so it cannot be posted. Decline it.") from refused


@transaction.atomic
def decline(posts: QuerySet[HeldPost], because: Because) -> int:
    """Do not let through what waits of these posts: one decision for each author, however many they are. Returns how many.

    Each author goes on seeing their own words, with the reason, for a while.
    """
    waiting = locked_waiting(posts)
    answer = f"{because.reason}\n{because.words}".strip()
    HeldPost.objects.filter(pk__in=[pk for pk, *_ in waiting]).update(
        state=HeldPost.State.DECLINED,
        answered_at=timezone.now(),
        answered_by=because.by,
        answer=answer[:LONGEST_ANSWER],
    )
    for author, theirs in groupby(waiting, key=lambda row: row[1]):
        tell_declined(author, list(theirs), because, answer)
    publish(WaitingChanged())
    return len(waiting)


def tell_declined(author: int, posts: list[tuple[int, int, UUID, int, int]], because: Because, answer: str) -> None:
    rooms, groups = {room for *_, room, _ in posts}, {group for *_, group in posts}
    client_ids = tuple(str(client_id) for _, _, client_id, _, _ in posts)
    publish(HeldPostsAnswered(author, client_ids, HeldPost.State.DECLINED, answer))
    publish(
        PowerUsed(
            act="decline",
            because=because,
            about=author,
            room=rooms.pop() if len(rooms) == 1 else None,
            group=groups.pop() if len(groups) == 1 else None,
        )
    )


@transaction.atomic
def hold_room(room_id: int, because: Because, *, on: bool) -> Room:
    """Have what is posted in a room wait for a look, or let it appear at once again. Raises NotHere."""
    room = held_room(room_id)
    if room is None:
        raise NotHere
    if on == (room.held_at is not None):
        return room
    advance(room, changed_version=room.version + 1, held_at=timezone.now() if on else None)
    publish(RoomChanged(room=room.pk, group=room.group_id, version=room.version))
    publish(PowerUsed(act="hold" if on else "end_hold", because=because, group=room.group_id, room=room.pk))
    return room


@transaction.atomic
def slow_room(room_id: int, seconds: int, because: Because) -> Room:
    """Let each member write in a room once in so many seconds; 0: as often as they like. Raises NotHere."""
    room = held_room(room_id)
    if room is None:
        raise NotHere
    if room.slow_seconds == seconds:
        return room
    advance(room, changed_version=room.version + 1, slow_seconds=seconds)
    publish(RoomChanged(room=room.pk, group=room.group_id, version=room.version))
    publish(PowerUsed(act="slow" if seconds else "end_slow", because=because, group=room.group_id, room=room.pk))
    return room


def held_message(message_id: int) -> tuple[Message, Room]:
    """A message that its room still keeps, with the room locked for this transaction. Raises NotHere."""
    found = message_of_nobody(message_id)
    if found is None or found[0].cleared_at:
        raise NotHere
    return found


def used(act: str, message: Message, room: Room, because: Because) -> None:
    publish(
        PowerUsed(
            act=act, because=because, about=message.author_id, group=room.group_id, room=room.pk, message=message.pk
        )
    )
