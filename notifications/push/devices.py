"""The browsers in which a member is told at once: turning that on and off, and forgetting those that are gone."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.catalogue import SignedOut
from members.models import Member, Session
from members.permissions import allow, may_be_told_at_once
from members.refusals import NotAllowed
from members.sessions import digests_standing
from notifications.access import device_held
from notifications.models import PushDevice, PushShown
from notifications.push.service import Subscription

MOST_DEVICES = 10
SHOWN_FOR = timedelta(days=3)
"""What was pushed longer ago is not replaced any more."""


@transaction.atomic
def turn_on(member: Member, subscription: Subscription, *, session: str, browser: str, is_shared: bool) -> PushDevice:
    """Tell the member in the browser of this session, from now on. Of too many, the one that was turned on first goes.

    A browser that somebody else was told in before is this member's now: it has one subscription. Raises NotAllowed.
    """
    if not settings.PUSH_SERVICES:
        raise NotAllowed("This site sends nothing to browsers.")
    allow(may_be_told_at_once(is_shared=is_shared))
    PushDevice.objects.filter(endpoint=subscription.endpoint).delete()
    PushDevice.objects.filter(session=session).delete()
    device = PushDevice.objects.create(
        member=member,
        session=session,
        name=browser or "A browser",
        endpoint=subscription.endpoint,
        p256dh=subscription.p256dh,
        auth=subscription.auth,
    )
    newest = PushDevice.objects.filter(member=member).order_by("-made_at", "-pk").values_list("pk", flat=True)
    PushDevice.objects.filter(pk__in=list(newest[MOST_DEVICES:])).delete()
    return device


@transaction.atomic
def renew(member: Member, was: str, subscription: Subscription, *, session: str) -> None:
    """Tell the browser of this session at the new address that its maker gave it in the place of the one it `was` at.

    Raises NotHere where it was not told there.
    """
    device = device_held(member, session, was)
    PushDevice.objects.filter(endpoint=subscription.endpoint).exclude(pk=device.pk).delete()
    device.endpoint, device.p256dh, device.auth = subscription.endpoint, subscription.p256dh, subscription.auth
    device.tries, device.try_at = 0, timezone.now()
    device.save(update_fields=["endpoint", "p256dh", "auth", "tries", "try_at"])


def devices_of(member: Member) -> QuerySet[PushDevice]:
    return PushDevice.objects.filter(member=member).order_by("-made_at", "-pk")


def forget_device_of_session(event: SignedOut) -> None:
    """Whoever is signed out of a browser hears nothing in it any more: by their own wish, suspended, or gone."""
    PushDevice.objects.filter(session=event.session).delete()


def is_signed_in(device: PushDevice) -> bool:
    """Whether its session still stands: one that ran out says nothing when it ends."""
    return device.session in digests_standing([device.session])


def forget_old_devices() -> None:
    """Those whose session ran out; and what was shown so long ago that it needs no replacing."""
    now = timezone.now()
    standing = Session.objects.filter(expire_date__gt=now).values("digest")
    PushDevice.objects.exclude(session__in=standing).delete()
    PushShown.objects.filter(at__lte=now - SHOWN_FOR).delete()
