"""How long a room keeps its messages: choosing, seeing what that would do, and setting it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from members import permissions
from members.refusals import BadRequest
from members.requests import MemberRequest
from rooms.actions.retention import CHOICES, keep_messages, preview
from rooms.actions.rooms import standing_in_group

WITHOUT_END = "0"


@require_http_methods(["GET", "POST"])
@login_required
def keep(request: MemberRequest, room_id: int) -> HttpResponse:
    """The choice; with `months` in the address, what it would do; a POST sets what was seen."""
    standing = standing_in_group(request.user, room_id)
    permissions.allow(permissions.may_set_retention(standing.member, standing.membership, timezone.now()))
    context: dict[str, object] = {"room": standing.room, "group": standing.group, "choices": CHOICES}
    try:
        if request.method == "POST":
            before = months_from(request.POST.get("before", WITHOUT_END))
            keep_messages(request.user, room_id, months_from(request.POST.get("months", "")), before=before)
            return redirect("room_about", room_id)
        if "months" in request.GET:
            seen = preview(standing.room, months_from(request.GET["months"]))
            context |= {"seen": seen, "kept_for": CHOICES.get(seen.months or 0, "")}
    except BadRequest as refused:
        return render(request, "rooms/keep_messages.html", context | {"refused": refused}, status=refused.status)
    return render(request, "rooms/keep_messages.html", context)


def months_from(typed: str) -> int | None:
    """Months as the form sends them, None for "without an end". Raises BadRequest."""
    if typed == WITHOUT_END:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
        raise BadRequest("Choose one of these times.", field="months")
    return int(typed)
