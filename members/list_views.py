"""The pages on which moderators keep the lists: one set for organisations and professions alike."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from members import permissions
from members.lists import (
    Entry,
    KeptList,
    add_entry,
    change_entry,
    entries,
    entry_for,
    merge_entries,
    offered,
    organisation_for,
    retire_entry,
    set_number_shapes,
)
from members.models import Organisation
from members.number_shapes import MOST_SHAPES, example, found_in, shapes_in
from members.refusals import BadRequest, Refused, TooFast
from members.requests import MemberRequest, answered_in, asked_on, whole_number

LONGEST_SAMPLE = 5_000
FIELDS = ("name", "short_name", "kind", "region", "order")


def typed_in(request: MemberRequest) -> dict[str, str]:
    return {field: request.POST.get(field, "") for field in FIELDS}


@require_http_methods(["GET", "POST"])
@login_required
def whole_list(request: MemberRequest, kept: KeptList) -> HttpResponse:
    """The list, and the form that adds to it. What was typed comes back with a refusal."""
    permissions.allow(permissions.may_keep_lists(request.user))
    if request.method == "GET":
        return list_page(request, kept, {})
    try:
        add_entry(request.user, kept, typed_in(request), answered_in(request))
    except (BadRequest, TooFast) as refused:
        return list_page(request, kept, typed_in(request), refused)
    return redirect(kept.many)


def list_page(
    request: MemberRequest, kept: KeptList, shown: dict[str, str], refused: Refused | None = None
) -> HttpResponse:
    everything = list(entries(kept))
    context = {
        "kept": kept,
        "standing": [entry for entry in everything if not entry.retired_at],
        "retired": [entry for entry in everything if entry.retired_at],
        "shown": shown,
        "kinds": Organisation.Kind.choices,
        "refused": refused,
    }
    return render(request, "members/kept_list.html", context, status=refused.status if refused else 200)


@require_http_methods(["GET", "POST"])
@login_required
def entry(request: MemberRequest, kept: KeptList, entry_id: int) -> HttpResponse:
    """One entry: the form that changes it, and the way to retiring and merging it."""
    found = entry_for(request.user, kept, entry_id)
    if request.method == "GET":
        return entry_page(request, kept, found, {field: getattr(found, field, "") for field in FIELDS})
    try:
        change_entry(request.user, kept, entry_id, typed_in(request), answered_in(request))
    except (BadRequest, TooFast) as refused:
        return entry_page(request, kept, found, typed_in(request), refused)
    return redirect(kept.many)


def entry_page(
    request: MemberRequest, kept: KeptList, found: Entry, shown: dict[str, str], refused: Refused | None = None
) -> HttpResponse:
    context = {
        "kept": kept,
        "entry": found,
        "members_count": found.members.count(),
        "others": offered(kept).exclude(pk=found.pk),
        "shown": shown,
        "kinds": Organisation.Kind.choices,
        "refused": refused,
    }
    return render(request, "members/kept_entry.html", context, status=refused.status if refused else 200)


@require_http_methods(["GET", "POST"])
@login_required
def merge(request: MemberRequest, kept: KeptList, entry_id: int) -> HttpResponse:
    """What merging one entry into another (`into`) would do; and doing it."""
    if request.method == "POST":
        merge_entries(request.user, kept, entry_id, whole_number(request.POST.get("into", "")) or 0)
        return redirect(kept.many)
    found = entry_for(request.user, kept, entry_id)
    into = entry_for(request.user, kept, whole_number(request.GET.get("into", "")) or entry_id)
    if into == found:
        return redirect(kept.called, entry_id)
    context = {"kept": kept, "entry": found, "into": into, "members_count": found.members.count()}
    return render(request, "members/kept_merge.html", context)


@require_POST
@login_required
def retire(request: MemberRequest, kept: KeptList, entry_id: int) -> HttpResponse:
    """Offer an entry no longer (`on` is 1), or again (0)."""
    retire_entry(request.user, kept, entry_id, on=asked_on(request))
    return redirect(kept.many)


@require_http_methods(["GET", "POST"])
@login_required
def number_shapes(request: MemberRequest, entry_id: int) -> HttpResponse:
    """How an organisation's hospital numbers look. Only shapes that were tried are kept; the sample is kept nowhere."""
    organisation = organisation_for(request.user, entry_id)
    typed, sample = request.POST.get("shapes", ""), request.POST.get("sample", "")[:LONGEST_SAMPLE]
    context: dict[str, object] = {"entry": organisation, "most": MOST_SHAPES}
    status = 200
    if request.method == "GET":
        context["typed"] = organisation.number_shapes
        return render(request, "members/number_shapes.html", context)
    try:
        shapes = shapes_in(typed)
        typed = "\n".join(shapes)
        # Browsers send line ends in their own way.
        if "tried" in request.POST and request.POST["tried"].splitlines() == shapes:
            set_number_shapes(request.user, entry_id, typed)
            return redirect("organisation", entry_id)
        context |= {"is_tried": True, "shapes": [(shape, example(shape)) for shape in shapes]}
        context["found"] = found_in(shapes, sample)
    except BadRequest as refused:
        context["refused"], status = refused, refused.status
    return render(request, "members/number_shapes.html", context | {"typed": typed, "sample": sample}, status=status)
