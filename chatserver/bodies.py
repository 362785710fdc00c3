"""How large the body of a request may be: asked of what is announced before anything is read, and counted on the way."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

type Scope = dict[str, Any]
type Message = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]

WORDS = b"That is too large to be sent at once."


def limited(application: Application, most: int) -> Application:
    """The application, for requests of at most so many bytes. Django would first put a body of any size on the disk."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if announced(scope) > most:
            await refuse(send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            # Whoever sends more than they announced hears no answer: to Django they have gone away.
            return message if read <= most else {"type": "http.disconnect"}

        await application(scope, counted, send)

    return answer


def announced(scope: Scope) -> int:
    """The Content-Length of a request; 0 where there is none, or none that a number could be."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 19 else 0
    return 0


async def refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(WORDS)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": WORDS})
