"""Pages for hiding many messages in one act."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from members import permissions
from members.permissions import allow
from members.refusals import Asks, BadRequest, NotAllowed, NotHere, TooFast
from members.requests import MemberRequest, whole_number
from moderation.access import hiding_for, latest_messages_of
from moderation.actions import Order
from moderation.many import answer_many, hide_many, is_undoable, plan_for, undo_many
from moderation.models import Ground
from rooms.access import member_for

LATEST = 200


@require_GET
@login_required
def latest(request: MemberRequest, member_id: int) -> HttpResponse:
    """What a member wrote last in working groups, for choosing what to hide."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    member = member_for(request.user, member_id)
    context = {"member": member, "messages": latest_messages_of(request.user, member_id, LATEST)}
    return render(request, "moderation/latest.html", context)


@require_POST
@login_required
def choose(request: MemberRequest) -> HttpResponse:
    """Say first what would happen; with `step` do, do it, or ask another moderator to agree."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    chosen = [int(typed) for typed in request.POST.getlist("message") if whole_number(typed) is not None]
    said = {name: request.POST.get(name, "") for name in ("ground", "reason", "words")}
    plan = plan_for(request.user, chosen)
    context: dict[str, object] = {"plan": plan, "grounds": Ground.choices, "typed": {"ground": Ground.ADVERT} | said}
    if request.POST.get("step") != "do":
        return render(request, "moderation/plan.html", context)
    order = Order("hide", answered=frozenset(request.POST.getlist("answered")), **said)  # type: ignore[arg-type]
    try:
        many = hide_many(request.user, [message.pk for message in plan.messages], order)
    except (Asks, BadRequest, NotAllowed, TooFast) as refused:
        return render(request, "moderation/plan.html", context | {"refused": refused}, status=refused.status)
    return redirect("hiding_many", many.pk)


@require_GET
@login_required
def many(request: MemberRequest, many_id: int) -> HttpResponse:
    """What was hidden in one act, or waits for another moderator; with undo for ten minutes."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    found, messages = hiding_for(request.user, many_id)
    look = getattr(found, "second_look", None)
    context = {
        "many": found,
        "messages": messages,
        "look": look,
        "is_undoable": is_undoable(found),
        "waits_for_me": look and not look.answered_at and look.asked_by_id != request.user.pk,
    }
    return render(request, "moderation/many.html", context)


@require_POST
@login_required
def step(request: MemberRequest, many_id: int, step: str) -> HttpResponse:
    allow(permissions.may_moderate(request.user, timezone.now()))
    match step:
        case "agree" | "decline":
            answer_many(request.user, many_id, agree=step == "agree")
        case "undo":
            undo_many(request.user, many_id)
        case _:
            raise NotHere
    return redirect("hiding_many", many_id)
