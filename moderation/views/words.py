"""The page on which moderators keep the watched words: tried on a sample first, then kept."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from members.permissions import allow, may_moderate
from members.refusals import BadRequest
from members.requests import MemberRequest
from moderation.models import WatchedWord
from moderation.words import Wish, tried, unwatch, watch

LONGEST_SAMPLE = 5_000


@require_http_methods(["GET", "POST"])
@login_required
def words(request: MemberRequest) -> HttpResponse:
    """The list, and the form. It shows first what a word would find; only what was tried is kept."""
    allow(may_moderate(request.user, timezone.now()))
    wish = Wish(*(request.POST.get(field, "") for field in ("word", "act", "instead", "why")))
    sample = request.POST.get("sample", "")[:LONGEST_SAMPLE]
    context: dict[str, object] = {"wish": wish, "sample": sample}
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("tried") == wish.word and wish.word:
                watch(request.user, wish)
                return redirect("words")
            context |= {"found": tried(request.user, wish, sample), "is_tried": True}
        except BadRequest as refused:
            context["refused"], status = refused, refused.status
    context |= {"kept": WatchedWord.objects.select_related("by").order_by("word"), "acts": WatchedWord.Act.choices}
    return render(request, "moderation/words.html", context, status=status)


@require_POST
@login_required
def remove_word(request: MemberRequest, word_id: int) -> HttpResponse:
    unwatch(request.user, word_id)
    return redirect("words")
