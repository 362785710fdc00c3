"""The page that hides a message of one's own group, and shows it again."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from members.refusals import BadRequest, NotAllowed, Refused, TooFast
from members.requests import MemberRequest
from moderation.hiding import hidden_by_a_leader, hide, message_to_hide, show_again
from moderation.views.holding import form_page, typed_why


@require_http_methods(["GET", "POST"])
@login_required
def hide_message(request: MemberRequest, message_id: int) -> HttpResponse:
    """The form, and what it does: a message that is hidden is shown again."""
    message = message_to_hide(request.user, message_id)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if message.is_removed:
                show_again(request.user, message_id, typed_why(request).reason)
            else:
                hide(request.user, message_id, typed_why(request))
            return redirect("message", message_id)
        except (BadRequest, NotAllowed, TooFast) as error:
            refused = error
    can_show = hidden_by_a_leader(message) is not None
    return form_page(request, "moderation/hide.html", {"message": message, "can_show": can_show}, refused)
