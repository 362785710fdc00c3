"""The moderators' queue, and one case."""

from collections.abc import Callable, Mapping

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from members import permissions
from members.permissions import allow
from members.refusals import Asks, BadRequest, NotAllowed, NotHere, Refused, TooFast
from members.requests import MemberRequest, wants_fragment, whole_number
from moderation import actions
from moderation.access import case_file_for, case_for, hidings_waiting, rooms_to_move_to
from moderation.actions import ACTS_OFFERED, MovedOn, Order
from moderation.context import answer_look, ask_to_look, context_for, look_around
from moderation.home import piles_for
from moderation.models import Case, Ground
from moderation.queue import (
    closed_cases,
    may_ask_to_look,
    message_now,
    open_cases,
    preview_of,
    usual_act,
    usual_ground,
    wordings,
)
from moderation.rota import weeks_for
from rooms.models import Room
from rooms.views.files import NO_PAGE, stored

CASES_A_PAGE = 50
WEEKS_LOOKED_AHEAD = 4
"""Of the rota: whether anybody is down for them."""
TYPED_IS_KEPT = (Asks, BadRequest, MovedOn, NotAllowed, TooFast)
FIELDS = ("act", "ground", "reason", "words")
NUMBERS = ("days", "to")


@require_GET
@login_required
def queue(request: MemberRequest) -> HttpResponse:
    """The moderators' home: what waits, since when, who has it in hand, who looks first; `closed` shows what is done."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    shows_closed = "closed" in request.GET
    found = closed_cases(request.user) if shows_closed else open_cases(request.user)
    weeks = [] if shows_closed else weeks_for(request.user)
    context = {
        "piles": [] if shows_closed else piles_for(request.user),
        "this_week": weeks[0] if weeks else None,
        "empty_weeks": [week for week in weeks[1:WEEKS_LOOKED_AHEAD] if not week.names],
        "shows_closed": shows_closed,
        "page": Paginator(found, CASES_A_PAGE).get_page(request.GET.get("page")),
        "to_agree": hidings_waiting(request.user).select_related("by", "second_look").order_by("asked_at"),
    }
    template = "moderation/_queue.html" if wants_fragment(request, "queue") else "moderation/queue.html"
    return render(request, template, context)


@require_GET
@login_required
def case(request: MemberRequest, case_id: int) -> HttpResponse:
    allow(permissions.may_moderate(request.user, timezone.now()))
    return case_page(request, case_for(request.user, case_id))


def case_page(
    request: MemberRequest, found: Case, *, refused: Refused | None = None, preview: Order | None = None
) -> HttpResponse:
    """A case with its forms; after a refusal with what was typed, under the version that the case has now."""
    reports = list(found.reports.select_related("by__organisation", "by__profession").order_by("pk"))
    message = message_now(found)
    rooms = rooms_to_move_to(request.user, message)
    second_look = found.second_looks.filter(answered_at=None).select_related("asked_by").first()
    typed = {"act": usual_act(found), "ground": usual_ground(reports), "days": "7"} | typed_in(request)
    context = {
        "case": found,
        "reports": reports,
        "wordings": wordings(reports),
        "message": message,
        "revisions": message.revisions.order_by("pk") if message else [],
        "around": context_for(request.user, found),
        "may_ask_to_look": may_ask_to_look(request.user, found),
        "second_look": second_look,
        "entries": found.entries.select_related("by").order_by("pk"),
        "decisions": found.decisions.select_related("by", "undone_by").order_by("number"),
        "against": permissions.may_decide(request.user, actions.concerned_in(found), timezone.now()),
        "acts": acts_for(found, rooms),
        "rooms": rooms,
        "grounds": Ground.choices,
        "priorities": Case.Priority.choices,
        "typed": typed,
        "refused": refused,
        "preview": preview_of(request.user, preview) if preview else None,
    }
    return render(request, "moderation/case.html", context, status=refused.status if refused else 200)


def acts_for(case: Case, rooms: list[Room]) -> list[tuple[str, str]]:
    """What can be decided here. A message is moved only where there is a room to move it to."""
    suitable = [(act, words) for act, words in ACTS_OFFERED.items() if actions.suits(case, act)]
    return [(act, words) for act, words in suitable if act != "move" or rooms]


def typed_in(request: MemberRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in (*FIELDS, *NUMBERS, "note") if name in request.POST}


def version_seen(request: MemberRequest) -> int:
    """The version of the case that the page of this form showed. Raises BadRequest."""
    version = whole_number(request.POST.get("version", ""))
    if version is None:
        raise BadRequest(field="version")
    return version


def answered(request: MemberRequest) -> frozenset[str]:
    return frozenset(request.POST.getlist("answered"))


@require_POST
@login_required
def decide(request: MemberRequest, case_id: int) -> HttpResponse:
    """Show what the person would read (`step` is preview), or do it."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    said = {name: request.POST.get(name, "") for name in FIELDS}
    days, to = (whole_number(request.POST.get(name, "")) for name in NUMBERS)
    order = Order(**said, days=days or 0, to=to, answered=answered(request))
    is_preview = request.POST.get("step") == "preview"
    try:
        if is_preview:
            order = actions.checked_order(request.user, order)
        else:
            actions.decide(request.user, case_id, version_seen(request), order, and_close="keep" not in request.POST)
    except TYPED_IS_KEPT as refused:
        return case_page(request, case_for(request.user, case_id), refused=refused)
    if is_preview:
        return case_page(request, case_for(request.user, case_id), preview=order)
    return redirect("case", case_id)


type Step = Callable[[MemberRequest, int], object]

STEPS: Mapping[str, Step] = {
    "take": lambda request, case: actions.take_case(request.user, case, version_seen(request)),
    "release": lambda request, case: actions.release_case(request.user, case, version_seen(request)),
    "close": lambda request, case: actions.close_case(
        request.user, case, version_seen(request), words=request.POST.get("note", "")
    ),
    "open": lambda request, case: actions.reopen_case(request.user, case, version_seen(request)),
    "note": lambda request, case: actions.add_note(
        request.user, case, request.POST.get("note", ""), answered=answered(request)
    ),
    "priority": lambda request, case: actions.set_priority(
        request.user, case, version_seen(request), priority_chosen(request)
    ),
    "look": lambda request, case: look_around(request.user, case, version_seen(request)),
    "ask": lambda request, case: ask_to_look(request.user, case, version_seen(request)),
    "agree": lambda request, case: answer_look(request.user, case, version_seen(request), agree=True),
    "decline": lambda request, case: answer_look(request.user, case, version_seen(request), agree=False),
}
"""What the small forms of a case do, by the last part of their address."""


def priority_chosen(request: MemberRequest) -> int:
    chosen = whole_number(request.POST.get("priority", ""))
    return -1 if chosen is None else chosen


@require_POST
@login_required
def step(request: MemberRequest, case_id: int, step: str) -> HttpResponse:
    allow(permissions.may_moderate(request.user, timezone.now()))
    if step not in STEPS:
        raise NotHere
    try:
        STEPS[step](request, case_id)
    except TYPED_IS_KEPT as refused:
        return case_page(request, case_for(request.user, case_id), refused=refused)
    return redirect("case", case_id)


@require_safe
@login_required
@NO_PAGE
def case_file(request: MemberRequest, case_id: int, attached_id: int) -> HttpResponseBase:
    """A file of the message that a case is about, to moderators who may not be in its group."""
    allow(permissions.may_moderate(request.user, timezone.now()))
    file = case_file_for(request.user, case_id, attached_id)
    return stored(
        request, file.stored_name, content_type=file.content_type, filename=file.name, as_attachment=not file.is_picture
    )
