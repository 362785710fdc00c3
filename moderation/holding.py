"""What moderators decide about what waits for a look, and the switches that have it wait: a person, a room, the community."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import Because, PowerUsed
from events.publish import publish
from members import permissions
from members.actions import hold_posts_of
from members.community.actions import hold_all_posts
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest
from members.screens import Draft, pass_screens
from moderation.access import held_post_for, held_posts_for
from moderation.actions import LONGEST_REASON, LONGEST_WORDS, checked
from moderation.models import Ground
from rooms.access import member_for
from rooms.actions import moderating
from rooms.actions.rooms import standing_in_group
from rooms.models import HeldPost, Message, Room

LONGEST_HOLD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Why:
    """What is said of an act: the rule it rests on, what the record says, what the person reads beside it."""

    ground: str
    reason: str
    words: str = ""


def because_of(member: Member, why: Why, role: str = "") -> Because:
    """As the record has it. Raises BadRequest, or a screen's Refused."""
    if why.ground not in Ground.values:
        raise BadRequest("Choose the rule that this rests on.", field="ground")
    reason = checked(why.reason, LONGEST_REASON, "reason", is_needed=True)
    words = checked(why.words, LONGEST_WORDS, "words")
    pass_screens(Draft(member, f"{reason}\n\n{words}", "report"))
    return Because(
        by=member.pk, role=role or member.get_role_display().lower(), ground=why.ground, reason=reason, words=words
    )


def let_through(moderator: Member, held_id: int) -> Message:
    """Post what waited. After it was declined, that is a decision too. Raises NotHere, NotAllowed."""
    with transaction.atomic():
        held = held_post_for(moderator, held_id)
        allow(permissions.may_decide(moderator, {held.author_id}, timezone.now()))
        was_declined = held.state == HeldPost.State.DECLINED
        message = moderating.let_through(held_id, moderator)
        if was_declined:
            because = Because(moderator.pk, moderator.get_role_display().lower(), Ground.OTHER, "Looked at again.")
            publish(
                PowerUsed("let_through", because, message.author_id, message.room.group_id, message.room_id, message.pk)
            )
    return message


def decline(moderator: Member, held_id: int, why: Why) -> None:
    """Do not post it; its author reads why, beside their words. Raises NotHere, NotAllowed, BadRequest."""
    held = held_post_for(moderator, held_id)
    allow(permissions.may_decide(moderator, {held.author_id}, timezone.now()))
    moderating.decline(HeldPost.objects.filter(pk=held_id), because_of(moderator, why))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of the waiting posts: of one member, of the last minutes, or both."""

    member: int | None = None
    minutes: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return self.member is not None or self.minutes is not None


def waiting_posts(moderator: Member, chosen: Chosen) -> QuerySet[HeldPost]:
    """What waits for this moderator's look, the longest first; nobody looks at their own. Nothing to who is no moderator."""
    waiting = held_posts_for(moderator).filter(state=HeldPost.State.WAITING).exclude(author=moderator)
    if chosen.member is not None:
        waiting = waiting.filter(author=chosen.member)
    if chosen.minutes is not None:
        waiting = waiting.filter(held_at__gte=timezone.now() - timedelta(minutes=chosen.minutes))
    return waiting.order_by("held_at", "pk")


DECLINED_SHOWN = 10


def declined_lately(moderator: Member) -> QuerySet[HeldPost]:
    """What was declined last: whoever sees it differently lets it through."""
    declined = held_posts_for(moderator).filter(state=HeldPost.State.DECLINED).exclude(author=moderator)
    return declined.select_related("author").order_by("-answered_at")[:DECLINED_SHOWN]


def decline_all(moderator: Member, chosen: Chosen, why: Why) -> int:
    """Decline all that waits of a member, or of a stretch of time, at once: how a raid ends. Returns how many that was.

    No second moderator is needed, for nobody has seen these and each can be let through for a month. Raises NotAllowed,
    BadRequest when nothing narrows it down.
    """
    allow(permissions.may_moderate(moderator, timezone.now()))
    if not chosen.is_narrowed:
        raise BadRequest("Say whose, or since when.", field="member")
    return moderating.decline(waiting_posts(moderator, chosen), because_of(moderator, why))


def hold_member(moderator: Member, member_id: int, days: int, why: Why) -> None:
    """Have what somebody posts wait, for some days; 0 ends it. Raises NotHere, NotAllowed, BadRequest."""
    member = member_for(moderator, member_id)
    allow(permissions.may_hold(moderator, member, timezone.now()))
    if not 0 <= days <= LONGEST_HOLD_DAYS:
        raise BadRequest(f"Say for how many days, from 1 to {LONGEST_HOLD_DAYS}.", field="days")
    because = because_of(moderator, why)
    hold_posts_of(member, timezone.now() + timedelta(days=days) if days else None, because)


def hold_room(moderator: Member, room_id: int, why: Why, *, on: bool) -> Room:
    """Have what is posted in a room wait, or appear at once again. Raises NotHere, NotAllowed, BadRequest."""
    standing_in_group(moderator, room_id)
    allow(permissions.may_moderate(moderator, timezone.now()))
    return moderating.hold_room(room_id, because_of(moderator, why), on=on)


def slow_room(member: Member, room_id: int, seconds: int, why: Why) -> Room:
    """Let each member write once in so many seconds. Raises NotHere, NotAllowed, BadRequest."""
    standing = standing_in_group(member, room_id)
    allow(permissions.may_slow(standing.member, standing.membership, timezone.now()))
    if seconds and seconds not in Room.SLOW_WORDS:
        raise BadRequest("Choose how often.", field="seconds")
    role = "" if permissions.is_moderator(member) else "group leader"
    return moderating.slow_room(room_id, seconds, because_of(member, why, role))


def hold_community(moderator: Member, why: Why, *, on: bool) -> None:
    """Have everything that is posted wait, or appear at once again. Raises NotAllowed, BadRequest."""
    allow(permissions.may_moderate(moderator, timezone.now()))
    hold_all_posts(because_of(moderator, why), on=on)
