"""What members do with messages: post, edit, remove, pin, react. One verb, one function, every door calls it.

Each is one short transaction with the room row locked; rendering and screens, which may take milliseconds, come
before it. What it publishes is told after the commit; it returns after the commit too, so that an acknowledgement
can only be sent for what is stored.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.catalogue import MessageEdited, MessagePinned, MessagePosted, MessageRemoved, QuoteChanged, ReactionSet
from events.publish import publish
from frontend import text as member_text
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import NotHere, Refused, WouldWait
from members.screens import Draft, Hold, pass_screens, rewritten
from rooms.access import Standing, message_and_standing, message_there, standing_in, written_message
from rooms.actions.files import attach_files, discard, pictures_among
from rooms.actions.waiting import heed_slow_room, held_before, hold_there, keep_waiting
from rooms.commands import EditMessage, PinMessage, PostMessage, RemoveMessage, SetReaction
from rooms.drawing import message_html
from rooms.models import HeldPost, Membership, Mention, Message, Reaction, Revision, Room
from rooms.preserving import set_aside

EVERYONE = "room"
"""The handle that mentions every member of the group."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text made ready before the transaction: its HTML and whom it names."""

    html: str
    mentioned: tuple[int, ...]
    everyone: bool


def draw(text: str, rooms: QuerySet[Room]) -> Drawn:
    """Render a text for a room, with the members that it mentions by a handle that exists.

    Who is not listed is named only where they belong: elsewhere a handle tried out must not give their name away.
    """
    handles = member_text.names_mentioned(text)
    names = named_in(rooms, handles) if handles - {EVERYONE} else {}
    html = member_text.to_html(text, names=names)
    return Drawn(str(html), tuple(pk for pk, _ in names.values()), EVERYONE in handles)


def named_in(rooms: QuerySet[Room], handles: frozenset[str]) -> dict[str, tuple[int, str]]:
    """Handle → (id, name) of the members whom a text in these rooms may name."""
    belong = Q(pk__in=Membership.objects.filter(group__rooms__in=rooms).values("member"))
    named = Member.objects.filter(Q(is_listed=True) | belong, handle__in=handles, is_active=True, restricted_at=None)
    return {member.handle: (member.pk, member.display_name) for member in named}


def post_message(author: Member, command: PostMessage) -> Message | HeldPost:
    """Post a message into a room, or have it wait where a moderator has to look at it first.

    Sent again with the same client id (a lost answer, a reload), it answers with the first one, even where the author
    may no longer write: what was stored stays stored. That is asked only when something speaks against storing it, since
    nearly every post is new. Raises NotHere, NotAllowed, TooFast or another screen's Refused.
    """
    try:
        command = replace(command, text=rewritten(command.text))
        hold = pass_screens(draft_of(author, command))
        return store(author, command, draw(command.text, Room.objects.filter(pk=command.room)), hold)
    except (Refused, IntegrityError):
        posted = posted_before(author, command)
        if posted is None:
            raise
        return posted


def draft_of(author: Member, command: PostMessage) -> Draft:
    """What the screens look at. Only where there are files does the database know how many are pictures."""
    files = len(command.files)
    pictures = pictures_among(author, command.files) if files else 0
    return Draft(author, command.all_words, "message", command.room, command.answered, files, pictures)


def posted_before(author: Member, command: PostMessage) -> Message | HeldPost | None:
    """What became of the first one with this client id."""
    posted = Message.objects.filter(author=author, client_id=command.client_id).first()
    return posted or held_before(author, command)


@transaction.atomic
def store(author: Member, command: PostMessage, drawn: Drawn, hold: Hold | None) -> Message | HeldPost:
    """The transaction of a post."""
    now = timezone.now()
    standing = standing_in(author, command.room, locked=True)
    allow(permissions.may_post(standing.member, standing.membership, standing.room, now))
    if standing.has_held and (before := posted_before(author, command)):
        return before
    heed_slow_room(standing, now)
    hold = hold or hold_there(standing, now)
    if hold:
        return posted_before(author, command) or keep_waiting(standing, command, hold, now)
    return add(standing, command, drawn, now)


