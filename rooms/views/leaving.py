"""Pages about leaving the community, and about coming back."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import permissions
from members.actions import bring_back, leave_community, sign_out
from members.models import BADGE, Member
from members.requests import MemberRequest
from rooms.actions.leaving import groups_that_need_a_leader


@require_http_methods(["GET", "POST"])
@login_required
def leave(request: MemberRequest) -> HttpResponse:
    """What leaving means and what has to be done first; and leaving."""
    if request.method == "POST":
        leave_community(request.user)
        sign_out(request)
        return render(request, "members/goodbye.html")
    return render(request, "members/leave.html", {"leaderless": groups_that_need_a_leader(request.user)})


@require_GET
@login_required
def left(request: MemberRequest) -> HttpResponse:
    """Who has left, latest first: for administrators."""
    permissions.allow(permissions.may_bring_back(request.user))
    gone = Member.objects.exclude(left_at=None).select_related(*BADGE).order_by("-left_at")
    return render(request, "members/left.html", {"gone": gone})


@require_POST
@login_required
def back(request: MemberRequest, member_id: int) -> HttpResponse:
    """Bring somebody back who left."""
    bring_back(request.user, member_id)
    return redirect("member", member_id)
