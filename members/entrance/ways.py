"""How I sign in: the page that lists it, and what changes it. And where I am signed in."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions import end_session, end_sessions
from members.addresses import Move, ask_for_address, prove_address
from members.entrance.fresh import after_fresh_sign_in
from members.models import Session
from members.passwords import change_password, remove_password
from members.refusals import BadRequest, Refused
from members.requests import MemberRequest
from members.session_store import session_digest

MOVE = "move_to_address"
WAYS_IN = reverse_lazy("ways_in")


@require_safe
@login_required
def ways_in(request: MemberRequest) -> HttpResponse:
    """All ways in of this member, and the browsers in which they are signed in."""
    steps = Authenticator.objects.filter(user=request.user).order_by("created_at")
    kinds = {step.type for step in steps}
    context = {
        "passkeys": [step.wrap() for step in steps if step.type == Authenticator.Type.WEBAUTHN],
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "organisations": SocialAccount.objects.filter(user=request.user).order_by("date_joined"),
        "sessions": Session.objects.filter(member=request.user).order_by("-seen_at"),
        "this_one": this_one(request),
    }
    return render(request, "members/ways_in.html", context)


def this_one(request: MemberRequest) -> str:
    """The digest of the session in which the request came."""
    return session_digest(request.session.session_key or "")


# --- A password ---


@sensitive_post_parameters("password")
def set_password(request: MemberRequest) -> HttpResponse:
    """Set a password, or another one. Other browsers are signed out."""
    if request.method == "GET":
        return render(request, "members/password.html")
    try:
        change_password(request.user, request.POST.get("password", ""), but=this_one(request))
    except BadRequest as refused:
        return render(request, "members/password.html", {"refused": refused}, status=refused.status)
    return stay_signed_in(request)


def drop_password(request: MemberRequest) -> HttpResponse:
    """Do without a password from now on. Other browsers are signed out."""
    remove_password(request.user, but=this_one(request))
    return stay_signed_in(request)


def stay_signed_in(request: MemberRequest) -> HttpResponse:
    """A session is bound to the password it began with; bind this one to the new."""
    request.session[HASH_SESSION_KEY] = request.user.get_session_auth_hash()
    return redirect("ways_in")


# --- Another address ---


def address(request: MemberRequest) -> HttpResponse:
    """Ask for another address."""
    if request.method == "GET":
        request.session.pop(MOVE, None)
        return render(request, "members/address.html")
    typed = request.POST.get("address", "")
    try:
        request.session[MOVE] = ask_for_address(request.user, typed).as_stored()
    except Refused as refused:
        return render(request, "members/address.html", {"typed": typed, "refused": refused}, status=refused.status)
    return redirect("prove_address")


def prove(request: MemberRequest) -> HttpResponse:
    """The code that was mailed to the new address."""
    stored = request.session.get(MOVE)
    if stored is None:
        return redirect("change_address")
    move = Move(**stored)
    if request.method == "GET":
        return render(request, "members/address.html", {"move": move})
    try:
        tried = prove_address(request.user, move, request.POST.get("code", ""))
    except BadRequest as refused:
        del request.session[MOVE]
        return render(request, "members/address.html", {"typed": move.address, "refused": refused}, status=400)
    if tried is None:
        del request.session[MOVE]
        return redirect("ways_in")
    request.session[MOVE] = tried.as_stored()
    wrong = BadRequest("That is not the code in the letter. Look at the latest letter, then try again.", field="code")
    return render(request, "members/address.html", {"move": move, "refused": wrong}, status=wrong.status)


# --- Passkeys, the authenticator app, recovery codes ---


class AddPasskeyPage(AddWebAuthnView):
    """A passkey is made by the browser; the page's form carries it here."""

    template_name = "members/add_passkey.html"

    def get_success_url(self) -> str:
        return str(WAYS_IN)


class RemovePasskeyPage(RemoveWebAuthnView):
    template_name = "members/remove_passkey.html"
    success_url = WAYS_IN


class AppOnPage(ActivateTOTPView):
    """The secret for an authenticator app, as a picture and in letters; its first code switches it on."""

    template_name = "members/app_on.html"


class AppOffPage(DeactivateTOTPView):
    template_name = "members/app_off.html"


class RecoveryCodesPage(ViewRecoveryCodesView):
    template_name = "members/recovery_codes.html"


class NewRecoveryCodesPage(GenerateRecoveryCodesView):
    template_name = "members/new_recovery_codes.html"


# --- Sessions ---


@require_POST
@login_required
def end_one(request: MemberRequest, digest: str) -> HttpResponse:
    """Sign one browser out, wherever it is; its open pages close at once."""
    end_session(request.user, digest)
    return redirect("ways_in")


@require_POST
@login_required
def end_others(request: MemberRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    end_sessions(request.user, but=this_one(request))
    return redirect("ways_in")


def door(view: Any, *methods: str) -> Any:
    """A view that changes how one signs in, or shows a secret: for a fresh sign-in alone, and kept by no cache."""
    return require_http_methods(list(methods or ("GET", "POST")))(after_fresh_sign_in(never_cache(view)))


change_address = door(address)
prove_new_address = door(prove)
password = door(set_password)
no_password = door(drop_password, "POST")
add_passkey = door(AddPasskeyPage.as_view())
remove_passkey = door(RemovePasskeyPage.as_view())
# The picture of the secret is drawn into the page.
app_on = csp_override(settings.SECURE_CSP | {"img-src": [CSP.SELF, "data:"]})(door(AppOnPage.as_view()))
app_off = door(AppOffPage.as_view())
recovery_codes = door(RecoveryCodesPage.as_view(), "GET")
new_recovery_codes = door(NewRecoveryCodesPage.as_view())
