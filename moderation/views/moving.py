"""The page that moves a message, from its own menu."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.refusals import Asks, BadRequest, NotAllowed, Refused, TooFast
from members.requests import MemberRequest, whole_number
from moderation.access import rooms_to_move_to
from moderation.actions import Order
from moderation.models import Ground
from moderation.moving import message_to_move, move

FIELDS = ("ground", "reason", "words")


@require_http_methods(["GET", "POST"])
@login_required
def move_message(request: MemberRequest, message_id: int) -> HttpResponse:
    """The form, and what it does."""
    message = message_to_move(request.user, message_id)
    said = {name: request.POST.get(name, "") for name in FIELDS}
    typed = {name: request.POST[name] for name in (*FIELDS, "to") if name in request.POST}
    refused: Refused | None = None
    if request.method == "POST":
        to = whole_number(request.POST.get("to", ""))
        order = Order("move", **said, days=0, to=to, answered=frozenset(request.POST.getlist("answered")))
        try:
            move(request.user, message_id, order)
            return redirect("message", message_id)
        except (Asks, BadRequest, NotAllowed, TooFast) as error:
            refused = error
    context = {
        "message": message,
        "room": message.room,
        "rooms": rooms_to_move_to(request.user, message),
        "grounds": Ground.choices,
        "typed": {"ground": Ground.OFF_TOPIC, **typed},
        "refused": refused,
    }
    return render(request, "moderation/move.html", context, status=refused.status if refused else 200)
