"""A member's next digest as it would be now, and for moderators what became of the mail."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from members.permissions import allow, may_watch_mail
from members.refusals import BadRequest, NotHere
from members.requests import MemberRequest
from notifications.digests.sending import preview, resend
from notifications.models import Digest, StoppedAddress
from notifications.preferences import preference_of_reader

FAILED = (Digest.State.REFUSED, Digest.State.UNKNOWN, Digest.State.GIVEN_UP)
LOOK_BACK = timedelta(days=14)
MOST_SHOWN = 100


@require_GET
@login_required
def digest_preview(request: MemberRequest) -> HttpResponse:
    """The next digest, as text."""
    context = {"letter": preview(request.user), "preference": preference_of_reader(request.user)}
    return render(request, "notices/digest_preview.html", context)


@require_GET
@login_required
@csp_override({"default-src": [CSP.NONE], "style-src": [CSP.UNSAFE_INLINE], "sandbox": ["allow-top-navigation"]})
def digest_as_mail(request: MemberRequest) -> HttpResponse:
    """The next digest, as mail programs show it: with its own styles, without scripts."""
    letter = preview(request.user)
    if letter is None:
        raise NotHere
    return HttpResponse(letter.alternatives[0][0])


@require_GET
@login_required
def mail_watch(request: MemberRequest) -> HttpResponse:
    """For moderators: how many digests were sent and failed, and why; addresses to which mail was stopped."""
    allow(may_watch_mail(request.user))
    since = timezone.now() - LOOK_BACK
    lately = Digest.objects.filter(made_at__gte=since)
    counts = lately.values("day", "state").annotate(number=Count("pk")).order_by("-day")
    days: dict[object, dict[str, int]] = {}
    for row in counts:
        days.setdefault(row["day"], {})[row["state"]] = row["number"]
    stopped = StoppedAddress.objects.order_by("-stopped_at")[:MOST_SHOWN]
    context = {
        "days": [
            (day, [(Digest.State(state).label, number) for state, number in found.items()])
            for day, found in days.items()
        ],
        "failed": lately.filter(state__in=FAILED).select_related("member").order_by("-made_at")[:MOST_SHOWN],
        "stopped": stopped,
    }
    return render(request, "notices/mail_watch.html", context)


@require_POST
@login_required
def resend_digest(request: MemberRequest, digest_id: int) -> HttpResponse:
    """Send a digest that failed once more."""
    allow(may_watch_mail(request.user))
    digest = Digest.objects.filter(pk=digest_id, state__in=FAILED).select_related("member").first()
    if digest is None:
        raise NotHere
    if resend(digest) is None:
        raise BadRequest("There is nothing left to tell in it, or its member wants no mail now.")
    return redirect("mail_watch")
