"""One's own profile, and one's own data."""

from dataclasses import fields

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.copies import ask_for_copy, copy_for, path_of
from members.entrance.fresh import after_fresh_sign_in
from members.erasure import ask_to_be_erased, keep_after_all
from members.models import DataCopy, Erasure, Member, Organisation
from members.profile import Profile, change_profile, profile_of
from members.refusals import BadRequest
from members.requests import MemberRequest


@require_http_methods(["GET", "POST"])
@login_required
def profile(request: MemberRequest) -> HttpResponse:
    """The form in which members say who they are. What was typed comes back with a refusal."""
    context: dict[str, object] = {
        "professions": Member.Profession.choices,
        "organisations": Organisation.objects.order_by("name"),
    }
    if request.method == "GET":
        return render(request, "members/profile.html", context | {"profile": profile_of(request.user)})
    typed = Profile(**{field.name: request.POST.get(field.name, "") for field in fields(Profile)})
    try:
        change_profile(request.user, typed)
    except BadRequest as refused:
        context |= {"profile": typed, "refused": refused}
        return render(request, "members/profile.html", context, status=refused.status)
    return redirect("member", request.user.pk)


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
    answer = FileResponse(
        path_of(copy).open("rb"), as_attachment=True, filename=f"my-data-{copy.asked_at:%Y-%m-%d}.zip"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
