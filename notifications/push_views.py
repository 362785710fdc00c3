"""Being told at once in this browser: turning it on, off, and trying it. All of it stands on the page of preferences."""

from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from members.requests import MemberRequest
from members.session_store import BROWSER, IS_SHARED, session_digest
from notifications.access import device_of
from notifications.push.devices import devices_of, renew, turn_on
from notifications.push.keys import public_key
from notifications.push.sending import try_device
from notifications.push.service import Outcome, subscription_from

WORKER = settings.ROOT / "frontend" / "static" / "js" / "service_worker.js"


@cache_control(no_cache=True)
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that a browser keeps for pushes. It has to come from the root, for it speaks for the whole site."""
    return HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8")


@cache
def worker_script() -> str:
    return WORKER.read_text(encoding="utf-8")


@require_POST
@login_required
def push_on(request: MemberRequest) -> HttpResponse:
    """Keep what the browser subscribed to."""
    turn_on(
        request.user,
        subscription_from(request.POST.get("subscription", "")),
        session=this_session(request),
        browser=request.session.get(BROWSER, ""),
        is_shared=bool(request.session.get(IS_SHARED)),
    )
    return redirect(section())


# Its worker has no page, and no token of one. Who knows the old address is the browser itself: nobody else is told it.
@csrf_exempt
@require_POST
@login_required
def push_renew(request: MemberRequest) -> HttpResponse:
    """The browser's maker gave it another address. Sent by the browser's worker, while no page of ours may be open."""
    fresh = subscription_from(request.POST.get("subscription", ""))
    renew(request.user, request.POST.get("was", ""), fresh, session=this_session(request))
    return HttpResponse(status=204)


@require_POST
@login_required
def push_off(request: MemberRequest, device_id: int) -> HttpResponse:
    """Tell nothing more in a browser, this one or another."""
    device_of(request.user, device_id).delete()
    return redirect(section())


@require_POST
@login_required
def push_try(request: MemberRequest, device_id: int) -> HttpResponse:
    """Push something to see whether it comes. The page says what the push service answered."""
    answer = try_device(device_of(request.user, device_id), section())
    tried = answer.outcome.name.lower()
    return redirect(f"{reverse('preferences')}?tried={tried}#push")


def section() -> str:
    return reverse("preferences") + "#push"


def this_session(request: HttpRequest) -> str:
    return session_digest(request.session.session_key or "")


def push_context(request: MemberRequest) -> dict[str, object]:
    """What the page of preferences shows of it."""
    here = this_session(request)
    devices = list(devices_of(request.user))
    return {
        "is_offered": bool(settings.PUSH_SERVICES),
        "push_key": public_key() if settings.PUSH_SERVICES else "",
        "is_shared": bool(request.session.get(IS_SHARED)),
        "devices": devices,
        "this_session": here,
        "is_told_here": any(device.session == here for device in devices),
        "tried": request.GET.get("tried", ""),
        "expired": Outcome.EXPIRED.name.lower(),
    }
