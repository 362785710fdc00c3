"""The house rules: those in force and earlier ones, and how members change them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.text import to_html
from members import permissions
from members.access import proposal_for
from members.community import proposals
from members.community.rules import RulesMovedOn, differences, number_in_force, rules_in_force, see_rules, text_of
from members.models import RulesProposal, RulesVersion, Stance
from members.permissions import allow
from members.refusals import BadRequest, NotHere, Refused
from members.requests import MemberRequest, answered_in, whole_number


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The house rules, for whoever is asked to keep them: also before they join. Proposals are for members."""
    found = rules_in_force()
    context: dict[str, object] = {"version": found, "rules": shown(found), "versions": proposals.versions()}
    if request.user.is_authenticated:
        context |= {"open": proposals.open_proposals(), "answered": proposals.answered_proposals()[:20]}
        context["days"] = proposals.WORKING_DAYS
        context["cannot_propose"] = permissions.may_propose_rules(request.user, timezone.now())
    return render(request, "community/rules.html", context)


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, whether in force or not, and what changed with it."""
    found = RulesVersion.objects.filter(number=number).first()
    if found is None:
        raise NotHere
    context = {
        "version": found,
        "rules": shown(found),
        "changes": differences(text_of(number - 1), found.text) if number > 1 else [],
        "in_force": number_in_force(),
    }
    return render(request, "community/rules_version.html", context)


def shown(found: RulesVersion | None) -> str:
    return to_html(found.text) if found else ""


@require_POST
@login_required
def read(request: MemberRequest) -> HttpResponse:
    """I have read them: the first page asks no more, until there is another version."""
    see_rules(request.user, whole_number(request.POST.get("number", "")) or 0)
    return redirect("home")


@require_http_methods(["GET", "POST"])
@login_required
def propose(request: MemberRequest) -> HttpResponse:
    """The form in which a member proposes other house rules. What was typed comes back with a refusal."""
    allow(permissions.may_propose_rules(request.user, timezone.now()))
    found = rules_in_force()
    context: dict[str, object] = {
        "number": found.number if found else 0,
        "text": found.text if found else "",
        "days": proposals.WORKING_DAYS,
    }
    if request.method == "GET":
        return render(request, "community/propose.html", context)
    text, why = request.POST.get("text", ""), request.POST.get("why", "")
    try:
        made = proposals.propose_rules(
            request.user,
            text,
            why,
            after=whole_number(request.POST.get("number", "")) or 0,
            answered=answered_in(request),
        )
    except BadRequest as refused:
        context |= {"text": text, "why": why, "refused": refused}
        return render(request, "community/propose.html", context, status=refused.status)
    return redirect("rules_proposal", made.pk)


@require_safe
@login_required
def proposal(request: MemberRequest, proposal_id: int) -> HttpResponse:
    return proposal_page(request, proposal_for(proposal_id))


def proposal_page(request: MemberRequest, shown: RulesProposal, refused: Refused | None = None) -> HttpResponse:
    """A proposal, what it changes, and what members say to it. `refused` comes with what was typed."""
    now, number = timezone.now(), number_in_force()
    stances = proposals.stances_to(shown)
    mine = stances.filter(member=request.user).first()
    context = {
        "proposal": shown,
        # Against what is in force and not against what was when it was made: that is what it would do.
        "changes": [] if shown.answered_at else differences(text_of(number), shown.text),
        "rules": to_html(shown.text),
        "number": number,
        "has_moved": RulesVersion.objects.filter(from_at__gt=shown.made_at).exists(),
        "is_open": shown.answered_at is None and shown.closes_at > now,
        "stances": stances,
        "counted": proposals.counted(stances),
        "objections": [each for each in stances if each.kind == Stance.Kind.OBJECT],
        "mine": mine,
        "choices": [(kind, kind.label, meaning) for kind, meaning in proposals.MEANINGS.items()],
        "words": request.POST.get("words", mine.words if mine else ""),
        "typed": request.POST,
        "cannot_say": permissions.may_take_stance(request.user, shown, now),
        "may_answer": not permissions.may_answer_proposal(request.user, shown, now),
        "refused": refused,
    }
    return render(request, "community/proposal.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def stance(request: MemberRequest, proposal_id: int) -> HttpResponse:
    """Agree, have a concern, or object: the button that was pressed says which."""
    try:
        proposals.take_stance(
            request.user, proposal_id, request.POST.get("kind", ""), request.POST.get("words", ""), answered_in(request)
        )
    except BadRequest as refused:
        return proposal_page(request, proposal_for(proposal_id), refused)
    return redirect("rules_proposal", proposal_id)


@require_POST
@login_required
def answer(request: MemberRequest, proposal_id: int) -> HttpResponse:
    """Put it into force (`on` is 1), or not (0), and say why."""
    said = request.POST
    try:
        proposals.answer_proposal(
            request.user,
            proposal_id,
            accept=said.get("on") == "1",
            answer=said.get("answer", ""),
            to_objections=said.get("to_objections", ""),
            after=whole_number(said.get("number", "")) or 0,
            answered=answered_in(request),
        )
    except (BadRequest, RulesMovedOn) as refused:
        return proposal_page(request, proposal_for(proposal_id), refused)
    return redirect("rules_proposal", proposal_id)
