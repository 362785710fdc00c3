"""The page for urgent concerns: where to turn, and a button that tells moderators at once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from frontend.text import to_html
from members.community.urgent import urgent_words
from members.models import Member
from members.refusals import BadRequest, NotSignedIn, Refused
from members.requests import answered_in
from moderation.urgent import raise_concern


@require_http_methods(["GET", "POST"])
def urgent(request: HttpRequest) -> HttpResponse:
    """For everybody to read; whoever is signed in can tell moderators. What was typed comes back with a refusal."""
    refused: Refused | None = None
    if request.method == "POST":
        if not isinstance(request.user, Member):
            raise NotSignedIn
        try:
            raise_concern(request.user, request.POST.get("words", ""), answered_in(request))
        except BadRequest as error:
            refused = error
        else:
            return redirect(f"{reverse('urgent')}?told=1")
    context = {
        "words": to_html(urgent_words()),
        "is_told": "told" in request.GET,
        "typed": request.POST.get("words", ""),
        "refused": refused,
    }
    return render(request, "moderation/urgent.html", context, status=refused.status if refused else 200)
