"""What members do with files: bring one into a room, take it back, post it with a message; and what becomes of the rest.

A row stands for as long as anything is stored under its names: it is written before and deleted after. So whatever
breaks off in between leaves a row that the sweep finds, and never bytes that nobody knows of.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import File as Content
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from events.catalogue import FilesDiscarded
from events.publish import publish
from members import permissions
from members.limits import Allowance, Limits
from members.models import Member
from members.permissions import allow
from members.refusals import AboutWords, BadRequest, NotAllowed, NotHere, TooFast, TryAgain
from members.screens import Draft, pass_screens
from rooms.access import file_for, standing_in
from rooms.commands import Attached, UploadFile
from rooms.files import storage
from rooms.files.ready import Ready, cleaned_name, made_ready, most_bytes, spooled, too_large
from rooms.files.text import text_in
from rooms.files.viruses import look_for_viruses
from rooms.models import File, FileQuerySet, HeldPost, Message
from rooms.preserving import set_aside_files
from rooms.threads import give_back_connections

log = logging.getLogger(__name__)

KEPT_UNPOSTED = timedelta(days=2)
"""A browser keeps words and files that could not be sent for a day (outbox.js); whoever comes back then finds them here."""
AT_A_TIME = 200

uploading = Limits(Allowance(burst=settings.UPLOADS_AT_ONCE, a_minute=settings.UPLOADS_A_MINUTE))


def upload_file(uploader: Member, command: UploadFile) -> File:
    """Bring a file into a room, where it is the uploader's alone until they post it with a message.

    Cheap questions come first, so that nobody makes us unpack pictures where they may not post. Raises NotHere,
    NotAllowed, TooFast, TooLarge, a screen's Refused for the name, BadRequest for the content, TryAgain.
    """
    allow_upload(uploader, command.room)
    if command.announced > most_bytes():
        raise too_large()
    if not uploading.allow(uploader.pk):
        raise TooFast("That was a lot of files in a short time. Wait a minute, then attach this one again.")
    name = cleaned_name(command.name)
    pass_screens(Draft(uploader, name, "file", command.room, command.answered))
    # A picture may wait for its turn to be drawn: a pool's worth of them would leave no connection for anybody.
    give_back_connections()
    with spooled(command.content) as content:
        look_for_viruses(content)
        ready = made_ready(name, content)
        look_into(uploader, ready, command)
        file = record(uploader, command.room, ready)
        store(file, ready)
    return file


def look_into(uploader: Member, ready: Ready, command: UploadFile) -> None:
    """The screens look at what stands in a document too. Raises a screen's Refused, in words about the file."""
    words = text_in(ready.kind, ready.content)
    if not words:
        return
    try:
        pass_screens(Draft(uploader, words, "file", command.room, command.answered))
    except AboutWords as refused:
        # Its places are those of a text that nobody has on the screen.
        raise type(refused)(f"In this file: {refused.words}", code=refused.code) from None


def allow_upload(uploader: Member, room_id: int) -> None:
    """Who may post here may bring files. Raises NotHere, NotAllowed."""
    standing = standing_in(uploader, room_id)
    allow(permissions.may_post(standing.member, standing.membership, standing.room, timezone.now()))


@transaction.atomic
def record(uploader: Member, room_id: int, ready: Ready) -> File:
    """The row, before anything is stored under its names. Much may have happened since the first question."""
    allow_upload(uploader, room_id)
    now = timezone.now()
    today = File.objects.filter(uploader=uploader, uploaded_at__gt=now - timedelta(days=1))
    brought = today.aggregate(bytes=Sum("size"))["bytes"] or 0
    if brought + ready.size > settings.UPLOADS_MB_A_DAY * 2**20:
        raise NotAllowed(
            f"You have shared {settings.UPLOADS_MB_A_DAY} MB within a day, which is the most. Try again tomorrow.",
            code="files_a_day",
        )
    return File.objects.create(
        room_id=room_id,
        uploader=uploader,
        name=ready.name,
        kind=ready.kind,
        size=ready.size,
        width=ready.width,
        height=ready.height,
        stored_name=storage.random_name(),
        uploaded_at=now,
    )


def store(file: File, ready: Ready) -> None:
    """The bytes, under the names that the row has for them. Raises TryAgain."""
    try:
        for name, content in zip(file.stored_names, (ready.content, ready.thumbnail), strict=False):
            storage.files_storage().save(name, Content(content))
    except OSError as error:
        log.warning("A file was not stored: %s", error.strerror)
        with transaction.atomic():
            discard(File.objects.filter(pk=file.pk))
        raise TryAgain("The server could not keep this file just now. Try again in a moment.") from error


def attach_files(to: Message | HeldPost, wanted: Sequence[Attached]) -> None:
    """Give a new message its files: its author's own, brought into its room, not posted yet. Raises BadRequest.

    One statement takes them, so that neither the sweep nor a second message can take them at the same time.
    """
    if not wanted:
        return
    place = {"message": to} if isinstance(to, Message) else {"held": to}
    mine = File.objects.filter(pk__in=[each.file for each in wanted], room=to.room_id)
    if mine.unposted_by(to.author).update(**place) < len(wanted):
        raise BadRequest(
            "A file of this message is no longer here. Remove it and attach it again.", code="file_gone", field="files"
        )
    for each in wanted:
        if each.description:
            File.objects.filter(pk=each.file).update(description=each.description)


def pictures_among(uploader: Member, wanted: Sequence[Attached]) -> int:
    """How many of the uploader's own files are pictures."""
    mine = File.objects.filter(pk__in=[each.file for each in wanted]).unposted_by(uploader)
    return mine.exclude(width=None).count()


@transaction.atomic
def take_back_file(uploader: Member, file_id: int) -> None:
    """Remove one's own file before it was posted; after that it goes with its message. Raises NotHere."""
    file = file_for(uploader, file_id)
    if not discard(File.objects.filter(pk=file.pk).unposted_by(uploader)):
        raise NotHere


def discard(files: FileQuerySet) -> int:
    """From now on nobody can have them; what is stored goes after the commit. Returns how many they were."""
    now = timezone.now()
    ids = tuple(files.values_list("pk", flat=True))
    if ids:
        set_aside_files(files)
    discarded = files.update(discarded_at=now, name="", description="") if ids else 0
    if discarded:
        publish(FilesDiscarded(files=ids))
    return discarded


def remove_discarded(event: FilesDiscarded) -> None:
    """TELL: what was stored of them goes, and then the rows."""
    remove_stored(File.objects.filter(pk__in=event.files, discarded_at__isnull=False))


def remove_stored(files: FileQuerySet) -> None:
    """But for what the law requires to be kept: it stays stored, nobody's, until the sweep after the hold."""
    for file in files.not_preserved()[:AT_A_TIME]:
        try:
            storage.remove(file.stored_names)
        except OSError as error:
            log.warning("File %s was not deleted: %s", file.pk, error.strerror)
            continue  # The sweep comes back to it.
        file.delete()


def sweep_files(now: datetime | None = None) -> None:
    """What was never posted, and what was discarded and is still stored because something broke off."""
    long_ago = (now or timezone.now()) - KEPT_UNPOSTED
    forgotten = File.objects.filter(message=None, held=None, discarded_at=None, uploaded_at__lt=long_ago)
    with transaction.atomic():
        discard(forgotten)
    remove_stored(File.objects.filter(discarded_at__isnull=False))
