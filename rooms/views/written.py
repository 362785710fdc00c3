"""What one wrote, wherever that was, to find it and to take it away."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from members.requests import MemberRequest
from rooms.access import messages_for, written_by
from rooms.actions.messages import remove_written

MESSAGES_A_PAGE = 50


@require_safe
@login_required
def written(request: MemberRequest) -> HttpResponse:
    """One's own messages, the newest first; with a link to those that one can still read in their place."""
    found = (
        written_by(request.user).select_related("room__group").prefetch_related("files").order_by("-posted_at", "-pk")
    )
    page = Paginator(found, MESSAGES_A_PAGE).get_page(request.GET.get("page"))
    readable = set(messages_for(request.user).filter(pk__in=[each.pk for each in page]).values_list("pk", flat=True))
    return render(request, "rooms/written.html", {"page": page, "readable": readable})


@require_POST
@login_required
def remove(request: MemberRequest, message_id: int) -> HttpResponse:
    remove_written(request.user, message_id)
    return redirect("written")
