"""The first look at a room: how soon it begins to come, what the server asks its database, and how much is downloaded."""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import brotli  # type: ignore[import-untyped]

from scripts.bench.client import Place
from scripts.bench.rows import Pace, Row, milliseconds, percentile
from scripts.bench.stage import UNLIMITED, Server

FEW = (2_000, 20)
"""Messages and rooms of the community that the large one is compared with."""


class Answer(NamedTuple):
    """An answer as it came over the wire; `seconds` until its first byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body, unpacked."""
        match self.headers.get("content-encoding", ""):
            case "br":
                return str(brotli.decompress(self.body), "utf-8")
            case "gzip":
                return gzip.decompress(self.body).decode()
        return self.body.decode()


async def pages(pace: Pace) -> list[Row]:
    messages, rooms = pace.many(1_000_000), pace.many(2_000)
    few = await look_into(*FEW, first_visit=True)
    many = await look_into(messages, rooms)
    took, took_few = percentile(many.seconds, 95) * 1e3, percentile(few.seconds, 95) * 1e3
    return [
        Row(
            f"First view of a room, {messages:,} messages in {rooms:,} rooms stored: to the first byte",
            f"p50 {milliseconds(percentile(many.seconds, 50) * 1e3)}, p95 {milliseconds(took)}",
            "p95 at most 60 ms",
            took <= 60,
            milliseconds(took_few),
            f"the floor is the same with {FEW[0]:,} messages in {FEW[1]} rooms",
        ),
        Row(
            "Queries for it",
            f"{max(many.queries)}",
            "at most 12, whatever the number of rooms and messages",
            max(many.queries) <= 12 and max(many.queries) <= max(few.queries),
            f"{max(few.queries)}",
        ),
        downloaded(few.resources),
    ]


def downloaded(resources: dict[str, Answer]) -> Row:
    sizes = {address: len(answer.body) for address, answer in resources.items()}
    script = sum(size for address, size in sizes.items() if is_kind(resources[address], "javascript"))
    style = sum(size for address, size in sizes.items() if is_kind(resources[address], "css"))
    total = sum(sizes.values())
    page = next(iter(sizes.values()))
    return Row(
        "What a first visit downloads, compressed",
        f"{total / 1024:.1f} KB, of it {script / 1024:.1f} KB script",
        "at most 100 KB, at most 40 KB script",
        total <= 100 * 1024 and script <= 40 * 1024,
        remark=f"{len(sizes)} files; page with 50 messages {page / 1024:.1f} KB, styles {style / 1024:.1f} KB",
    )


class Look(NamedTuple):
    """What one community's pages came to."""

    seconds: list[float]
    queries: list[int]
    resources: dict[str, Answer]


async def look_into(messages: int, rooms: int, *, first_visit: bool = False) -> Look:
    """A server with so many messages in so many rooms, and one member who opens rooms they have never been in."""
    server = Server(port=None, **UNLIMITED)
    try:
        server.prepare()
        filled = json.loads(server.run("-m", "scripts.bench.archive", "fill", str(messages), str(rooms)))
        counted = server.run(
            "-m", "scripts.bench.archive", "queries", filled["session"], *map(str, filled["rooms"][:6])
        )
        server.start()
        addresses = [f"/rooms/{room}/" for room in filled["rooms"]]
        answers = [await get(server.place, address, filled["session"]) for address in addresses]
        resources = await all_of(server.place, addresses[0], filled["session"]) if first_visit else {}
    finally:
        server.discard()
    for answer in answers:
        if answer.status != 200:
            raise AssertionError(f"the room's page answered {answer.status}")
    return Look([answer.seconds for answer in answers[5:]], json.loads(counted), resources)


async def get(place: Place, address: str, session: str) -> Answer:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection(*place)
    began = time.perf_counter()
    writer.write(
        f"GET {address} HTTP/1.1\r\nHost: {place.host}:{place.port}\r\nAccept-Encoding: br, gzip\r\nAccept: text/html\r\n"
        f"Cookie: session={session}\r\nConnection: close\r\n\r\n".encode()
    )
    first = await reader.read(1)
    seconds = time.perf_counter() - began
    answer = first + await reader.read()
    writer.close()
    return read_answer(answer, seconds)


def read_answer(raw: bytes, seconds: float) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Answer(int(status.split()[1]), headers, body, seconds)


def unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        parts.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    return b"".join(parts)


# --- Everything that a browser fetches ---

TAGS = re.compile(r"<(link|script|img|source)\b([^>]*)>", re.IGNORECASE)
ATTRIBUTES = re.compile(r"""([\w-]+)\s*=\s*["']([^"']*)["']""")
IMPORTS = re.compile(r"""(?:\bfrom\s*|\bimport\s*)["']([^"']+)["']""")
"""Not `import(…)`: what a page begins with it names in advance (tests/browser/test_pages_for_everybody.py holds a browser to
that), and the rest is fetched by whoever uses it.
"""
STYLE_ADDRESSES = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)["']""")
FETCHED_LINKS = {"stylesheet", "modulepreload", "preload", "icon", "manifest", "apple-touch-icon"}


async def all_of(place: Place, page: str, session: str) -> dict[str, Answer]:
    """The page and everything it leads a browser to fetch, each once, by address. The page comes first."""
    fetched: dict[str, Answer] = {}
    waiting = [page]
    while waiting:
        address = waiting.pop(0)
        if address in fetched:
            continue
        answer = await get(place, address, session)
        if answer.status != 200:
            raise AssertionError(f"{urlsplit(address).path} answered {answer.status}")
        fetched[address] = answer
        waiting += [urljoin(address, found) for found in leads_to(answer) if not found.startswith("data:")]
    return fetched


def leads_to(answer: Answer) -> Iterator[str]:
    if is_kind(answer, "html"):
        for tag, attributes in TAGS.findall(answer.text):
            yield from address_in(tag.lower(), dict(ATTRIBUTES.findall(attributes)))
    elif is_kind(answer, "javascript"):
        yield from IMPORTS.findall(answer.text)
    elif is_kind(answer, "css"):
        yield from (plain or imported for plain, imported in STYLE_ADDRESSES.findall(answer.text))


def address_in(tag: str, attributes: dict[str, Any]) -> Iterator[str]:
    if tag == "link" and FETCHED_LINKS.isdisjoint(attributes.get("rel", "").split()):
        return
    address = attributes.get("href" if tag == "link" else "src")
    if address and not address.startswith("#"):
        yield address.partition("#")[0]


def is_kind(answer: Answer, kind: str) -> bool:
    return kind in answer.headers.get("content-type", "")
