"""The doors: signing in by code, passkey, password or organisation; the second step; signing out."""

from typing import Any

import requests
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import ConfirmLoginCodeView, LoginView, RequestLoginCodeView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.views import callback as allauth_callback
from allauth.socialaccount.providers.openid_connect.views import login as allauth_login
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions import expect_shared_computer, sign_in, sign_out
from members.mail import send_soon
from members.models import BADGE, Member
from members.refusals import NotHere, TryAgain
from members.requests import address_of
from members.session_store import IS_SHARED


class EntrancePage:
    """What all pages of the entrance show, and what all their forms carry: where to go, and on what kind of computer."""

    request: HttpRequest

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "computer" in request.POST:
            expect_shared_computer(request, request.POST["computer"] == "shared")
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if answer.status_code == 200:
            answer.status_code = 400
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | around_the_entrance(self.request)


def around_the_entrance(request: HttpRequest) -> dict[str, Any]:
    """What the sign-in page offers besides its form."""
    return {
        "next": wanted_page(request),
        "demo_sign_ins": demo_sign_ins(),
        "organisation_sign_ins": settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"],
        "is_shared": bool(request.session.get(IS_SHARED)),
    }


def wanted_page(request: HttpRequest) -> str:
    """Where the member was going, if that is on this site."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return page if is_ours and page.startswith("/") else ""


class FirstPage(EntrancePage):
    """Where a sign-in begins. Whoever comes back to it starts again, with another address or another way."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            clear_login(request)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class CodePage(FirstPage, RequestLoginCodeView):
    """The first way in: an address, to which a code is mailed. It answers the same whether a member has that address."""

    template_name = "members/sign_in.html"

    def form_valid(self, form: Any) -> HttpResponse:
        if form._user is None:
            send_soon("", "", "sign_in_code")
        answer: HttpResponse = super().form_valid(form)
        return answer


class EnterCodePage(EntrancePage, ConfirmLoginCodeView):
    """The code that was mailed. Opening the page, as mail scanners do, signs nobody in."""

    template_name = "members/sign_in_code.html"


class PasswordPage(FirstPage, LoginView):
    template_name = "members/sign_in_password.html"


class SecondStepPage(EntrancePage, AuthenticateView):
    """A code of the authenticator app, or a recovery code, after the first step."""

    template_name = "members/second_step.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(), status=400)


class PasskeyDoor(FirstPage, LoginWebAuthnView):
    """For the passkey module of the sign-in page: GET gives the question for the browser, POST takes its answer."""

    template_name = "members/sign_in.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        return answer if isinstance(answer, JsonResponse) else redirect("sign_in")

    def form_invalid(self, form: Any) -> HttpResponse:
        context = around_the_entrance(self.request) | {"passkey_refused": True}
        return render(self.request, self.template_name, context, status=400)


def organisation_sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to an organisation's sign-in. Raises TryAgain while its server does not answer, NotHere when there is none."""
    if "computer" in request.POST:
        expect_shared_computer(request, request.POST["computer"] == "shared")
    answer = asked_of_provider(allauth_login, request, provider_id)
    if "Location" not in answer.headers:
        return answer
    # Not a redirect: after a form, browsers hold that against `form-action` of the content security policy.
    going = {"address": answer.headers["Location"], "name": name_of(provider_id)}
    return render(request, "members/going.html", going)


def name_of(provider_id: str) -> str:
    """What the button said."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return next((str(app["name"]) for app in apps if app["provider_id"] == provider_id), "")


def organisation_answered(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from it. The answer holds a secret that this browser was given, so that no link signs anybody in."""
    return asked_of_provider(allauth_callback, request, provider_id)


def asked_of_provider(door: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = door(request, provider_id)
    except requests.RequestException:
        raise TryAgain("That organisation's sign-in does not answer. Try again later, or use a code by mail.") from None
    except SocialApp.DoesNotExist:
        raise NotHere from None
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Before a change of how one signs in: POST signs out and asks to sign in, with the way back."""
    if request.method == "GET":
        return render(request, "members/sign_in_again.html", {"next": wanted_page(request)})
    back = wanted_page(request) or reverse("ways_in")
    sign_out(request)
    return redirect(f"{reverse('sign_in')}?{address_of({'next': back})}")


@require_safe
def sign_in_cancelled(request: HttpRequest) -> HttpResponse:
    """Back from an organisation's sign-in without having signed in there."""
    return redirect("sign_in")


def demo_sign_ins() -> list[dict[str, object]]:
    """The members that one click signs in as, each with a line that says who it is. Empty unless DEMO=1."""
    if not settings.DEMO:
        return []
    lines = dict(import_string(settings.DEMO_SIGN_INS)())
    members = Member.objects.filter(handle__in=lines, is_active=True).select_related(*BADGE)
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
            return redirect(wanted_page(request) or "home")
    raise NotHere


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out. A shared computer is told to forget what it kept of us."""
    is_shared = request.session.get(IS_SHARED)
    sign_out(request)
    answer = redirect("sign_in")
    if is_shared:
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


enter = require_http_methods(["GET", "POST"])(CodePage.as_view())
enter_code = require_http_methods(["GET", "POST"])(EnterCodePage.as_view())
enter_password = require_http_methods(["GET", "POST"])(PasswordPage.as_view())
enter_passkey = require_http_methods(["GET", "POST"])(PasskeyDoor.as_view())
second_step = require_http_methods(["GET", "POST"])(SecondStepPage.as_view())
go_to_organisation = require_POST(never_cache(organisation_sign_in))
back_from_organisation = require_safe(organisation_answered)
