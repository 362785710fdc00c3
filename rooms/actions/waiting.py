"""What waits for a moderator's look before others see it, and how often one may write: what a post meets in its room.

A post that waits is a HeldPost and no Message: so nothing that shows, counts, finds or mails messages can give it away.
Moderators answer it in `rooms/actions/moderating.py`.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from events.catalogue import HeldPostsAnswered, WaitingChanged
from events.publish import publish
from members import permissions
from members.community.facts import the_community
from members.models import Member
from members.permissions import said_shortly
from members.refusals import NotAllowed, TooFast, WouldWait
from members.screens import Hold
from rooms.access import Standing, held_post_of, message_there
from rooms.actions.files import attach_files, discard
from rooms.commands import PostMessage
from rooms.models import File, HeldPost, Message
from rooms.preserving import set_aside_held

ANSWERED_KEPT = timedelta(days=30)
"""So long its author can read what was declined, and a moderator can still let it through."""
AT_A_TIME = 200
IN_DIRECT = "A moderator would have to look at this first, and moderators cannot read direct conversations. So it cannot be sent."


def held_before(author: Member, command: PostMessage) -> HeldPost | None:
    """The post that waits, or waited, under this client id."""
    return HeldPost.objects.filter(author=author, client_id=command.client_id).first()


def hold_there(standing: Standing, now: datetime) -> Hold | None:
    """Why what this member posts in this room waits. From rows that a post reads anyway; the community's switch takes seconds.

    Direct conversations have nobody who could look: there only a member's own hold counts, and refuses.
    """
    everywhere = not standing.group.is_direct and the_community().holds_posts
    why = permissions.waits_for_a_look(standing.member, standing.membership, standing.room, now, everywhere=everywhere)
    return Hold("held", why) if why else None


def keep_waiting(standing: Standing, command: PostMessage, hold: Hold, now: datetime) -> HeldPost:
    """Keep a post for a moderator's look, with its files. Raises WouldWait in a direct conversation, BadRequest."""
    if standing.group.is_direct:
        raise WouldWait(IN_DIRECT)
    held = HeldPost.objects.create(
        room=standing.room,
        author=standing.member,
        client_id=command.client_id,
        text=command.text,
        reply_to_id=replied_there(standing, command.reply_to),
        code=hold.code,
        why=hold.words,
        held_at=now,
    )
    attach_files(held, command.files)
    publish(WaitingChanged())
    return held


def replied_there(standing: Standing, message_id: int | None) -> int | None:
    """The message that is answered, if its author may read it here. Whether it still stands is asked when it is posted."""
    if message_id is None:
        return None
    replied = message_there(standing, message_id)
    return replied.pk if replied else None


def heed_slow_room(standing: Standing, now: datetime) -> None:
    """In a slow room each member writes once in a while, whatever became of what they wrote. Raises TooSoon."""
    seconds = standing.room.slow_seconds
    if not seconds or permissions.may_lead(standing.member, standing.membership):
        return
    since = now - timedelta(seconds=seconds)
    posted = Message.objects.filter(author=standing.member, room=standing.room, posted_at__gt=since)
    held = HeldPost.objects.filter(author=standing.member, room=standing.room, held_at__gt=since)
    times = [*posted.values_list("posted_at", flat=True), *held.values_list("held_at", flat=True)]
    if times:
        again = max(times) + timedelta(seconds=seconds)
        raise TooSoon(
            f"In this room each member writes once in {standing.room.slow_words}. "
            f"You can send this from {said_shortly(again)}; your words are kept."
        )


class TooSoon(TooFast):
    """Not TooFast's code: a browser waits that one out by itself, and this one may take an hour."""

    code = "slow_room"


@transaction.atomic
def take_back_held(author: Member, held_id: int) -> HeldPost:
    """Take one's own post back while it waits, or once it was declined: nobody sees it then. Returns it with its words.

    Raises NotHere, NotAllowed for one that is posted meanwhile.
    """
    held = held_post_of(author, held_id)
    if held.state == HeldPost.State.POSTED:
        raise NotAllowed("This message has been posted meanwhile. You can remove it in its room.")
    words = held.text
    close(held, HeldPost.State.TAKEN_BACK)
    held.text = words
    return held


def close(held: HeldPost, state: HeldPost.State) -> None:
    """It is over: words and files go, and the row answers for a while whoever sends the same again."""
    set_aside_held(HeldPost.objects.filter(pk=held.pk))
    held.state, held.text, held.answered_at = state, "", held.answered_at or timezone.now()
    held.save(update_fields=["state", "text", "answered_at"])
    discard_files_of([held.pk])
    publish(HeldPostsAnswered(member=held.author_id, client_ids=(str(held.client_id),), state=held.state, words=""))
    publish(WaitingChanged())


def discard_files_of(held: list[int]) -> None:
    """What came with these posts and was not posted."""
    files = list(File.objects.filter(held__in=held, message=None).values_list("pk", flat=True))
    File.objects.filter(pk__in=files).update(held=None)
    discard(File.objects.filter(pk__in=files, discarded_at=None))


def forget_answered(now: datetime | None = None) -> None:
    """What was answered long ago goes, with its words and files."""
    long_ago = (now or timezone.now()) - ANSWERED_KEPT
    while ids := list(HeldPost.objects.filter(answered_at__lt=long_ago).values_list("pk", flat=True)[:AT_A_TIME]):
        with transaction.atomic():
            discard_files_of(ids)
            set_aside_held(HeldPost.objects.filter(pk__in=ids))
            HeldPost.objects.filter(pk__in=ids).delete()
