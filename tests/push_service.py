"""A real push service, as the makers of browsers run them: it takes what it is given, checks who signed it, and decrypts it."""

import base64
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.servers import free_port

CURVE = ec.SECP256R1()


def to_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Push:
    """One push as the browser gets it."""

    content: dict[str, Any]
    headers: dict[str, str]
    length: int


class Subscriber:
    """A browser that is subscribed: with keys of its own, and an address at the service."""

    def __init__(self, service: "PushService", name: str) -> None:
        self.endpoint = f"{service.url}/{name}"
        self.key = ec.generate_private_key(CURVE)
        self.secret = b"sixteen bytes ok"

    @property
    def subscription(self) -> str:
        """As the browser tells us of it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": to_base64(point), "auth": to_base64(self.secret)}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys})

    def decrypted(self, body: bytes) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret))
        return content


class PushService:
    """with PushService() as service: bob = service.subscriber("bob"); …; service.pushes["bob"]"""

    def __init__(self) -> None:
        self.port = free_port()
        self.subscribers: dict[str, Subscriber] = {}
        self.pushes: dict[str, list[Push]] = {}
        self.status, self.retry_after = 201, ""
        self.key = ""
        """The half of the site's key that the browsers subscribed to; of another none is taken."""

    def __enter__(self) -> Self:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler_for(self))
        # It looks every so many seconds whether it is to stop, and each test waits for that.
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def subscriber(self, name: str) -> Subscriber:
        self.subscribers[name], self.pushes[name] = Subscriber(self, name), []
        return self.subscribers[name]

    def take(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """The status that the service answers with."""
        if self.status != 201:
            return self.status
        if name not in self.subscribers:
            return 410
        scheme, _, rest = headers["authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(","))
        if scheme != "vapid" or parts["k"] != self.key:
            return 403
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, from_base64(parts["k"]))
        claims = jwt.decode(parts["t"], point, algorithms=["ES256"], audience=self.url)
        assert claims["sub"].startswith(("mailto:", "https:"))
        self.pushes[name].append(Push(self.subscribers[name].decrypted(body), headers, len(body)))
        return 201


def handler_for(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status = service.take(self.path.strip("/"), headers, body)
            except (jwt.InvalidTokenError, http_ece.ECEException, AssertionError, KeyError):
                status = 400
            self.send_response(status)
            if service.retry_after:
                self.send_header("Retry-After", service.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is written between the tests' own lines."""

    return Handler
