"""At most one digest to a member on each of their days, and nothing lost for the next: docs/decisions/0012.

The row comes first, the mail second. `make_due` writes rows for members whose hour has come; the database allows one a day.
A worker claims rows, gathers and composes, and asks once more what is allowed; it marks a row as being sent before the mail
server hears of it. What is found so after its worker died may have arrived: it is not sent again, and since the levels only
rise once a digest has been sent, the next one tells the same. What was not yet marked is sent by the next worker.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import batched

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from members.backlog import Backlog, backlog
from members.community.facts import zone_of
from members.mail import Outcome, Post, new_message_id
from members.models import Member
from members.permissions import is_suspended
from notifications.access import untaken
from notifications.digests.choosing import Chosen, choose
from notifications.digests.composing import Quoted, compose, quoted_in
from notifications.digests.gathering import gather
from notifications.models import Digest, Notice, Preference, StoppedAddress
from notifications.preferences import due_after, fresh_preference, preference_of_reader
from rooms.access import memberships_of, messages_for

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)
"""How long a claim holds: longer than a slow mail server takes over a batch."""
BATCH = 500
"""Gathered and drawn together; the more, the less is read and drawn twice."""
AT_A_TURN = 500
DUE_AT_ONCE = 500
AGAIN = timedelta(minutes=5)
"""After a first failure; each time twice as long."""
LONGEST_WAIT = timedelta(hours=1)
KEPT = timedelta(days=60)
State = Digest.State


def send_digests(most: int = AT_A_TURN) -> int:
    """What is due now, up to so many letters, for other work has its turn too. Returns how many left."""
    now = timezone.now()
    greet_newcomers(now)
    while make_due(now) == DUE_AT_ONCE:
        pass
    close_abandoned(now)
    sent = 0
    with Post() as post:
        while sent < most and (claimed := claim(timezone.now())):
            sent += send_batch(post, claimed)
    return sent


def greet_newcomers(now: datetime) -> None:
    """Members who have never chosen anything get their row, and with it their first digest's hour."""
    while newcomers := list(Member.objects.filter(is_active=True, preference=None)[:DUE_AT_ONCE]):
        Preference.objects.bulk_create([fresh_preference(member, now) for member in newcomers], ignore_conflicts=True)


@transaction.atomic
def make_due(now: datetime) -> int:
    """Write the rows of digests whose hour has come, and when each member's next is due. Returns how many were due."""
    come = Preference.objects.filter(next_digest_at__lte=now).select_related("member")
    due = list(untaken(come)[:DUE_AT_ONCE])
    wanted = [preference for preference in due if wants_mail(preference, now)]
    Digest.objects.filter(state=State.WAITING, member__in=[each.member_id for each in wanted]).update(
        state=State.GIVEN_UP, ended_at=now
    )
    Digest.objects.bulk_create(
        [
            Digest(member=each.member, day=today(each, now), made_at=now, try_at=now, message_id=new_message_id())
            for each in wanted
        ],
        ignore_conflicts=True,
    )
    for each in due:
        each.next_digest_at = due_after(each, each.member, now, after_day=today(each, now))
    Preference.objects.bulk_update(due, ["next_digest_at"])
    return len(due)


def today(preference: Preference, now: datetime) -> date:
    return now.astimezone(zone_of(preference.member)).date()


def wants_mail(preference: Preference, now: datetime) -> bool:
    """Whether a digest may go to this member at all, as things stand."""
    member = preference.member
    is_paused = preference.paused_until is not None and today(preference, now) < preference.paused_until
    may_be_written_to = not is_suspended(member, now) and member.restricted_at is None
    return may_be_written_to and not is_paused and bool(preference.digest_days)


def close_abandoned(now: datetime) -> None:
    """What its worker left while it was handed over may have arrived: that is all that can be said of it."""
    left = Digest.objects.filter(state=State.SENDING, claimed_at__lte=now - CLAIM)
    if closed := left.update(state=State.UNKNOWN, ended_at=now, why="The worker ended while it was sent"):
        log.warning("%s digests may or may not have been sent", closed)


