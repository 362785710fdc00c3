"""Handing one push to the service of a browser's maker: encrypted for that browser alone (RFC 8291), signed by us.

The services are the few that PUSH_SERVICES names. A member tells us the address to send to: with any other host they could
have this server knock at doors inside its own network, or hold up its workers with a server of theirs.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from urllib.parse import SplitResult, urlsplit

import http_ece
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.crypto import salted_hmac

from members.refusals import BadRequest
from notifications.models import PushDevice
from notifications.push.keys import CURVE, our_key

THIS_COMPUTER = ("127.0.0.1", "localhost", "::1")
PATIENCE = (3, 5)
"""Seconds for connecting, and for the answer: a worker may have six of them to wait for."""
LENGTH = 400
"""Of what is encrypted, filled up with spaces: its length shall not say of which kind it is."""
LONGEST_ENDPOINT = 800
LENGTH_OF_SECRET = 16
LONGEST_WAIT = timedelta(hours=1)


class Outcome(Enum):
    """What became of a push."""

    SENT = auto()
    EXPIRED = auto()
    """The browser is not subscribed any more."""
    FAILED = auto()
    """May be tried again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said, in words for the member; how long it asked us to wait."""

    outcome: Outcome
    words: str
    wait: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave us: where to send to, and with which keys to encrypt."""

    endpoint: str
    p256dh: str
    auth: str


def subscription_from(text: str) -> Subscription:
    """What the browser wrote as JSON. Raises BadRequest."""
    try:
        said = json.loads(text)
        found = Subscription(str(said["endpoint"]), str(said["keys"]["p256dh"]), str(said["keys"]["auth"]))
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, from_base64(found.p256dh))
        is_whole = len(from_base64(found.auth)) == LENGTH_OF_SECRET and len(found.endpoint) <= LONGEST_ENDPOINT
    except (ValueError, TypeError, KeyError):
        is_whole = False
    if not is_whole:
        raise BadRequest("This browser’s subscription was not understood.", field="subscription")
    if not is_known(found.endpoint):
        raise BadRequest(
            "This browser uses a push service that this site does not send to.",
            code="unknown_push_service",
            field="subscription",
        )
    return found


def is_known(endpoint: str) -> bool:
    """Whether an address is at one of the services that PUSH_SERVICES names, or at a part of one."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or not any(
        host == service or host.endswith(f".{service}") for service in settings.PUSH_SERVICES
    ):
        return False
    return host in THIS_COMPUTER or (parts.scheme == "https" and port in (None, 443))


def push(
    device: PushDevice,
    content: Mapping[str, object],
    *,
    topic: str,
    keep_for: timedelta,
    is_urgent: bool = False,
) -> Answer:
    """Hand over one push. The service keeps it that long while the browser is not there; a later one of its topic replaces it.

    `is_urgent`: it may wake a phone that saves its battery (RFC 8030, 5.3).
    """
    if not is_known(device.endpoint):
        return Answer(Outcome.FAILED, "Its push service is one that this site does not send to.")
    headers = {
        "TTL": str(int(keep_for.total_seconds())),
        "Urgency": "high" if is_urgent else "normal",
        # Told in the clear, so it must not be what the room is called elsewhere.
        "Topic": salted_hmac("notifications.push", f"{device.pk} {topic}", algorithm="sha256").hexdigest()[:32],
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        **our_key().sign({"aud": origin(urlsplit(device.endpoint)), "sub": contact()}),
    }
    try:
        with requests.post(
            device.endpoint,
            data=encrypted(device, content),
            headers=headers,
            timeout=PATIENCE,
            allow_redirects=False,
            stream=True,
        ) as response:
            return understood(response)
    except requests.RequestException:
        return Answer(Outcome.FAILED, "The push service does not answer.")


def understood(response: requests.Response) -> Answer:
    """Only the status and how long to wait are read: what else is said is not for us."""
    if response.status_code in range(200, 300):
        return Answer(Outcome.SENT, "Sent to the push service.")
    if response.status_code in (404, 410):
        return Answer(Outcome.EXPIRED, "This browser is not subscribed any more.")
    asked = response.headers.get("Retry-After", "")
    wait = timedelta(seconds=int(asked)) if asked.isdigit() and len(asked) < 6 else timedelta()
    words = f"The push service answered {response.status_code}."
    return Answer(Outcome.FAILED, words, min(wait, LONGEST_WAIT))


def encrypted(device: PushDevice, content: Mapping[str, object]) -> bytes:
    body: bytes = http_ece.encrypt(
        json.dumps(content).ljust(LENGTH).encode(),
        private_key=ec.generate_private_key(CURVE),
        dh=from_base64(device.p256dh),
        auth_secret=from_base64(device.auth),
    )
    return body


def contact() -> str:
    """Whom the service may turn to. Some take no address at a computer without a name."""
    is_public = settings.SITE_URL.startswith("https:")
    return settings.SITE_URL if is_public else f"mailto:{settings.MAIL_FROM}"


def origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
