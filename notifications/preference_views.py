"""How a member hears of what happens: one page, and a choice for each room."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from members.refusals import BadRequest
from members.requests import MemberRequest
from notifications.digests.timetable import DAY_NAMES, EVERY_DAY
from notifications.models import Digest, MissedLetter, Preference
from notifications.preferences import (
    Wishes,
    choose_level,
    keep_wishes,
    levels_of,
    preference_of_reader,
    wishes_of,
)
from notifications.push_views import push_context
from notifications.undeliverable import stopped_for, try_again
from rooms.access import rooms_for

MISSED_CHOICES = {"10": "10 minutes", "60": "An hour", "240": "Four hours", "": "Never"}
LOOK_BACK = timedelta(days=30)


@require_http_methods(["GET", "POST"])
@login_required
def preferences(request: MemberRequest) -> HttpResponse:
    """The page, and keeping what was chosen on it. What was chosen comes back with a refusal."""
    member = request.user
    preference = preference_of_reader(member)
    wishes, refused, since = wishes_of(preference), None, timezone.now() - LOOK_BACK
    if request.method == "POST":
        wishes = wishes_from(request)
        try:
            keep_wishes(member, wishes)
            return redirect("preferences")
        except BadRequest as error:
            refused = error
    context = {
        "preference": preference,
        "wishes": wishes,
        "refused": refused,
        "zone": timezone.get_current_timezone_name(),
        "day_names": list(zip(EVERY_DAY, DAY_NAMES, strict=True)),
        "week": list(zip(DAY_NAMES, wishes.open_from, wishes.open_until, strict=True)),
        "hours": [str(hour) for hour in range(24)],
        "ends_of_day": [str(hour) for hour in range(1, 25)],
        "missed_choices": MISSED_CHOICES,
        "quiet_choices": Preference.QuietHours.choices,
        "levels": levels_of(member),
        "stopped": stopped_for(member),
        "letters": MissedLetter.objects.filter(
            member=member, room__in=rooms_for(member), state=MissedLetter.State.SENT, ended_at__gte=since
        )
        .select_related("room__group")
        .order_by("-ended_at"),
        **push_context(request),
        "got": Digest.objects.filter(member=member, made_at__gte=since).order_by("-day"),
    }
    return render(request, "notices/preferences.html", context, status=refused.status if refused else 200)


def wishes_from(request: MemberRequest) -> Wishes:
    """The form as it was sent."""
    sent = request.POST
    return Wishes(
        days="".join(sorted(set(sent.getlist("day")))),
        hour=sent.get("hour", ""),
        missed_after=sent.get("missed_after", ""),
        quiet=sent.get("quiet", ""),
        open_from=[sent.get(f"from-{day}", "") for day in range(7)],
        open_until=[sent.get(f"until-{day}", "") for day in range(7)],
        paused_until=sent.get("paused_until", ""),
    )


@require_POST
@login_required
def mail_again(request: MemberRequest) -> HttpResponse:
    """Send mail again to an address at which it was stopped."""
    try_again(request.user)
    return redirect("preferences")


@require_POST
@login_required
def room_level(request: MemberRequest, room_id: int) -> HttpResponse:
    """How much of a room one hears."""
    choose_level(request.user, room_id, request.POST.get("level", ""))
    return redirect("room_about", room_id)