def digests_to_send() -> Backlog:
    """What waits, and what did not go well since yesterday."""
    open_ones = Digest.objects.filter(state__in=(State.WAITING, State.SENDING))
    gone_wrong = Digest.objects.filter(state__in=(State.REFUSED, State.UNKNOWN, State.GIVEN_UP))
    return backlog(open_ones, since="made_at", failed=gone_wrong.filter(made_at__gt=timezone.now() - timedelta(days=1)))


def waiting(now: datetime) -> QuerySet[Digest]:
    """To be sent, and in nobody's hands."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    return Digest.objects.filter(free, state=State.WAITING, try_at__lte=now)


def claim(now: datetime) -> list[Digest]:
    """Take some in hand, with their members and preferences. Two workers never take the same."""
    with transaction.atomic():
        chosen = untaken(waiting(now)).order_by("try_at", "pk")[:BATCH]
        mine = list(chosen.values_list("pk", flat=True))
        Digest.objects.filter(pk__in=mine).update(claimed_at=now, tries=F("tries") + 1)
    return list(
        Digest.objects.filter(pk__in=mine).select_related("member__preference", "member__organisation").order_by("pk")
    )


def send_batch(post: Post, digests: Sequence[Digest]) -> int:
    """Gather for all of them, then send one after the other. Returns how many left."""
    now = timezone.now()
    letters = [choose(news) for news in gather([digest.member.preference for digest in digests], now)]
    quoted = quoted_in(letters)
    stopped = addresses_stopped(digests)
    sent = 0
    for place, (digest, chosen) in enumerate(zip(digests, letters, strict=True)):
        if digest.member.email in stopped or not wants_mail_still(digest.member.preference):
            end(digest, State.WITHDRAWN)
            continue
        outcome = send_one(post, digest, chosen, quoted)
        sent += outcome is Outcome.SENT
        if outcome is Outcome.AWAY:
            put_back(digests[place + 1 :])
            break
    return sent


def send_one(post: Post, digest: Digest, chosen: Chosen, quoted: Quoted) -> Outcome | None:
    """Ask once more what the member may read, hand the letter over, and write down what became of it. None: nothing to send."""
    preference = digest.member.preference
    if not is_still_right(chosen, quoted):
        # Something was removed or changed, or the member left a group, since this batch was gathered.
        chosen, quoted = gathered_anew(preference)
        if not is_still_right(chosen, quoted):
            put_back([digest])
            return None
    if not chosen.news.is_worth_a_letter:
        end(digest, State.EMPTY, told=chosen)
        return None
    letter = compose(preference, chosen, quoted, message_id=digest.message_id)
    if not begin(digest):
        return None
    outcome = post.send(letter)
    if outcome is Outcome.SENT:
        end(digest, State.SENT, told=chosen)
    elif outcome is Outcome.REFUSED:
        end(digest, State.REFUSED, why="The mail server refused the address")
    elif outcome is Outcome.UNKNOWN:
        end(digest, State.UNKNOWN, why="The connection broke while it was sent")
    else:
        put_back([digest])
    return outcome


def gathered_anew(preference: Preference) -> tuple[Chosen, Quoted]:
    """What one member's letter tells, as things stand now."""
    [news] = gather([preference], timezone.now())
    chosen = choose(news)
    return chosen, quoted_in([chosen])


def addresses_stopped(digests: Sequence[Digest]) -> set[str]:
    addresses = [digest.member.email for digest in digests]
    return set(StoppedAddress.objects.filter(address__in=addresses).values_list("address", flat=True))


def wants_mail_still(preference: Preference) -> bool:
    """As the rows say now, not as they were read with the batch."""
    preference.refresh_from_db()
    preference.member.refresh_from_db()
    return wants_mail(preference, timezone.now())


