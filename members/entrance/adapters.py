"""Where django-allauth asks us: who may come in, what a letter says, how a secret is kept."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from members.actions import sign_in
from members.browsers import browser_called
from members.ciphers import cipher
from members.community.facts import the_community
from members.mail import send_soon
from members.models import Member
from members.refusals import NotAllowed

WAY_CHANGED = {
    "account/email/password_set": "A password was set.",
    "mfa/email/webauthn_added": "A passkey was added.",
    "mfa/email/webauthn_removed": "A passkey was removed.",
    "mfa/email/totp_activated": "An authenticator app is asked for a code at each sign-in from now on.",
    "mfa/email/totp_deactivated": "The authenticator app is no longer asked for a code.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made. The old ones work no more.",
    "socialaccount/email/account_connected": "An organisation's sign-in now opens this account.",
}
"""What changed in the ways in → the sentence that tells the member, in case it was not them."""


class AccountAdapter(DefaultAccountAdapter):
    """For all ways in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Members come by invitation."""
        return False

    def pre_login(self, request: HttpRequest, user: Member, **kwargs: Any) -> None:
        """Nothing: `login` refuses a suspended member, whichever way they came."""

    def login(self, request: HttpRequest, user: Member) -> None:
        sign_in(request, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Our own addresses ask for it, with every way in and not just a password: members/entrance/fresh.py."""
        return False

    def send_mail(self, template_prefix: str, email: str, facts: dict[str, Any]) -> None:
        """Send a letter of ours in place of allauth's. Not before the answer: how long it takes would tell who is a member."""
        if template_prefix == "account/email/login_code":
            page = settings.SITE_URL + reverse("account_confirm_login_code")
            send_soon(email, f"Your code: {facts['code']}", "sign_in_code", code=facts["code"], page=page)
        else:
            page = settings.SITE_URL + reverse("ways_in")
            send_soon(
                email, "How you sign in was changed", "way_in_changed", what=WAY_CHANGED[template_prefix], page=page
            )

    def send_notification_mail(
        self, template_prefix: str, user: Member, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        self.send_mail(template_prefix, user.email, {})


class SecondStepAdapter(DefaultMFAAdapter):
    """For the authenticator app, recovery codes and passkeys."""

    def is_mfa_enabled(self, user: Member, types: list[str] | None = None) -> bool:
        """Whether a second step is asked for: who has an authenticator app asked for that.

        A passkey is a way in by itself. Who adds one on their phone must not need it wherever they use a mailed code.
        """
        if types is not None and Authenticator.Type.TOTP not in types:
            return super().is_mfa_enabled(user, types)
        return super().is_mfa_enabled(user, [Authenticator.Type.TOTP])

    def get_totp_issuer(self) -> str:
        return the_community().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": the_community().name}

    def generate_authenticator_name(self, user: Member, type: str) -> str:  # noqa: A002 - allauth names it so
        """What a passkey is called at first: the browser it was made in."""
        return browser_called(context.request.headers.get("User-Agent", ""))

    def encrypt(self, text: str) -> str:
        """The secret of an authenticator app, as the database holds it: a copy of the database is no second step."""
        return cipher("second step").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher("second step").decrypt(encrypted_text.encode()).decode()


class OrganisationSignInAdapter(DefaultSocialAccountAdapter):
    """For sign-in with an organisation's own accounts."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Know a member by an address that the organisation says is theirs. Raises NotAllowed for whoever is no member."""
        if sociallogin.is_existing:
            return
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified is True]
        member = Member.objects.filter(email__in=verified, is_active=True).first()
        if member is None:
            raise NotAllowed(
                "Your organisation let you in, but there is no member with the address it gave. "
                "Ask whoever invited you which address that was, or sign in with a code by mail.",
                code="no_member",
            )
        sociallogin.connect(request, member)
