"""Signing in and out, and one's own profile."""

from dataclasses import fields

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_POST

from members.actions import sign_in, sign_out
from members.models import Member, Organisation
from members.profile import Profile, change_profile, profile_of
from members.refusals import BadRequest, NotHere
from members.requests import MemberRequest


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """The sign-in page: address and password; while DEMO=1 one click does."""
    if request.method == "POST":
        form = AuthenticationForm(request, request.POST)
        if form.is_valid():
            sign_in(request, form.get_user())
            return redirect(wanted_page(request))
    else:
        form = AuthenticationForm(request)
    context = {"form": form, "next": request.GET.get("next", ""), "demo_sign_ins": demo_sign_ins()}
    return render(request, "members/sign_in.html", context, status=200 if request.method == "GET" else 400)


def wanted_page(request: HttpRequest) -> str:
    """Where the member was going, if that is on this site."""
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}) else "home"


def demo_sign_ins() -> list[dict[str, object]]:
    """The members that one click signs in as, each with a line that says who it is. Empty unless DEMO=1."""
    if not settings.DEMO:
        return []
    lines = dict(import_string(settings.DEMO_SIGN_INS)())
    members = Member.objects.filter(handle__in=lines, is_active=True).select_related("organisation")
    by_handle = {member.handle: member for member in members}
    return [{"member": by_handle[handle], "line": line} for handle, line in lines.items() if handle in by_handle]


@require_POST
def demo_enter(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demonstration's members. Elsewhere there is no such page."""
    chosen = request.POST.get("member", "")
    for offered in demo_sign_ins():
        member = offered["member"]
        if isinstance(member, Member) and str(member.pk) == chosen:
            sign_in(request, member)
            return redirect(wanted_page(request))
    raise NotHere


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    sign_out(request)
    return redirect("sign_in")


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
