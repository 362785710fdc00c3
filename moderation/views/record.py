"""What was decided: the public record, what concerns oneself, and for moderators the list with undo."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from members import permissions
from members.community.rules import rules_at
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed, NotHere, Refused
from members.requests import MemberRequest
from moderation import actions
from moderation.access import appeal_against_it, decision_for, decisions_about, decisions_beside, decisions_for
from moderation.appeals.hearing import why_not
from moderation.hiding import hidden_by_a_leader, message_to_hide
from moderation.models import Decision, Report
from moderation.showing import FEWEST_TO_NAME, decisions_shown, monthly_counts, rows
from rooms.access import message_for
from rooms.models import Message

ROWS_A_PAGE = 50


@require_GET
@login_required
def record(request: MemberRequest) -> HttpResponse:
    """For all members: every use of power, a week or two late and without what could single somebody out."""
    now = timezone.now()
    page = Paginator(decisions_shown(now), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows(page),
        "months": monthly_counts(now) if page.number == 1 else [],
        "fewest": FEWEST_TO_NAME,
        "newest": page[0] if page.number == 1 and len(page) else None,
    }
    return render(request, "moderation/record.html", context)


@require_GET
@login_required
def decision(request: MemberRequest, number: int) -> HttpResponse:
    """One decision, to the member concerned with their own words while they are hidden; to moderators without those."""
    found = decision_for(request.user, number)
    is_mine = found.about_id == request.user.pk
    others = decisions_beside(found)
    hidden = [each.message for each in others if is_mine and each.message and not each.message.removed_at]
    now = timezone.now()
    can_appeal = not (why_not(found) or permissions.may_appeal(request.user, found.about_id, found.made_at, now))
    context = {
        "can_appeal": is_mine and can_appeal,
        "appeal": appeal_against_it(found) if is_mine else None,
        "decision": found,
        "is_mine": is_mine,
        "hidden": [message for message in hidden if message.hidden_at],
        "others": len(others) - 1,
        "undone_by": Decision.objects.filter(undoes=found).first(),
        "rules": rules_at(found.made_at),
    }
    return render(request, "moderation/decision.html", context)


@require_GET
@login_required
def my_decisions(request: MemberRequest) -> HttpResponse:
    """What was decided about oneself, and what became of one's reports."""
    decided = Paginator(decisions_about(request.user).select_related("undone_by"), ROWS_A_PAGE)
    context = {
        "page": decided.get_page(request.GET.get("page")),
        "reports": Report.objects.filter(by=request.user).select_related("case").order_by("-pk")[:ROWS_A_PAGE],
    }
    return render(request, "moderation/my_decisions.html", context)


@require_GET
@login_required
def why_hidden(request: MemberRequest, message_id: int) -> HttpResponse:
    """From the place where a message stands, or stood: its author to the decision, everybody else to the record."""
    message = message_for(request.user, message_id)
    is_hidden = message.is_removed and not message.moved_to_id
    acts = ("hide", "remove") if is_hidden else ("move",)
    about = message.moved_to_id or message.pk
    about_me = decisions_about(request.user).filter(message=about, act__in=acts).first()
    if about_me:
        return redirect("decision", about_me.number)
    return redirect("hide_message", message_id) if may_show_again(request.user, message) else redirect("record")


def may_show_again(member: Member, message: Message) -> bool:
    """Whether a leader hid it, and this is somebody who may take that back."""
    if hidden_by_a_leader(message) is None:
        return False
    try:
        message_to_hide(member, message.pk)
    except (NotAllowed, NotHere):
        return False
    return True


@require_GET
@login_required
def decisions(request: MemberRequest) -> HttpResponse:
    """For moderators: all decisions, the newest first, with what can be taken back."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    return decisions_page(request)


def decisions_page(request: MemberRequest, refused: Refused | None = None, number: int = 0) -> HttpResponse:
    found = decisions_for(request.user).select_related("by", "about", "undone_by", "group").order_by("-number")
    context = {
        "page": Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "can_be_undone": set(actions.UNDONE_BY),
        "refused": refused,
        "number": number,
        "typed": request.POST.get("reason", ""),
    }
    return render(request, "moderation/decisions.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def undo(request: MemberRequest, number: int) -> HttpResponse:
    allow(permissions.may_moderate(request.user, timezone.now()))
    try:
        actions.undo(request.user, number, request.POST.get("reason", ""))
    except (BadRequest, NotAllowed) as refused:
        return decisions_page(request, refused, number)
    return redirect("decisions")
