"""The page of legal holds, for administrators: what is kept, why, and the forms to ask, agree, decline and end."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from members.permissions import allow, may_keep_by_law
from members.refusals import BadRequest, NotAllowed, NotHere, Refused
from members.requests import MemberRequest, answered_in
from moderation import legal
from moderation.access import legal_hold_for, legal_holds_for
from moderation.models import LegalHold

CLOSED_A_PAGE = 50
TYPED = ("kind", "who", "reason")


@require_GET
@login_required
def legal_holds(request: MemberRequest) -> HttpResponse:
    return list_page(request)


def list_page(request: MemberRequest, refused: Refused | None = None, about: int = 0) -> HttpResponse:
    """Open ones, then those that are over. What was typed comes back with a refusal. `about`: the hold that was refused."""
    people = ("member", "group", "asked_by", "agreed_by", "end_asked_by", "closed_by")
    found = legal_holds_for(request.user).select_related(*people)
    closed = Paginator(found.exclude(state__in=LegalHold.OPEN), CLOSED_A_PAGE)
    context = {
        "open": found.filter(state__in=LegalHold.OPEN),
        "page": closed.get_page(request.GET.get("page")),
        "typed": {field: request.POST.get(field, "") for field in TYPED},
        "refused": refused,
        "about": about,
    }
    return render(request, "moderation/legal_holds.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def ask(request: MemberRequest) -> HttpResponse:
    allow(may_keep_by_law(request.user, None, timezone.now()))
    try:
        kind, who, reason = (request.POST.get(field, "") for field in TYPED)
        legal.ask_for_hold(request.user, kind, who, reason, answered_in(request))
    except (BadRequest, NotAllowed) as refused:
        return list_page(request, refused)
    return redirect("legal_holds")


@require_POST
@login_required
def step(request: MemberRequest, hold_id: int, step: str) -> HttpResponse:
    """One step of a hold: agree, decline, end, agree-to-end, go-on."""
    legal_hold_for(request.user, hold_id)
    if step not in legal.STEPS:
        raise NotHere
    try:
        legal.STEPS[step](request.user, hold_id)
    except NotAllowed as refused:
        return list_page(request, refused, hold_id)
    return redirect("legal_holds")
