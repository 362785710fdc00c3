"""One's own profile."""

from dataclasses import fields

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.models import Member, Organisation
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
