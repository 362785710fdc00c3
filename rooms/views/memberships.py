"""Pages about who belongs to a group: the list, what its leaders decide there, and asking to join."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from members import permissions
from members.refusals import BadRequest
from members.requests import MemberRequest, address_of, answered_in, asked_on, searched
from rooms.access import membership_in
from rooms.actions.memberships import (
    add_member,
    answer_request,
    ask_to_join,
    change_role,
    hand_over,
    lead_another_term,
    remove_member,
)
from rooms.models import JoinRequest, Membership

MEMBERS_A_PAGE = 100


@require_GET
@login_required
def members(request: MemberRequest, group_id: int) -> HttpResponse:
    """Everybody in the group; for those who may, who asks to join, and how to add, remove and name leaders."""
    return members_page(request, group_id)


def members_page(request: MemberRequest, group_id: int, refused: BadRequest | None = None) -> HttpResponse:
    mine = membership_in(request.user, group_id)
    find = searched(request)
    everybody = Membership.objects.filter(group=mine.group, member__is_active=True).with_badges()
    found = everybody.filter(member__display_name__icontains=find) if find else everybody
    may_add = not permissions.may_add_members(mine.member, mine)
    context = {
        "group": mine.group,
        "membership": mine,
        "members_count": everybody.count(),
        "find": find,
        "asked": address_of({"find": find}),
        "page": Paginator(found.order_by("member__display_name", "pk"), MEMBERS_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "may_add": may_add,
        "is_moderator": permissions.is_moderator(mine.member),
        "requests": open_requests(mine) if may_add else [],
        "who": request.POST.get("who", ""),
        "refused": refused,
    }
    return render(request, "rooms/group_members.html", context, status=refused.status if refused else 200)


def open_requests(mine: Membership) -> list[JoinRequest]:
    """Who asks to join, longest first."""
    waiting = JoinRequest.objects.filter(group=mine.group, answered_at=None, member__is_active=True)
    return list(waiting.select_related("member__organisation", "member__profession").order_by("asked_at"))


@require_POST
@login_required
def add(request: MemberRequest, group_id: int) -> HttpResponse:
    try:
        add_member(request.user, group_id, request.POST.get("who", ""))
    except BadRequest as refused:
        return members_page(request, group_id, refused)
    return redirect("group_members", group_id)


@require_POST
@login_required
def remove(request: MemberRequest, group_id: int, member_id: int) -> HttpResponse:
    remove_member(request.user, group_id, member_id)
    return redirect("group_members", group_id)


@require_POST
@login_required
def lead(request: MemberRequest, group_id: int, member_id: int) -> HttpResponse:
    """Name a leader (`on` is 1), or end that (0)."""
    change_role(request.user, group_id, member_id, lead=asked_on(request))
    return redirect("group_members", group_id)


@require_POST
@login_required
def another_term(request: MemberRequest, group_id: int) -> HttpResponse:
    lead_another_term(request.user, group_id)
    return redirect("group", group_id)


@require_POST
@login_required
def hand_on(request: MemberRequest, group_id: int, member_id: int) -> HttpResponse:
    hand_over(request.user, group_id, member_id)
    return redirect("group", group_id)


@require_POST
@login_required
def ask(request: MemberRequest, group_id: int) -> HttpResponse:
    ask_to_join(request.user, group_id, request.POST.get("words", ""), answered_in(request))
    return redirect("group", group_id)


@require_POST
@login_required
def answer(request: MemberRequest, request_id: int) -> HttpResponse:
    """Let in who asked (`on` is 1), or not (0)."""
    asked = answer_request(request.user, request_id, accept=asked_on(request))
    return redirect("group_members", asked.group_id)
