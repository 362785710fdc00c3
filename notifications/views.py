"""A member's notices, and fewer letters by a link in each of them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from members.requests import MemberRequest
from notifications.actions import notices_for, see_notices
from notifications.preferences import preference_of_reader
from notifications.stopping import as_it_was, change, link_of

MOST_SHOWN = 100


@require_http_methods(["GET", "POST"])
@login_required
def notices(request: MemberRequest) -> HttpResponse:
    """The newest notices; a POST marks all as seen."""
    if request.method == "POST":
        see_notices(request.user)
        return redirect("notices")
    shown = notices_for(request.user).select_related(
        "message__author", "message__room__group", "group", "room", "by", "newcomer", "decision", "case"
    )[:MOST_SHOWN]
    return render(request, "notices/list.html", {"notices": shown})


# The link itself is the permission: a mail program posts to it without having been on our pages.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, link: str) -> HttpResponse:
    """What the link of a letter can stop; a POST does it, also the bare one that mail programs send."""
    about = link_of(link)
    before = as_it_was(about, preference_of_reader(about.member))
    done = ""
    if request.method == "POST":
        sent = request.POST
        done = sent.get("wish", "stop")
        change(about, done, until=sent.get("until", ""), before=sent.get("before", ""))
    return render(request, "notices/stop.html", {"link": about, "before": before, "done": done})