def is_still_right(chosen: Chosen, quoted: Quoted) -> bool:
    """Whether the member may read all that the letter shows, and it all stands as it was read."""
    member = chosen.news.member
    messages, groups = chosen.messages, chosen.groups_named
    standing = messages_for(member).standing().filter(pk__in=messages).values_list("pk", "version")
    as_read = {pk: quoted.words[pk].version for pk in messages if pk in quoted.words}
    return (
        len(as_read) == len(messages)
        and dict(standing) == as_read
        and memberships_of(member).filter(group__in=groups).count() == len(groups)
    )


def mine(digest: Digest) -> QuerySet[Digest]:
    """The row, as long as nobody else has taken it over since it was claimed."""
    return Digest.objects.filter(pk=digest.pk, claimed_at=digest.claimed_at, state__in=(State.WAITING, State.SENDING))


def begin(digest: Digest) -> bool:
    """Say that it is being sent, before the mail server hears of it. False when another worker has it by now."""
    preference = digest.member.preference
    return bool(mine(digest).update(state=State.SENDING, since=preference.told, since_at=preference.told_at))


@transaction.atomic
def end(digest: Digest, state: str, *, why: str = "", told: Chosen | None = None) -> None:
    """Write down what became of it; and where it was told, that it was."""
    items = told.items if told and state == State.SENT else 0
    is_mine = mine(digest).update(state=state, ended_at=timezone.now(), why=why, items=items)
    if not is_mine or told is None:
        return
    raised: dict[str, object] = {"told": told.news.told}
    if state == State.SENT:
        raised["told_at"] = told.news.until
        told_of = Q(pk__in=[need.notice.id for need in told.news.needs])
        told_of |= Q(kind=Notice.Kind.DIRECT, message__room__in=[each.room.id for each in told.news.direct])
        notices = Notice.objects.filter(told_of, member=digest.member, mailed_at=None)
        notices.update(mailed_at=told.news.until)
    Preference.objects.filter(member=digest.member).update(**raised)


def put_back(digests: Sequence[Digest]) -> None:
    """To be tried again later: nothing left for the mail server, for certain."""
    for digest in digests:
        wait = min(AGAIN * 2 ** (digest.tries - 1), LONGEST_WAIT)
        mine(digest).update(
            state=State.WAITING, claimed_at=None, try_at=timezone.now() + wait, why="The mail server did not take it"
        )


def would_be_sent(now: datetime) -> int:
    """How many members due now have something to be told. Sends nothing and changes nothing."""
    due = Preference.objects.filter(next_digest_at__lte=now).select_related("member")
    told = 0
    for some in batched(due.iterator(BATCH), BATCH, strict=False):
        wanted = [preference for preference in some if wants_mail(preference, now)]
        told += sum(news.is_worth_a_letter for news in gather(wanted, now))
    return told


def preview(member: Member) -> EmailMultiAlternatives | None:
    """What this member's digest would be if it were due now; None: there is nothing to tell."""
    preference = preference_of_reader(member)
    chosen, quoted = gathered_anew(preference)
    return compose(preference, chosen, quoted) if chosen.news.is_worth_a_letter else None


def resend(digest: Digest) -> Outcome | None:
    """Send the digest of that day again, as far as it is still unread and may be read. None: nothing is left to tell.

    Levels stay: what comes next is told by the next.
    """
    preference = preference_of_reader(digest.member)
    preference.told, preference.told_at = digest.since, digest.since_at
    chosen, quoted = gathered_anew(preference)
    if not chosen.news.is_worth_a_letter or not wants_mail(preference, timezone.now()):
        return None
    with Post() as post:
        outcome = post.send(compose(preference, chosen, quoted, message_id=digest.message_id))
    if outcome is Outcome.SENT:
        Digest.objects.filter(pk=digest.pk).update(state=State.SENT, ended_at=timezone.now(), why="")
    return outcome


def forget_old_digests() -> None:
    """Receipts are kept for two months."""
    Digest.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
