"""What the law requires to be kept: whatever destroys words asks here first.

A legal hold is on a member or a working group (moderation/legal.py); what they wrote, or what was said in it, is covered.
What is covered still goes from every screen when it is removed, cleared or erased, exactly as it would without a hold. But its
words are first set aside, in a table that no page reads, and stored files stay where they are. When the hold has ended both are
destroyed. What names a patient is purged all the same (docs/legal-hold.md).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, Q, QuerySet

from members.models import Erasure, Member
from rooms.models import File, FileQuerySet, HeldPost, Membership, Message, Room, SetAside, WorkingGroup

type Said = tuple[SetAside.What, str]


def is_preserved(author_id: int, group_id: int) -> bool:
    """Whether a hold covers what this member says in this group."""
    on_author = Exists(Member.objects.filter(pk=author_id, preserved_at__isnull=False))
    return WorkingGroup.objects.filter(Q(preserved_at__isnull=False) | on_author, pk=group_id).exists()


def set_aside(message: Message, room: Room) -> None:
    """The words of a message and what it said before edits. To be called before they go or change."""
    if is_preserved(message.author_id, room.group_id):
        what = SetAside.What
        wordings = [(what.WORDING, text) for text in message.revisions.order_by("pk").values_list("text", flat=True)]
        keep(message, room, [(what.MESSAGE, message.text), *wordings])


def set_aside_badge(message: Message, room: Room) -> None:
    """As what somebody wrote it."""
    if is_preserved(message.author_id, room.group_id):
        keep(message, room, [(SetAside.What.BADGE, message.badge)])


def keep(message: Message, room: Room, said: Iterable[Said]) -> None:
    SetAside.objects.bulk_create(
        row(
            what,
            message.pk,
            message.author_id,
            room.group_id,
            text,
            message.posted_at,
            message=message.pk,
            room=room.pk,
        )
        for what, text in said
        if text
    )


def set_aside_files(files: FileQuerySet) -> None:
    """Names and descriptions. What is stored of them stays: `FileQuerySet.not_preserved`."""
    kept = files.preserved().exclude(name="").select_related("room")
    SetAside.objects.bulk_create(
        row(
            SetAside.What.FILE,
            file.pk,
            file.uploader_id,
            file.room.group_id,
            f"{file.name}\n{file.description}".strip(),
            file.uploaded_at,
            message=file.message_id,
            room=file.room_id,
        )
        for file in kept
    )


def set_aside_held(posts: QuerySet[HeldPost]) -> None:
    """Posts that waited for a look, and that nobody else saw."""
    for held in posts.exclude(text="").select_related("room"):
        if is_preserved(held.author_id, held.room.group_id):
            group = held.room.group_id
            row(SetAside.What.HELD, held.pk, held.author_id, group, held.text, held.held_at, room=held.room_id).save()


def set_aside_membership(membership: Membership) -> None:
    """Who belonged to a group, as what and since when."""
    if is_preserved(membership.member_id, membership.group_id):
        as_what = membership.get_role_display()
        what, group = SetAside.What.MEMBERSHIP, membership.group_id
        row(what, membership.pk, membership.member_id, group, as_what, membership.joined_at).save()


def row(
    what: SetAside.What,
    number: int,
    author: int,
    group: int,
    text: str,
    said_at: datetime,
    *,
    message: int | None = None,
    room: int | None = None,
) -> SetAside:
    return SetAside(
        what=what,
        number=number,
        message=message,
        author_id=author,
        group_id=group,
        room_id=room,
        text=text,
        said_at=said_at,
    )


def covered(member: Member | None, group: WorkingGroup | None) -> Iterator[dict[str, Any]]:
    """All that a hold on a member or a group covers, for whom the law names: what stands, and what was set aside of it.

    Of a file, its name and what it is stored under. An erased author has the name that their receipt keeps meanwhile.
    """
    by_author, by_uploader = (Q(author=member), Q(uploader=member)) if member else (Q(), Q())
    inside = Q(room__group=group) if group else Q()
    messages = Message.objects.filter(by_author, inside, moved_to=None).exclude(text="")
    files = File.objects.filter(by_uploader, inside)
    aside = SetAside.objects.filter(by_author, Q(group=group) if group else Q())
    names = dict(Erasure.objects.exclude(kept_name="").values_list("member_id", "kept_name"))

    def line(
        what: str, author: Member, group: WorkingGroup, room: Room | None, text: str, **more: Any
    ) -> dict[str, Any]:
        who = names.get(author.pk, author.display_name)
        return {"what": what, "author": who, "group": group.name, "room": room and room.name, "text": text, **more}

    for message in messages.select_related("author", "room__group").order_by("pk").iterator(500):
        author, room = message.author, message.room
        more: dict[str, Any] = {"message": message.pk, "stands": True}
        for before in message.revisions.order_by("pk"):
            yield line("wording", author, room.group, room, before.text, until=str(before.replaced_at), **more)
        more |= {"said_at": str(message.posted_at), "badge": message.badge}
        yield line("message", author, room.group, room, message.text, **more)
    for file in files.select_related("uploader", "room__group").order_by("pk").iterator(500):
        more = {"message": file.message_id, "stands": file.discarded_at is None}
        more |= {"said_at": str(file.uploaded_at), "stored_as": file.stored_name}
        yield line("file", file.uploader, file.room.group, file.room, file.name, **more)
    for kept in aside.select_related("author", "group", "room").order_by("pk").iterator(500):
        more = {"message": kept.message, "stands": False}
        more |= {"said_at": str(kept.said_at), "set_aside_at": str(kept.set_aside_at)}
        yield line(kept.what, kept.author, kept.group, kept.room, kept.text, **more)


def keeps_of(member: Member) -> bool:
    """Whether something of a member is set aside."""
    return SetAside.objects.filter(author=member).exists()


def destroy_set_aside() -> int:
    """What no hold covers any more goes for good; stored files go with the next sweep. Returns how many."""
    return SetAside.objects.not_preserved().delete()[0]
