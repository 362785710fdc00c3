"""The form for complaints about data, open to everybody, and the administrators' list."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.complaints.actions import answer_complaint, complain, complaint_with, complaints_for
from members.refusals import BadRequest, Refused, TooFast
from members.requests import MemberRequest

TRAP = "website"
"""A field that nobody sees. What programs fill in without looking comes back as a refusal that a person would understand."""
MOST_SHOWN = 200


@require_http_methods(["GET", "POST"])
def complaint(request: HttpRequest) -> HttpResponse:
    """The form, for members and for everybody else. What was typed comes back with a refusal."""
    if request.method == "GET":
        address = request.user.email if request.user.is_authenticated else ""
        return render(request, "complaints/complain.html", {"typed": {"address": address}})
    typed = {field: request.POST.get(field, "") for field in ("words", "address")}
    try:
        if request.POST.get(TRAP):
            raise BadRequest("Leave the field for a website empty, then send it again.", field=TRAP)
        made = complain(**typed, from_where=get_adapter().get_client_ip(request))
    except (BadRequest, TooFast) as refused:
        return render(request, "complaints/complain.html", {"typed": typed, "refused": refused}, status=refused.status)
    return redirect("complaint_received", made.ticket)


@require_safe
def received(request: HttpRequest, ticket: str) -> HttpResponse:
    """The ticket and its clock, for whoever has the ticket. Never the words."""
    return render(request, "complaints/received.html", {"complaint": complaint_with(ticket)})


@require_safe
@login_required
def complaints(request: MemberRequest) -> HttpResponse:
    return list_page(request)


def list_page(request: MemberRequest, refused: Refused | None = None, about: int = 0) -> HttpResponse:
    """Open ones by when they are due, then those that were answered. What was typed comes back with a refusal."""
    found = complaints_for(request.user)
    context = {
        "open": found.filter(answered_at=None),
        "answered": found.exclude(answered_at=None).select_related("answered_by")[:MOST_SHOWN],
        "now": timezone.now(),
        "refused": refused,
        "about": about,
        "typed": request.POST.get("outcome", ""),
    }
    return render(request, "complaints/list.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def answer(request: MemberRequest, complaint_id: int) -> HttpResponse:
    try:
        answer_complaint(request.user, complaint_id, request.POST.get("outcome", ""))
    except BadRequest as refused:
        return list_page(request, refused, complaint_id)
    return redirect("complaints")
