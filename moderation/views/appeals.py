"""Pages about appeals: asking for one, signed in or by the link of a letter; hearing one; offering to."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from members import permissions
from members.limits import Allowance, Limits
from members.models import Member
from members.refusals import BadRequest, NotAllowed, Refused, TooFast
from members.requests import MemberRequest, asked_on
from moderation.access import appeal_against_it, decision_about, seat_for, seats_of, voices_in
from moderation.appeals.hearing import (
    LONGEST_REASON,
    LONGEST_WORDS,
    answer,
    appeal_against,
    decline,
    offer_to_hear,
    why_not,
)
from moderation.appeals.links import decision_of
from moderation.models import Decision, PanelVolunteer, Seat

TYPED_IS_KEPT = (BadRequest, NotAllowed, TooFast)
by_letter_limits = Limits(Allowance(burst=10, a_minute=2))


@require_http_methods(["GET", "POST"])
@login_required
def appeal(request: MemberRequest, number: int) -> HttpResponse:
    """The form to appeal against a decision about oneself, and what became of the appeal."""
    return appealing(request, request.user, decision_about(request.user, number))


@csrf_exempt  # It acts for nobody who is signed in: the link is the key, and GET changes nothing.
@require_http_methods(["GET", "POST"])
def appeal_by_letter(request: HttpRequest, token: str) -> HttpResponse:
    """The same for somebody who cannot sign in. Raises NotHere for a link that we did not make."""
    decision = decision_of(token)
    if request.method == "POST" and not by_letter_limits.allow(decision.pk):
        raise TooFast
    assert decision.about is not None
    return appealing(request, decision.about, decision, frame="members/_door.html")


def appealing(request: HttpRequest, member: Member, decision: Decision, frame: str = "base.html") -> HttpResponse:
    refused: Refused | None = None
    if request.method == "POST":
        try:
            appeal_against(member, decision.number, request.POST.get("words", ""))
            return redirect(request.path)
        except TYPED_IS_KEPT as error:
            refused = error
    appeal = appeal_against_it(decision)
    now = timezone.now()
    context = {
        "frame": frame,
        "decision": decision,
        "appeal": appeal,
        "voices": voices_in(appeal),
        "why_not": why_not(decision) or permissions.may_appeal(member, decision.about_id, decision.made_at, now),
        "typed": request.POST.get("words", ""),
        "longest": LONGEST_WORDS,
        "refused": refused,
    }
    return render(request, "moderation/appeal.html", context, status=refused.status if refused else 200)


@require_GET
@login_required
def panel(request: MemberRequest) -> HttpResponse:
    """Appeals that one was drawn for, and whether one wishes to be."""
    offers = PanelVolunteer.objects.filter(member=request.user).exists()
    return render(request, "moderation/panel.html", {"seats": seats_of(request.user)[:50], "offers": offers})


@require_POST
@login_required
def offer(request: MemberRequest) -> HttpResponse:
    offer_to_hear(request.user, on=asked_on(request))
    return redirect("panel")


@require_http_methods(["GET", "POST"])
@login_required
def hear(request: MemberRequest, appeal_id: int) -> HttpResponse:
    """What one of the panel reads, and says."""
    seat = seat_for(request.user, appeal_id)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            answer(request.user, appeal_id, request.POST.get("voice", ""), request.POST.get("reason", ""))
            return redirect("panel")
        except TYPED_IS_KEPT as error:
            refused = error
    decision = seat.appeal.decision
    context = {
        "seat": seat,
        "appeal": seat.appeal,
        "decision": decision,
        "message": decision.message,
        "voices": Seat.Voice.choices,
        "typed": request.POST,
        "longest": LONGEST_REASON,
        "refused": refused,
    }
    return render(request, "moderation/hear.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def leave_seat(request: MemberRequest, appeal_id: int) -> HttpResponse:
    decline(request.user, appeal_id)
    return redirect("panel")
