"""The forms in which something is reported, by members and by people without an account."""

from collections.abc import Mapping

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from frontend.text import excerpt
from members import permissions
from members.permissions import allow
from members.refusals import NotHere, Refused
from members.requests import MemberRequest
from moderation import outside
from moderation.actions import Subject, file_report
from moderation.models import Ground
from rooms.access import member_for, message_for, room_for


@require_http_methods(["GET", "POST"])
@login_required
def report_message(request: MemberRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id)
    if message.is_removed:
        raise NotHere("This message is hidden or removed already.")
    about = {
        "what": f"what {message.author.display_name} wrote",
        "quoted": excerpt(message.text, 300),
        "files": message.its_files,
        "back": reverse("message", args=[message_id]),
    }
    return report(request, Subject("message", message_id), about)


@require_http_methods(["GET", "POST"])
@login_required
def report_member(request: MemberRequest, member_id: int) -> HttpResponse:
    member = member_for(request.user, member_id)
    about = {"what": member.display_name, "back": reverse("member", args=[member_id])}
    return report(request, Subject("member", member_id), about)


@require_http_methods(["GET", "POST"])
@login_required
def report_room(request: MemberRequest, room_id: int) -> HttpResponse:
    room = room_for(request.user, room_id)
    what = "this conversation" if room.group.is_direct else f"the room “{room.name}”"
    return report(request, Subject("room", room_id), {"what": what, "back": reverse("room", args=[room_id])})


def report(request: MemberRequest, subject: Subject, about: Mapping[str, object]) -> HttpResponse:
    """The form, and the page that thanks. What was typed comes back with a refusal."""
    allow(permissions.may_report(request.user, timezone.now()))
    context: dict[str, object] = {**about, "grounds": Ground.choices, "typed": {}}
    if request.method == "GET":
        return render(request, "moderation/report.html", context)
    typed = {name: request.POST.get(name, "") for name in ("ground", "words")}
    try:
        file_report(request.user, subject, **typed, answered=frozenset(request.POST.getlist("answered")))
    except NotHere:
        raise
    except Refused as refused:
        context |= {"typed": typed, "refused": refused}
        return render(request, "moderation/report.html", context, status=refused.status)
    return render(request, "moderation/reported.html", context)


@require_http_methods(["GET", "POST"])
def report_from_outside(request: HttpRequest) -> HttpResponse:
    """The form for people without an account. A field that no person sees catches programs, which are thanked all the same."""
    if request.method == "GET":
        ticket = request.GET.get("ticket", "")[:8]
        return render(request, "moderation/report_from_outside.html", {"ticket": ticket, "grounds": Ground.choices})
    typed = {name: request.POST.get(name, "") for name in ("place", "ground", "words", "address")}
    if request.POST.get("website"):
        return redirect(f"{reverse('report')}?ticket={outside.new_ticket()}")
    try:
        ticket = outside.report_from_outside(**typed, from_where=get_adapter().get_client_ip(request))
    except Refused as refused:
        context: dict[str, object] = {"typed": typed, "refused": refused, "grounds": Ground.choices}
        return render(request, "moderation/report_from_outside.html", context, status=refused.status)
    return redirect(f"{reverse('report')}?ticket={ticket}")
