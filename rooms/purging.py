"""What rooms keep of a message's words, for a purge: see members/purging.py."""

import re

from django.core.cache import caches
from django.utils import timezone

from events.catalogue import WaitingChanged
from events.publish import publish
from members.purging import Counts, Purge
from members.traces import Traces, holds, resembles
from rooms.access import message_of_nobody
from rooms.actions.moderating import cut_quotation, purge_message
from rooms.files import storage
from rooms.models import File, HeldPost, Message, Revision, SetAside

QUOTED = re.compile(r"(?:^[ \t]{0,3}>.*(?:\n|\Z))+", re.MULTILINE)
"""Lines of a quotation, together: their words go on from one to the next."""
MOST_LOOKED_AT = 5_000
"""Messages of the group that are looked through for quotations, the next after it first."""


def purge_words(purge: Purge) -> Counts:
    """The text, its HTML, earlier wordings, names and descriptions of files, mentions, reactions; first words in replies."""
    found = message_of_nobody(purge.message)
    if found is None:
        purge_message(purge.message, purge.because)
        return {"The message": 0}
    message, _ = found
    counts = {
        "The message": 0 if message.removed_at else 1,
        "Earlier wordings": message.revisions.count(),
        "Mentions": message.mentions.count(),
        "Reactions": message.reactions.count(),
        "Replies that showed its first words": message.replies.count(),
        "Files, with their names and descriptions": message.files.filter(discarded_at=None).count(),
    }
    purge_message(message.pk, purge.because)
    SetAside.objects.filter(message=message.pk).delete()
    return counts


def purge_files(purge: Purge) -> Counts:
    """What was stored of its files and small pictures, in the folder or the bucket. Raises OSError while that is away."""
    storage.remove(purge.stored)
    File.objects.filter(message=purge.message, discarded_at__isnull=False, stored_name__in=purge.stored).delete()
    return {"Stored files and small pictures": len(purge.stored)}


def purge_quotations(purge: Purge) -> Counts:
    """What other messages repeat of it, where a guardian chose so. Rooms in one order, so that nobody waits in a circle."""
    chosen = Message.objects.filter(pk__in=purge.quoting).order_by("room", "pk")
    cut = 0
    for message in chosen:
        text, without = message.text, without_quotations(message.text, purge.traces)
        wordings = [each.pk for each in message.revisions.all() if resembles(purge.traces, each.text)]
        if text != without or wordings:
            cut_quotation(message.pk, without, wordings, purge.because)
            cut += 1
    return {"Quotations in other messages": cut}


def without_quotations(text: str, traces: Traces) -> str:
    """A text without the quotations that repeat those words; empty where they stand outside a quotation too."""
    cut = QUOTED.sub(lambda found: "" if resembles(traces, found[0]) else found[0], text)
    if holds(traces, cut):
        return ""
    return text if cut == text else cut.strip()


def purge_held(purge: Purge) -> Counts:
    """Posts that wait for a moderator's look, or were declined, and repeat the words: they cannot be let through any more."""
    going = [held.pk for held in HeldPost.objects.exclude(text="") if holds(purge.traces, held.text)]
    HeldPost.objects.filter(pk__in=going).update(
        text="", state=HeldPost.State.TAKEN_BACK, answered_at=timezone.now(), answer=""
    )
    publish(WaitingChanged())
    return {"Posts that waited for a moderator's look": len(going)}


def purge_set_aside(purge: Purge) -> Counts:
    """What was set aside because the law requires it to be kept: no such duty is about who a patient is (docs/legal-hold.md)."""
    rows = SetAside.objects.filter(set_aside_at__gte=purge.posted_at)
    going = [each.pk for each in rows if each.message == purge.message or holds(purge.traces, each.text)]
    SetAside.objects.filter(pk__in=going).delete()
    return {"Kept because the law requires it": len(going)}


def purge_catch_up(_: Purge) -> Counts:
    """Answers drawn in this process for who was away. They are of older versions, for which nobody asks any more."""
    caches["catch_up"].clear()
    return {}


def repeating(message: Message, traces: Traces) -> list[Message]:
    """Messages of the group, posted since, that repeat words of this one now or before an edit; for somebody to choose from."""
    since = Message.objects.filter(
        room__group=message.room.group_id, posted_at__gte=message.posted_at, removed_at=None
    ).exclude(pk=message.pk)
    others = since.select_related("author", "room").order_by("posted_at", "pk")[:MOST_LOOKED_AT]
    edited = Revision.objects.filter(message__in=since).order_by("pk")[:MOST_LOOKED_AT]
    before = {each.message_id for each in edited if resembles(traces, each.text)}
    return [other for other in others if other.pk in before or without_quotations(other.text, traces) != other.text]
