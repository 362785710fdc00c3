"""At most one letter about what was missed, whoever dies when: docs/decisions/0012 says why, for digests.

A row is written first, and the database allows one open row for a member and a room. A worker claims it, reads what
there is to tell, and marks it as being sent before the mail server hears of it, with all that it settles. What is found so
after its worker died may have arrived: it is not sent again, and the digest tells what it told.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from members.backlog import Backlog, backlog
from members.community.facts import zone_of
from members.mail import Outcome, Post, new_message_id
from notifications.access import untaken
from notifications.missed.due import OPEN, places_due
from notifications.missed.telling import Missed, compose, late_before, missed_in
from notifications.models import MissedLetter, Notice, Preference
from notifications.preferences import preference_of_reader
from notifications.quiet import may_disturb
from rooms.models import Message

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)
"""How long a claim holds: longer than a slow mail server takes over a batch."""
BATCH = 10
AT_A_TURN = 100
AGAIN = timedelta(minutes=2)
"""After a first failure; each time twice as long."""
LONGEST_WAIT = timedelta(hours=1)
LOOK_AGAIN = timedelta(minutes=5)
"""While a member is not to be disturbed."""
KEPT = timedelta(days=60)
State = MissedLetter.State


def send_missed(most: int = AT_A_TURN) -> int:
    """Begin and send what is due, up to so many letters, for other work has its turn too. Returns how many left."""
    now = timezone.now()
    begin_letters(now)
    close_abandoned(now)
    sent = 0
    with Post() as post:
        while sent < most and (claimed := claim(timezone.now())):
            outcomes = send_batch(post, claimed)
            sent += outcomes.count(Outcome.SENT)
            if Outcome.AWAY in outcomes:
                break
    return sent


def begin_letters(now: datetime) -> None:
    MissedLetter.objects.bulk_create(
        [
            MissedLetter(member_id=member, room_id=room, made_at=now, try_at=now, message_id=new_message_id())
            for member, room in sorted(places_due(now))
        ],
        ignore_conflicts=True,
    )


def close_abandoned(now: datetime) -> None:
    """What its worker left while it was handed over may have arrived: that is all that can be said of it."""
    left = MissedLetter.objects.filter(state=State.SENDING, claimed_at__lte=now - CLAIM)
    if closed := left.update(state=State.UNKNOWN, ended_at=now):
        log.warning("%s letters of what was missed may or may not have been sent", closed)


def missed_to_send() -> Backlog:
    """What waits, and what may not have arrived since yesterday."""
    gone_wrong = MissedLetter.objects.filter(state__in=(State.REFUSED, State.UNKNOWN))
    return backlog(
        MissedLetter.objects.filter(state__in=OPEN),
        since="made_at",
        failed=gone_wrong.filter(made_at__gt=timezone.now() - timedelta(days=1)),
    )


def claim(now: datetime) -> list[MissedLetter]:
    """Take some in hand. Two workers never take the same."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    waiting = MissedLetter.objects.filter(free, state=State.WAITING, try_at__lte=now)
    with transaction.atomic():
        mine = list(untaken(waiting).order_by("try_at", "pk")[:BATCH].values_list("pk", flat=True))
        MissedLetter.objects.filter(pk__in=mine).update(claimed_at=now, tries=F("tries") + 1)
    return list(MissedLetter.objects.filter(pk__in=mine).select_related("member").order_by("pk"))


def send_batch(post: Post, letters: Sequence[MissedLetter]) -> list[Outcome | None]:
    """One after the other; when no mail server answers, the others wait as well."""
    outcomes: list[Outcome | None] = []
    for letter in letters:
        if Outcome.AWAY in outcomes:
            put_back(letter)
        else:
            outcomes.append(send_one(post, letter))
    return outcomes


def send_one(post: Post, letter: MissedLetter) -> Outcome | None:
    """Read what there is to tell now, hand it over, and write down what became of it. None: nothing was handed over."""
    letter.member.refresh_from_db()
    preference, now = preference_of_reader(letter.member), timezone.now()
    missed = missed_in(preference, letter.room_id, now)
    if missed is None:
        withdraw(letter, late_before(preference, letter.made_at))
        return None
    if is_paused(preference, now) or not may_disturb(preference.quiet_hours, zone_of(letter.member), now):
        hold(letter, now)
        return None
    mail = compose(missed, letter)
    if not hand_over_begins(letter, missed):
        return None
    outcome = post.send(mail)
    if outcome is Outcome.SENT:
        end(letter, State.SENT, told=missed)
    elif outcome is Outcome.REFUSED:
        end(letter, State.REFUSED)
    elif outcome is Outcome.UNKNOWN:
        end(letter, State.UNKNOWN)
    else:
        put_back(letter)
    return outcome


def is_paused(preference: Preference, now: datetime) -> bool:
    until = preference.paused_until
    return until is not None and now.astimezone(zone_of(preference.member)).date() < until


def mine(letter: MissedLetter) -> QuerySet[MissedLetter]:
    """The row, as long as nobody else has taken it over since it was claimed."""
    return MissedLetter.objects.filter(pk=letter.pk, claimed_at=letter.claimed_at, state__in=OPEN)


def hand_over_begins(letter: MissedLetter, missed: Missed) -> bool:
    """Say that it is being sent, and what it settles, before the mail server hears of it. False: another worker has it by now."""
    settled = {"settles": max((notice.pk for notice in missed.notices.values()), default=0)}
    settled["settles_version"] = missed.latest
    return bool(mine(letter).update(state=State.SENDING, read_version=missed.read, **settled))


@transaction.atomic
def end(letter: MissedLetter, state: str, *, told: Missed | None = None) -> None:
    """Write down what became of it; and that its notices were told, so that the digest does not repeat them."""
    now = timezone.now()
    if mine(letter).update(state=state, ended_at=now) and told:
        notices = [notice.pk for notice in told.notices.values()]
        Notice.objects.filter(pk__in=notices, mailed_at=None).update(mailed_at=now)


def withdraw(letter: MissedLetter, began_by: datetime) -> None:
    """There is nothing to tell. What began it, before that moment, shall not begin another; what came later may."""
    notices = Notice.objects.filter(member=letter.member_id, message__room=letter.room_id, created_at__lte=began_by)
    messages = Message.objects.filter(room=letter.room_id, posted_at__lte=began_by)
    mine(letter).update(
        state=State.WITHDRAWN,
        ended_at=timezone.now(),
        settles=notices.aggregate(Max("pk"))["pk__max"] or 0,
        settles_version=messages.aggregate(Max("created_version"))["created_version__max"] or 0,
    )


def hold(letter: MissedLetter, now: datetime) -> None:
    """The member is not to be disturbed now: look again soon. They may read it meanwhile, or change their hours."""
    mine(letter).update(claimed_at=None, try_at=now + LOOK_AGAIN, tries=F("tries") - 1)


def put_back(letter: MissedLetter) -> None:
    """To be tried again later: the mail server took nothing, for certain. What it settled is open again."""
    wait = min(AGAIN * 2 ** (letter.tries - 1), LONGEST_WAIT)
    mine(letter).update(
        state=State.WAITING, claimed_at=None, try_at=timezone.now() + wait, settles=0, settles_version=0
    )


def forget_old_letters() -> None:
    """Receipts are kept for two months; what comes later begins a thread of its own."""
    MissedLetter.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
