"""What a mail provider tells us: a letter came in, or one of ours came back. Off unless MAIL_WEBHOOK_SECRET is set.

The providers are those that show no more than that secret; Anymail reads what they send. Its own views and signals are
left aside: who is heard, and what then happens, stands here.
"""

import logging
from collections.abc import Callable, Iterator
from email.utils import getaddresses
from typing import Any, NamedTuple

from anymail.exceptions import AnymailConfigurationError, AnymailError
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.mailjet import MailjetInboundWebhookView, MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView, PostmarkTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView, SparkPostTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from members.refusals import BadRequest, NotHere
from notifications.models import StoppedAddress
from notifications.replies.taking import Taken, take_letter
from notifications.undeliverable import stop_mail

log = logging.getLogger(__name__)

BOUNCED, COMPLAINED = StoppedAddress.Why.BOUNCED, StoppedAddress.Why.COMPLAINED
type Told = dict[str, Any]


def why_at_postmark(told: Told) -> StoppedAddress.Why | None:
    return {"HardBounce": BOUNCED, "SpamComplaint": COMPLAINED}.get(
        told.get("Type") or told.get("SuppressionReason") or ""
    )


def why_at_mailjet(told: Told) -> StoppedAddress.Why | None:
    if told.get("event") == "bounce":
        return BOUNCED if told.get("hard_bounce") is True else None
    return COMPLAINED if told.get("event") == "spam" else None


def why_at_sparkpost(told: Told) -> StoppedAddress.Why | None:
    [told] = told["msys"].values()
    if told.get("type") in ("bounce", "out_of_band"):
        # An address that does not exist; all other classes may pass.
        return BOUNCED if str(told.get("bounce_class")) in ("10", "30") else None
    return COMPLAINED if told.get("type") == "spam_complaint" else None


class Provider(NamedTuple):
    """How one provider's words are read.

    `why` asks whether mail to an address came back for good, of what the provider itself says: Anymail calls a full mailbox
    by the same name.
    """

    inbound: type[AnymailBaseWebhookView]
    tracking: type[AnymailBaseWebhookView]
    why: Callable[[Told], StoppedAddress.Why | None]


PROVIDERS = {
    "mailjet": Provider(MailjetInboundWebhookView, MailjetTrackingWebhookView, why_at_mailjet),
    "postmark": Provider(PostmarkInboundWebhookView, PostmarkTrackingWebhookView, why_at_postmark),
    "sparkpost": Provider(SparkPostInboundWebhookView, SparkPostTrackingWebhookView, why_at_sparkpost),
}


@csrf_exempt
@require_POST
def inbound(request: HttpRequest, provider: str) -> HttpResponse:
    """A letter came in. A provider brings it again until we say that it is done."""
    for event in events(request, provider_called(provider).inbound):
        for to in addresses_of_ours(event.message):
            if take_letter(event.message.as_bytes(), to, envelope_from=event.message.envelope_sender) is Taken.LATER:
                return HttpResponse(status=503)
    return HttpResponse()


@csrf_exempt
@require_POST
def tracking(request: HttpRequest, provider: str) -> HttpResponse:
    """What became of letters of ours. Only what came back for good and what was called unwanted matters."""
    known = provider_called(provider)
    for event in events(request, known.tracking):
        if event.recipient and (why := known.why(event.esp_event)):
            stop_mail(event.recipient, why)
    return HttpResponse()


def provider_called(name: str) -> Provider:
    if not settings.MAIL_WEBHOOK_SECRET or name not in PROVIDERS:
        raise NotHere
    return PROVIDERS[name]


def events(request: HttpRequest, view: type[AnymailBaseWebhookView]) -> list[Any]:
    """What was told, by whoever knows the secret. Raises SuspiciousOperation, which answers 400, for everybody else."""
    reader = view(webhook_secret=settings.MAIL_WEBHOOK_SECRET)
    reader.run_validators(request)
    # Django would read 2.5 MB at most, and a letter may be larger; what a body may be at all, chatserver/bodies.py says.
    request._body = request.read()
    try:
        return list(reader.parse_events(request))
    except (AnymailError, AnymailConfigurationError, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("What a mail provider said was not understood: %s", type(error).__name__)
        raise BadRequest from None


def addresses_of_ours(message: AnymailInboundMessage) -> Iterator[str]:
    """Where the letter was sent at our domain, each once."""
    headers = [str(value) for name in ("To", "Cc") for value in message.get_all(name, [])]
    given = [message.envelope_recipient or "", *(address for _, address in getaddresses(headers, strict=True))]
    ours = (address.strip().lower() for address in given if address.lower().endswith(f"@{settings.MAIL_IN_DOMAIN}"))
    yield from dict.fromkeys(ours)
