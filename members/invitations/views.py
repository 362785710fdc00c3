"""Asking to join the community, and the moderators' answer. Pages about invitations, which lead to groups, are in rooms."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from members.community.facts import the_community
from members.invitations.asking import answer_newcomer, ask_community
from members.refusals import BadRequest, NotHere, TooFast
from members.requests import MemberRequest, answered_in


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form for whoever would like to join. What was typed comes back with a refusal."""
    if not the_community().may_be_asked:
        raise NotHere
    if request.method == "GET":
        return render(request, "community/ask.html", {"has_asked": "asked" in request.GET})
    typed = {field: request.POST.get(field, "") for field in ("name", "address", "words")}
    try:
        ask_community(**typed, from_where=get_adapter().get_client_ip(request), answered=answered_in(request))
    except (BadRequest, TooFast) as refused:
        return render(request, "community/ask.html", {"typed": typed, "refused": refused}, status=refused.status)
    return redirect(f"{reverse('ask_community')}?asked=1")


@require_POST
@login_required
def answer(request: MemberRequest, request_id: int) -> HttpResponse:
    """Invite who asked (`on` is 1), or decline (0)."""
    answer_newcomer(request.user, request_id, accept=request.POST.get("on") == "1")
    return redirect("invitations")
