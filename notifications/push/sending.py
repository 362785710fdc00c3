"""Telling devices: a job finds those for which there may be something, a task looks what it is and hands it over.

A push is done at least once: one that was handed over just before its worker died comes again, and takes the place of the
first on the screen. What is told is bounded by `PushDevice.told_at`, which rises when all of it was taken.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.tasks import task
from django.utils import timezone

from members.backlog import Backlog, backlog
from members.community.facts import the_community, zone_of
from members.limits import Allowance, Limits
from members.refusals import TooFast
from notifications.missed.sending import is_paused
from notifications.models import Notice, Preference, PushDevice, PushShown, RoomLevel
from notifications.preferences import preference_of_reader
from notifications.push.devices import is_signed_in
from notifications.push.news import IS_GONE, TEST, News, forget_what_was_read, news_for, rooms_of
from notifications.push.service import Answer, Outcome, push
from notifications.quiet import closes_at, next_opening

log = logging.getLogger(__name__)

SETTLES = timedelta(seconds=5)
"""How old something is before it is told: who reads along has seen it by then, and is not rung at."""
LEASE = timedelta(minutes=2)
"""How long a worker may take over one device."""
AGAIN = timedelta(minutes=1)
"""After a first failure; each time twice as long."""
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 50
"""In a row; that is about two days. Then the device is forgotten."""
AT_A_TURN = 500
LONGEST_KEPT = timedelta(hours=12)
TEST_KEPT = timedelta(minutes=5)
trying = Limits(Allowance(burst=5, a_minute=2))
"""Each keeps a page waiting for a server that is not ours."""


def tell_devices() -> int:
    """Begin a task for each device that may have something to hear. Returns how many."""
    now, begun = timezone.now(), 0
    for device, try_at in due(now).values_list("pk", "try_at")[:AT_A_TURN]:
        with transaction.atomic():
            # Of two workers that find it, one changes the row.
            if PushDevice.objects.filter(pk=device, try_at=try_at).update(try_at=now + LEASE):
                tell_device.enqueue(device)
                begun += 1
    return begun


def due(now: datetime) -> QuerySet[PushDevice]:
    """Devices for which something came that they were not told of. That it is also for them to hear is asked later."""
    noticed = Notice.objects.filter(
        member=OuterRef("member"),
        seen_at=None,
        message__isnull=False,
        created_at__gt=OuterRef("told_at"),
        created_at__lte=now - SETTLES,
    )
    followed = RoomLevel.objects.filter(
        member=OuterRef("member"), level=RoomLevel.Level.ALL, room__last_message_at__gt=OuterRef("told_at")
    )
    gone = PushShown.objects.filter(IS_GONE, device=OuterRef("pk"))
    waiting = PushDevice.objects.filter(try_at__lte=now)
    return waiting.filter(Q(Exists(noticed)) | Q(Exists(followed)) | Q(Exists(gone))).order_by("try_at", "pk")


@task
def tell_device(device_id: int) -> None:
    """Tell one device what there is for its member now, unless they are not to be disturbed."""
    device = PushDevice.objects.select_related("member").filter(pk=device_id).first()
    if device is None:
        return
    if not is_signed_in(device):
        device.delete()
        return
    preference, now = preference_of_reader(device.member), timezone.now()
    peace = peace_until(preference, now)
    if peace > now:
        PushDevice.objects.filter(pk=device.pk).update(try_at=peace)
        return
    keep_for = min(closes_at(preference.quiet_hours, zone_of(device.member), now) - now, LONGEST_KEPT)
    forget_what_was_read(device)
    news = news_for(device, now - SETTLES)
    for each in news:
        answer = push(device, each.content(the_community().name), topic=each.tag, keep_for=keep_for)
        if answer.outcome is not Outcome.SENT:
            note_failure(device, answer)
            return
    note_told(device, news, now - SETTLES)


def peace_until(preference: Preference, now: datetime) -> datetime:
    """When the member may be disturbed: now, or not before then. For who never wishes to be, it is asked again in a day."""
    if is_paused(preference, now):
        return now + LONGEST_WAIT
    opening = next_opening(preference.quiet_hours, zone_of(preference.member), now)
    return opening or now + timedelta(days=1)


@transaction.atomic
def note_told(device: PushDevice, news: list[News], until: datetime) -> None:
    """All was taken. A device that went meanwhile stays away."""
    changed: dict[str, object] = {"told_at": max(until, device.told_at), "try_at": timezone.now()}
    if news:
        changed |= {"tries": 0, "sent_at": timezone.now(), "answer": "Sent to the push service."}
    if not PushDevice.objects.filter(pk=device.pk).update(**changed):
        return
    PushShown.objects.filter(device=device, room__in=rooms_of(news)).delete()
    PushShown.objects.bulk_create(
        [
            PushShown(device=device, room_id=each.room, message_id=each.message)
            for each in news
            if each.room and each.message
        ]
    )


def note_failure(device: PushDevice, answer: Answer) -> None:
    """Again later; but a browser that is not subscribed any more is forgotten, and so is one that failed for days."""
    tries = device.tries + 1
    log.warning("A push was not taken (try %d): %s", tries, answer.words)
    if answer.outcome is Outcome.EXPIRED or tries >= MOST_TRIES:
        device.delete()
        return
    wait = max(min(AGAIN * 2 ** (tries - 1), LONGEST_WAIT), answer.wait)
    now = timezone.now()
    PushDevice.objects.filter(pk=device.pk).update(tries=tries, failed_at=now, answer=answer.words, try_at=now + wait)


def try_device(device: PushDevice, path: str) -> Answer:
    """Push to a device at its member's own wish, at any hour, and say what came of it. Raises TooFast."""
    if not trying.allow(device.member_id):
        raise TooFast("You tried several times just now. Wait a minute, then try again.")
    return hand_over(device, News(TEST, path, TEST), keep_for=TEST_KEPT)


def hand_over(device: PushDevice, news: News, *, keep_for: timedelta, is_urgent: bool = False) -> Answer:
    """Push one thing of its own, at any hour, and note what came of it: the page of preferences says so."""
    content = news.content(the_community().name)
    answer = push(device, content, topic=news.tag, keep_for=keep_for, is_urgent=is_urgent)
    if answer.outcome is Outcome.SENT:
        now = timezone.now()
        # It works again: what waits for another try need not.
        PushDevice.objects.filter(pk=device.pk).update(tries=0, sent_at=now, answer=answer.words, try_at=now)
    else:
        note_failure(device, answer)
    return answer


def pushes_to_send() -> Backlog:
    """Devices that could not be told, and wait for another try; of those, which have failed for hours."""
    failing = PushDevice.objects.filter(tries__gt=0)
    return backlog(failing, since="failed_at", failed=failing.filter(tries__gt=8))
