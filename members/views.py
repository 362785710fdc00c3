"""One's own profile, and one's own data."""

from dataclasses import fields

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.copies import ask_for_copy, copy_for, path_of
from members.downloads import Download
from members.entrance.fresh import after_fresh_sign_in
from members.erasure import ask_to_be_erased, keep_after_all
from members.lists import ORGANISATIONS, PROFESSIONS, offered
from members.models import DataCopy, Erasure
from members.profile import (
    Profile,
    change_photo,
    change_profile,
    confirm_affiliation,
    profile_of,
    remove_photo,
    time_zones,
)
from members.refusals import BadRequest, Refused, TooFast
from members.requests import MemberRequest, answered_in, asked_on
from members.restriction import restrict


@require_http_methods(["GET", "POST"])
@login_required
def profile(request: MemberRequest) -> HttpResponse:
    """The form in which members say who they are. What was typed comes back with a refusal."""
    if request.method == "GET":
        return profile_page(request, profile_of(request.user))
    typed = Profile(**{field.name: request.POST.get(field.name, "") for field in fields(Profile)})
    try:
        change_profile(request.user, typed, answered_in(request))
    except (BadRequest, TooFast) as refused:
        return profile_page(request, typed, refused)
    return redirect("member", request.user.pk)


def profile_page(request: MemberRequest, shown: Profile, refused: Refused | None = None) -> HttpResponse:
    context = {
        "profile": shown,
        "professions": offered(PROFESSIONS, request.user.profession_id),
        "organisations": offered(ORGANISATIONS, request.user.organisation_id),
        "time_zones": time_zones(),
        "site_time_zone": settings.TIME_ZONE,
        "refused": refused,
    }
    return render(request, "members/profile.html", context, status=refused.status if refused else 200)


@require_POST
@login_required
def photo(request: MemberRequest) -> HttpResponse:
    """Put up a photo, or take it down: with no file chosen nothing changes."""
    try:
        if request.POST.get("remove"):
            remove_photo(request.user)
        elif upload := request.FILES.get("picture"):
            change_photo(request.user, upload)
        else:
            raise BadRequest("Choose a picture first.", field="picture")
    except BadRequest as refused:
        return profile_page(request, profile_of(request.user), refused)
    return redirect("member", request.user.pk)


@require_POST
@login_required
def still_here(request: MemberRequest) -> HttpResponse:
    """Yes, still at the same organisation."""
    confirm_affiliation(request.user)
    return redirect("home")


@require_safe
@login_required
def my_data(request: MemberRequest) -> HttpResponse:
    """What can be done with one's own data: take a copy along, be erased."""
    context = {
        "copies": DataCopy.objects.filter(member=request.user).order_by("-asked_at"),
        "erasure": Erasure.objects.filter(member=request.user).first(),
        "choices": Erasure.Messages.choices,
        "now": timezone.now(),
    }
    return render(request, "members/my_data.html", context)


@require_POST
@login_required
def copy_my_data(request: MemberRequest) -> HttpResponse:
    ask_for_copy(request.user)
    return redirect("my_data")


@require_safe
@after_fresh_sign_in
def take_copy(request: MemberRequest, copy_id: int) -> HttpResponseBase:
    """The file itself. It holds everything, so an unlocked screen is not enough."""
    copy = copy_for(request.user, copy_id)
    answer = Download(path_of(copy).open("rb"), as_attachment=True, filename=f"my-data-{copy.asked_at:%Y-%m-%d}.zip")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def restrict_me(request: MemberRequest) -> HttpResponse:
    restrict(request.user, on=asked_on(request))
    return redirect("my_data")


@require_POST
@after_fresh_sign_in
def erase_me(request: MemberRequest) -> HttpResponse:
    ask_to_be_erased(request.user, messages=request.POST.get("messages", ""))
    return redirect("my_data")


@require_POST
@login_required
def keep_me(request: MemberRequest) -> HttpResponse:
    keep_after_all(request.user)
    return redirect("my_data")
