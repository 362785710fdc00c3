"""The tap, and the pages of those who look after it."""

from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from members.permissions import allow, may_flag_patient, may_guard, may_restore_flagged
from members.refusals import NotHere, Refused
from members.requests import MemberRequest, whole_number
from moderation.access import slip_about, slip_for, slips_for
from moderation.models import Slip, SlipReader
from moderation.slips.flagging import flag_patient
from moderation.slips.purging import quoting
from moderation.slips.receipt import as_text, decisions, lines
from moderation.slips.settling import concerned_in, look_at, purge_flagged, record_outcome, restore_flagged
from rooms.access import message_for
from rooms.live_views import refusal, same_as_page
from rooms.models import File
from rooms.views.files import NO_PAGE, stored
from rooms.views.messages import about

MOST_SHOWN = 100


@require_http_methods(["GET", "POST"])
@login_required
def flag(request: MemberRequest, message_id: int) -> HttpResponse:
    """The one question, and what follows a yes. To the author of what was flagged: their own words, and what happens now."""
    if request.content_type == "application/json" and request.method == "POST":
        return flag_by_script(request, message_id)
    found = message_for(request.user, message_id)
    if request.method == "POST":
        flag_patient(request.user, message_id)
        return redirect("flag_patient", message_id)
    allow(may_flag_patient(request.user, timezone.now()))
    flagged = Slip.objects.filter(message=found).order_by("-pk").first()
    own = slip_about(request.user, message_id)
    shows_own = own is not None and own.state == Slip.State.OPEN and found.removed_at is None
    context = {**about(request, found), "slip": flagged, "own": own, "own_words": found.text if shows_own else ""}
    return render(request, "slips/flag.html", context)


def flag_by_script(request: MemberRequest, message_id: int) -> JsonResponse:
    """The same for a browser module, which waits for an answer and not for a page."""
    try:
        flag_patient(same_as_page(request, request.user), message_id)
    except Refused as refused:
        return refusal(refused)
    return JsonResponse({"kind": "done"})


@require_GET
@login_required
def slips(request: MemberRequest) -> HttpResponse:
    """All of them for guardians: what waits first, then what was last."""
    allow(may_guard(request.user, timezone.now()))
    known = slips_for(request.user)
    waiting = [*known.filter(outcome="").order_by("flagged_at")]
    done = known.exclude(outcome="").order_by("-flagged_at")[:MOST_SHOWN]
    return render(request, "slips/list.html", {"waiting": waiting, "done": done})


@require_GET
@login_required
def slip(request: MemberRequest, slip_id: int) -> HttpResponse:
    """What is known, what is to be decided and until when. Not the words: to see them is a look, which is written down."""
    return page(request, slip_for(request.user, slip_id))


@require_POST
@login_required
def look(request: MemberRequest, slip_id: int) -> HttpResponse:
    """The page with the words."""
    return page(request, look_at(request.user, slip_id), is_look=True)


def page(request: MemberRequest, found: Slip, *, is_look: bool = False, refused: Refused | None = None) -> HttpResponse:
    now = timezone.now()
    message = found.message if is_look else None
    context = {
        "slip": found,
        "looked": message,
        "files": list(enumerate(message.files.filter(discarded_at=None).order_by("pk"))) if message else [],
        "revisions": message.revisions.order_by("-pk") if message else [],
        "quoting": quoting(found),
        "readers": readers_of(found),
        "flaggers": found.case.reports.exclude(by=None).select_related("by").order_by("pk"),
        "history": found.case.entries.select_related("by").order_by("pk"),
        "why_not_restored": may_restore_flagged(request.user, concerned_in(found), now),
        "is_over": now > found.deadline,
        "contact": settings.DATA_PROTECTION_CONTACT,
        "outcomes": [(value, words) for value, words in Slip.Outcome.choices if value != Slip.Outcome.NO_SLIP],
        "refused": refused,
        "typed": request.POST.get("words", ""),
    }
    return render(request, "slips/slip.html", context, status=refused.status if refused else 200)


def readers_of(found: Slip) -> list[tuple[SlipReader, list[str]]]:
    """Each member who may have seen it, and in which ways."""
    rows = found.readers.select_related("member__organisation", "member__profession")
    rows = rows.order_by("member__display_name", "member", "pk")
    grouped = (list(ways) for _, ways in groupby(rows, key=attrgetter("member_id")))
    return [(ways[0], [each.get_how_display() for each in ways]) for ways in grouped]


@require_safe
@login_required
@NO_PAGE
def file(request: MemberRequest, slip_id: int, place: int) -> HttpResponseBase:
    """A file of the hidden message, to a guardian; a look like any other. Raises NotHere."""
    found = slip_for(request.user, slip_id)
    files = File.objects.filter(message=found.message, message__isnull=False, discarded_at=None).order_by("pk")
    chosen = files[place : place + 1].first() if place < MOST_SHOWN else None
    if chosen is None:
        raise NotHere
    look_at(request.user, slip_id)
    answer = stored(
        request,
        chosen.stored_name,
        content_type=chosen.content_type,
        filename=chosen.name,
        as_attachment=not chosen.is_picture,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def restore(request: MemberRequest, slip_id: int) -> HttpResponse:
    restore_flagged(request.user, slip_id)
    return redirect("slip", slip_id)


@require_POST
@login_required
def purge(request: MemberRequest, slip_id: int) -> HttpResponse:
    chosen = [whole_number(each) for each in request.POST.getlist("quoting")]
    purge_flagged(request.user, slip_id, [each for each in chosen if each is not None])
    return redirect("slip_receipt", slip_id)


@require_POST
@login_required
def outcome(request: MemberRequest, slip_id: int) -> HttpResponse:
    """What comes of it. A refusal shows the page again with what was typed."""
    try:
        record_outcome(request.user, slip_id, request.POST.get("outcome", ""), request.POST.get("words", ""))
    except NotHere:
        raise
    except Refused as refused:
        return page(request, slip_for(request.user, slip_id), refused=refused)
    return redirect("slip", slip_id)


@require_GET
@login_required
def receipt(request: MemberRequest, slip_id: int) -> HttpResponse:
    found = slip_for(request.user, slip_id)
    context = {"slip": found, "lines": list(lines(found)), "decisions": decisions(found)}
    context["readers"] = found.readers.values("member").distinct().count()
    return render(request, "slips/receipt.html", context)


@require_GET
@login_required
def receipt_as_text(request: MemberRequest, slip_id: int) -> HttpResponse:
    """To be kept with the papers."""
    found = slip_for(request.user, slip_id)
    name = f'attachment; filename="slip-{found.pk}-receipt.txt"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return HttpResponse(as_text(found), content_type="text/plain; charset=utf-8", headers=headers)
