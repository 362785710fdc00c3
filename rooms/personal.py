"""What rooms keep of a member: for the copy they take along, and for erasing it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import IO

from django.db import transaction
from django.db.models import QuerySet

from events.catalogue import NameErased, ReactionSet, WaitingChanged
from events.publish import publish
from frontend.text import rename_mention
from members.copies import Part, Row
from members.models import Member
from rooms.access import message_of_nobody
from rooms.actions.files import discard
from rooms.actions.groups import end_membership
from rooms.actions.messages import take_away, take_next_version
from rooms.actions.waiting import discard_files_of
from rooms.files.storage import files_storage
from rooms.models import File, HeldPost, JoinRequest, Mention, Message, Reaction, Revision, SetAside
from rooms.preserving import set_aside, set_aside_badge, set_aside_held

AT_A_TIME = 500
NOBODY = "former-member"
"""Stands where a message mentioned them."""


def kept_in_rooms(member: Member) -> Iterator[Part]:
    """Groups, messages with their earlier wordings, files, reactions, mentions, reading positions, requests to join."""
    memberships = member.memberships.filter(group__direct_key=None).select_related("group").order_by("joined_at")
    yield Part(
        "groups",
        "Your groups",
        [
            {
                "group": each.group.name,
                "role": each.get_role_display(),
                "since": each.joined_at,
                "leads_until": each.leads_until,
            }
            for each in memberships
        ],
    )
    yield Part("messages", "What you wrote", messages_of(member))
    held = HeldPost.objects.filter(author=member).exclude(text="").order_by("pk").select_related("room")
    yield Part(
        "held_posts",
        "What you wrote and a moderator has to look at first",
        [
            {
                "room": each.room.name,
                "text": each.text,
                "sent": each.held_at,
                "why": each.why,
                "state": each.get_state_display(),
                "answered": each.answered_at,
                "answer": each.answer,
            }
            for each in held
        ],
    )
    revisions = Revision.objects.filter(message__author=member).order_by("pk")
    yield Part(
        "earlier_wordings", "What your messages said before an edit", revisions.values("message", "text", "replaced_at")
    )
    reactions = Reaction.objects.filter(member=member).order_by("pk").select_related("message__room")
    yield Part(
        "reactions",
        "Your reactions",
        [
            {"message": each.message_id, "room": each.message.room.name, "reaction": each.get_reaction_display()}
            for each in reactions
        ],
    )
    shared = list(member.files.filter(discarded_at=None).order_by("pk"))
    yield Part("files", "Files you shared", map(about_file, shared), [packed(file) for file in shared])
    mentions = Mention.objects.filter(member=member).order_by("pk")
    yield Part(
        "mentions", "Messages that mention you", mentions.values("message", "message__room__name", "message__posted_at")
    )
    kept = SetAside.objects.filter(author=member).order_by("pk")
    yield Part(
        "kept_by_law",
        "What you removed and the law requires to be kept",
        [{"what": each.get_what_display(), "text": each.text, "from": each.said_at} for each in kept],
    )
    readings = member.readings.order_by("pk").values("room__name", "version")
    yield Part("readings", "How far you have read", readings)
    requests = JoinRequest.objects.filter(member=member).order_by("pk")
    yield Part(
        "join_requests", "Groups you asked to join", requests.values("group__name", "words", "asked_at", "accepted")
    )


def messages_of(member: Member) -> Iterator[Row]:
    """Their messages as they typed them, the oldest first."""
    kept = Message.objects.kept().filter(author=member, moved_to=None)
    written = kept.select_related("room__group").order_by("posted_at", "pk")
    for message in written.iterator(AT_A_TIME):
        yield {
            "message": message.pk,
            "group": "Direct conversation" if message.room.group.is_direct else message.room.group.name,
            "room": message.room.name,
            "posted": message.posted_at,
            "edited": message.edited_at,
            "removed": message.removed_at,
            "as": message.badge,
            "answers": message.reply_to_id,
            "text": message.text,
        }


def about_file(file: File) -> Row:
    return {
        "file": place_of(file),
        "message": file.message_id,
        "description": file.description,
        "shared": file.uploaded_at,
    }


def packed(file: File) -> tuple[str, Callable[[], AbstractContextManager[IO[bytes]]]]:
    return place_of(file), partial(files_storage().open, file.stored_name)


def place_of(file: File) -> str:
    """Its name in the copy: two files may be called the same."""
    return f"{file.pk} {file.name}"


def erase_from_rooms(member: Member, with_messages: bool) -> None:
    """Memberships first, so that they hear and write no more; then what they wrote and did, message after message.

    Each message changes under a version of its own, so that it changes on every open screen too.
    """
    leave_all(member)
    discard_unposted(member)
    for message in ids(Message.objects.filter(author=member)):
        erase_message(message, with_words=with_messages)
    for message in ids(Message.objects.filter(reactions__member=member)):
        erase_reactions(message, member)
    for message in ids(Message.objects.filter(mentions__member=member)):
        erase_mention(message, member)
    for kept in (member.readings, member.join_requests):
        kept.all().delete()


def ids(messages: QuerySet[Message]) -> list[int]:
    return list(messages.order_by("pk").values_list("pk", flat=True).distinct())


@transaction.atomic
def leave_all(member: Member) -> None:
    for membership in member.memberships.all():
        end_membership(membership)


@transaction.atomic
def discard_unposted(member: Member) -> None:
    """What they brought and did not post, and what waits for a look; what they posted goes or stays with its message."""
    held = HeldPost.objects.filter(author=member)
    discard_files_of(list(held.values_list("pk", flat=True)))
    set_aside_held(held)
    held.delete()
    publish(WaitingChanged())
    discard(File.objects.unposted_by(member))


@transaction.atomic
def erase_message(message_id: int, *, with_words: bool) -> None:
    """A message of theirs: its words too, or just whose they are and where that person worked."""
    found = message_of_nobody(message_id)
    if found is None:
        return
    message, room = found
    if with_words and not message.removed_at:
        take_away(message, room)
    set_aside_badge(message, room)
    message.profession = message.organisation_name = ""
    take_next_version(message, room, "profession", "organisation_name")
    publish(NameErased(room=room.pk, group=room.group_id, version=message.version, message=message.pk))


@transaction.atomic
def erase_reactions(message_id: int, member: Member) -> None:
    found = message_of_nobody(message_id)
    if found and found[0].reactions.filter(member=member).delete()[0]:
        message, room = found
        take_next_version(message, room)
        publish(ReactionSet(room=room.pk, group=room.group_id, version=message.version, message=message.pk))


@transaction.atomic
def erase_mention(message_id: int, member: Member) -> None:
    """Their handle in somebody else's words, also in what those words were before an edit."""
    found = message_of_nobody(message_id)
    if found and found[0].mentions.filter(member=member).delete()[0]:
        message, room = found
        set_aside(message, room)
        for revision in message.revisions.all():
            revision.text = rename_mention(revision.text, member.handle, NOBODY)
            revision.save(update_fields=["text"])
        message.text = rename_mention(message.text, member.handle, NOBODY)
        # Drawn anew when it is read.
        message.html_version = 0
        take_next_version(message, room, "text", "html_version")
        publish(NameErased(room=room.pk, group=room.group_id, version=message.version, message=message.pk))
