"""A member's notices."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.requests import MemberRequest
from notifications.actions import notices_for, see_notices

MOST_SHOWN = 100


@require_http_methods(["GET", "POST"])
@login_required
def notices(request: MemberRequest) -> HttpResponse:
    """The newest notices; a POST marks all as seen."""
    if request.method == "POST":
        see_notices(request.user)
        return redirect("notices")
    shown = notices_for(request.user).select_related("message__author", "message__room__group", "group", "by")[
        :MOST_SHOWN
    ]
    return render(request, "notices/list.html", {"notices": shown})
