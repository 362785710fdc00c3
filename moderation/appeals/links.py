"""The link in the letter to somebody who was suspended: by it they read why and appeal, without signing in."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from members.refusals import NotHere
from moderation.models import Decision

SIGNER = Signer(salt="moderation.appeals", sep=".")


def address_of_letter(number: int) -> str:
    """Where the member whom this decision is about may appeal against it. It is theirs alone, and opens nothing else."""
    return settings.SITE_URL + reverse("appeal_by_letter", args=[SIGNER.sign(str(number))])


def decision_of(token: str) -> Decision:
    """The decision that a link is about. Raises NotHere for one that we did not make."""
    try:
        number = SIGNER.unsign(token)
    except BadSignature:
        raise NotHere from None
    decision = Decision.objects.filter(pk=number).exclude(about=None).select_related("about").first()
    if decision is None:
        raise NotHere
    return decision