def add(standing: Standing, command: PostMessage, drawn: Drawn, now: datetime) -> Message:
    """The message, in its locked room."""
    replied = replied_message(standing, command.reply_to)
    room = advance(standing.room, last_message_at=now)
    message = Message.objects.create(
        room=room,
        version=room.version,
        created_version=room.version,
        author=standing.member,
        client_id=command.client_id,
        text=command.text,
        html=drawn.html,
        html_version=member_text.VERSION,
        reply_to=replied,
        profession=standing.member.profession_name,
        organisation_name=standing.member.organisation_name,
        mentions_everyone=drawn.everyone,
        posted_at=now,
    )
    attach_files(message, command.files)
    mentioned = record_mentions(standing, message, drawn)
    message.spare_lookups(mentions=bool(mentioned), files=bool(command.files))
    publish(
        MessagePosted(
            room=room.pk,
            group=room.group_id,
            version=room.version,
            message=message.pk,
            author=message.author_id,
            mentioned=mentioned,
            mentions_everyone=drawn.everyone,
            room_name=room.name,
            replied_to=replied.author_id if replied else None,
            client_id=str(message.client_id),
            posted_at=message.posted_at,
            html=message_html(message, 0),
            oldest_shown=message.oldest_shown,
            direct_to=others_in(standing) if standing.group.is_direct else (),
        )
    )
    return message


def others_in(standing: Standing) -> tuple[int, ...]:
    """All others in the group, for a direct conversation."""
    others = standing.group.memberships.exclude(member=standing.member).order_by("member")
    return tuple(others.values_list("member_id", flat=True))


def replied_message(standing: Standing, message_id: int | None) -> Message | None:
    """The message replied to, which has to stand in the same room. Raises NotHere."""
    if message_id is None:
        return None
    replied = message_there(standing, message_id)
    if replied is None:
        raise NotHere("The message you reply to is not in this room.")
    return replied


def advance(room: Room, **changed: object) -> Room:
    """Take the locked room's next version, and save it with whatever else changed."""
    room.version += 1
    room.moved_at = timezone.now()
    for field, value in changed.items():
        setattr(room, field, value)
    room.save(update_fields=["version", "moved_at", *changed])
    return room


def record_mentions(standing: Standing, message: Message, drawn: Drawn) -> tuple[int, ...]:
    """Keep whom the message names, of those who belong to the group and may read it. Returns their ids."""
    if not drawn.mentioned:
        return ()
    belong = standing.group.memberships.filter(member__in=drawn.mentioned).values_list("member_id", flat=True)
    kept_from = standing.room.readings.filter(member__in=drawn.mentioned, floor__gte=message.created_version)
    mentioned = tuple(sorted(belong.exclude(member__in=kept_from.values("member"))))
    Mention.objects.bulk_create(
        [Mention(message=message, member_id=member) for member in mentioned], ignore_conflicts=True
    )
    return mentioned


def edit_message(author: Member, command: EditMessage) -> Message:
    """Change one's own words; what they were is kept as a Revision.

    Raises NotHere, NotAllowed, WouldWait or a screen's Refused.
    """
    command = replace(command, text=rewritten(command.text))
    if pass_screens(Draft(author, command.text, "edit", answered=command.answered)):
        raise WouldWait
    return store_edit(author, command, draw(command.text, Room.objects.filter(messages=command.message)))


@transaction.atomic
def store_edit(author: Member, command: EditMessage, drawn: Drawn) -> Message:
    """The transaction of an edit."""
    message, standing = message_and_standing(author, command.message)
    now = timezone.now()
    allow(permissions.may_edit(standing.member, standing.membership, standing.room, message, now))
    if message.text == command.text:
        return message
    if hold_there(standing, now):
        raise WouldWait
    Revision.objects.create(message=message, text=message.text, version=message.version, replaced_at=now)
    message.text, message.html, message.html_version = command.text, drawn.html, member_text.VERSION
    message.mentions_everyone = drawn.everyone
    if message.edited_at or now - message.posted_at > permissions.FREE_EDIT:
        message.edited_at = now
    take_next_version(message, standing.room, "text", "html", "html_version", "mentions_everyone", "edited_at")
    message.mentions.all().delete()
    mentioned = record_mentions(standing, message, drawn)
    publish(
        MessageEdited(
            room=message.room_id,
            group=standing.group.pk,
            version=message.version,
            message=message.pk,
            author=author.pk,
            mentioned=mentioned,
        )
    )
    redraw_replies(message, standing.room)
    return message


