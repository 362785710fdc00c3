"""Beginning and leaving direct conversations; keeping one's distance from somebody."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.models import Block, Member, Mute
from members.refusals import Refused
from members.requests import MemberRequest, asked_on, searched, whole_number
from rooms.actions.direct import MOST, keep_away, leave_direct, open_direct
from rooms.directory import people_for

MOST_FOUND = 30


@require_POST
@login_required
def write_to(request: MemberRequest, member_id: int) -> HttpResponse:
    """To the conversation with one person, begun if there is none yet."""
    return redirect("room", open_direct(request.user, [member_id]).pk)


@require_http_methods(["GET", "POST"])
@login_required
def new_conversation(request: MemberRequest) -> HttpResponse:
    """Choose several people: found by name, ticked, kept while one looks for the next."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = {number for number in map(whole_number, given.getlist("member")) if number}
    if request.method == "POST" and "begin" in request.POST:
        try:
            return redirect("room", open_direct(request.user, sorted(chosen)).pk)
        except Refused as refused:
            return choose(request, chosen, refused)
    return choose(request, chosen)


def choose(request: MemberRequest, chosen: set[int], refused: Refused | None = None) -> HttpResponse:
    find = searched(request)
    found = people_for(request.user, find=find).exclude(pk=request.user.pk) if find else Member.objects.none()
    company = people_for(request.user).filter(pk__in=chosen)
    context = {
        "find": find,
        "chosen": company,
        "found": found.exclude(pk__in=chosen)[:MOST_FOUND],
        "most": MOST - 1,
        "refused": refused,
    }
    return render(request, "rooms/new_conversation.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def leave_conversation(request: MemberRequest, room_id: int) -> HttpResponse:
    leave_direct(request.user, room_id)
    return redirect("home")


@require_POST
@login_required
def block(request: MemberRequest, member_id: int) -> HttpResponse:
    """Do not let somebody write to me, or let them again."""
    keep_away(request.user, member_id, Block, on=asked_on(request))
    return redirect("member", member_id)


@require_POST
@login_required
def mute(request: MemberRequest, member_id: int) -> HttpResponse:
    """Do not hear somebody, or hear them again."""
    keep_away(request.user, member_id, Mute, on=asked_on(request))
    return redirect("member", member_id)


@require_safe
@login_required
def distance(request: MemberRequest) -> HttpResponse:
    """Whom I have blocked or muted, to take it back."""
    context = {
        "blocked": Member.objects.filter(blocked_by__member=request.user).order_by("display_name"),
        "muted": Member.objects.filter(muted_by__member=request.user).order_by("display_name"),
    }
    return render(request, "members/distance.html", context)
