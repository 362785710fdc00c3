"""No request brings more than the largest file there may be, whatever it announces."""

from collections.abc import Iterator
from typing import Any

import httpx

from chatserver.bodies import Receive, Scope, Send, limited

MOST = 10


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says back what it was sent, or that its sender went away."""
    body, more = b"", True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        body += message.get("body", b"")
        if message["type"] == "http.disconnect":
            body = b"gone"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def sends(content: bytes | Iterator[bytes]) -> httpx.Response:
    transport = httpx.ASGITransport(limited(echo, MOST))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post("/", content=in_pieces(content) if isinstance(content, Iterator) else content)


async def in_pieces(content: Iterator[bytes]) -> Any:
    for piece in content:
        yield piece


async def test_as_much_as_there_may_be_comes_through() -> None:
    assert (await sends(b"x" * MOST)).content == b"x" * MOST
    assert (await sends(iter([b"x" * 5, b"y" * 5]))).content == b"xxxxxyyyyy"


async def test_more_is_refused_before_it_is_read() -> None:
    answer = await sends(b"x" * (MOST + 1))
    assert (answer.status_code, "too large" in answer.text) == (413, True)


async def test_who_announces_nothing_is_cut_off_at_the_same_place() -> None:
    assert (await sends(iter([b"x" * 5, b"y" * 6, b"z"]))).content == b"gone"