def take_next_version(message: Message, room: Room, *changed: str) -> None:
    """Save the changed fields of a message under the locked room's next version."""
    message.version = advance(room).version
    message.save(update_fields=["version", *changed])


def redraw_replies(message: Message, room: Room) -> None:
    """Replies show the first words of what they answer, so they change with it, each under a version of its own.

    Otherwise removed words would stay on every screen that shows a reply to them.
    """
    for reply in message.replies.standing().order_by("created_version"):
        take_next_version(reply, room)
        publish(QuoteChanged(room=room.pk, group=room.group_id, version=reply.version, message=reply.pk))


@transaction.atomic
def remove_message(author: Member, command: RemoveMessage) -> Message:
    """Take one's own words away, with every earlier wording, file, mention, reaction and pin. The place stays, empty."""
    message, standing = message_and_standing(author, command.message)
    allow(permissions.may_remove(standing.member, message))
    if message.removed_at:
        return message
    return take_away(message, standing.room)


@transaction.atomic
def remove_written(author: Member, message_id: int) -> Message:
    """The same for what one wrote where one no longer reads. Removing twice changes nothing. Raises NotHere."""
    message, room = written_message(author, message_id)
    allow(permissions.may_remove(author, message))
    return message if message.removed_at else take_away(message, room)


def take_away(message: Message, room: Room, *, by_moderator: bool = False) -> Message:
    """The words of a message go, with all that hangs on them, from a room that is locked. The place stays, empty.

    Where a moderator does it, the place says so.
    """
    set_aside(message, room)
    message.removed_at = timezone.now()
    if by_moderator:
        message.hidden_at = message.hidden_at or message.removed_at
    message.text = message.html = ""
    message.pinned_at = message.pinned_by = None
    message.mentions_everyone = False
    changed = ("text", "html", "removed_at", "hidden_at", "pinned_at", "pinned_by", "mentions_everyone")
    take_next_version(message, room, *changed)
    message.revisions.all().delete()
    message.mentions.all().delete()
    message.reactions.all().delete()
    discard(message.files.all())
    publish(MessageRemoved(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
    redraw_replies(message, room)
    return message


@transaction.atomic
def pin_message(member: Member, command: PinMessage) -> Message:
    """Keep a message at hand for the room, or take it down again."""
    message, standing = message_and_standing(member, command.message)
    now = timezone.now()
    allow(permissions.may_pin(standing.member, standing.membership, standing.room, message, now))
    if command.on == (message.pinned_at is not None):
        return message
    message.pinned_at, message.pinned_by = (now, standing.member) if command.on else (None, None)
    take_next_version(message, standing.room, "pinned_at", "pinned_by")
    publish(MessagePinned(room=message.room_id, group=standing.group.pk, version=message.version, message=message.pk))
    return message


@transaction.atomic
def set_reaction(member: Member, command: SetReaction) -> Message:
    """Give a reaction or take it back. Doing it twice changes nothing."""
    message, standing = message_and_standing(member, command.message)
    allow(permissions.may_react(standing.member, standing.membership, standing.room, message, timezone.now()))
    given = message.reactions.filter(member=member, reaction=command.reaction)
    if command.on == given.exists():
        return message
    if command.on:
        Reaction.objects.create(message=message, member=member, reaction=command.reaction)
    else:
        given.delete()
    take_next_version(message, standing.room)
    publish(ReactionSet(room=message.room_id, group=standing.group.pk, version=message.version, message=message.pk))
    return message
