"""The rota of the moderators' home, and the figures that all members see."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from members.permissions import allow, may_moderate
from members.refusals import BadRequest
from members.requests import MemberRequest
from moderation.figures import FEWEST, figures_shown, posts_shown
from moderation.rota import look_first, weeks_for
from moderation.showing import shown_before


@require_http_methods(["GET", "POST"])
@login_required
def rota(request: MemberRequest) -> HttpResponse:
    """Who looks first in which week, and the form in which one says so."""
    allow(may_moderate(request.user, timezone.now()))
    refused = None
    if request.method == "POST":
        try:
            look_first(request.user, chosen_weeks(request))
            return redirect("rota")
        except BadRequest as error:
            refused = error
    context = {"weeks": weeks_for(request.user), "refused": refused}
    return render(request, "moderation/rota.html", context, status=refused.status if refused else 200)


def chosen_weeks(request: MemberRequest) -> list[date]:
    """Raises BadRequest."""
    try:
        return [date.fromisoformat(monday) for monday in request.POST.getlist("week")]
    except ValueError:
        raise BadRequest(field="week") from None


@require_GET
@login_required
def figures(request: MemberRequest) -> HttpResponse:
    """For all members: how moderation goes, by month, without anybody in it."""
    now = timezone.now()
    context = {"shown": figures_shown(now), "posts": posts_shown(now), "until": shown_before(now), "fewest": FEWEST}
    return render(request, "moderation/figures.html", context)
