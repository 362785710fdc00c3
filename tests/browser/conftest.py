"""A real server, real browsers, and the cast in front of them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.letters import MailServer
from tests.servers import Roundtable, chromium

FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-sandbox",
]
SETTINGS: dict[str, Any] = {
    "POSTS_AT_ONCE": "1000",
    "FRAMES_AT_ONCE": "1000",
    "HEARTBEAT_SECONDS": "2",
    "SWEEP_SECONDS": "1",
}

expect.set_options(timeout=8_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": FLAGS}


@dataclass
class Stage:
    """A server with the cast in it, each test with a room of its own."""

    server: Roundtable
    browser: Browser
    people: dict[str, dict[str, Any]]
    group: int
    mail: MailServer
    room: int = 0
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors of scripts and breaches of the content security policy, in any page of the test."""

    def context(self, who: str = "", **options: Any) -> BrowserContext:
        """A browser of somebody's own, signed in."""
        context = self.browser.new_context(base_url=self.server.url, **options)
        self.contexts.append(context)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda said: self.note(said.type, said.text))
        if who:
            session = self.people[who]["session"]
            context.add_cookies([{"name": "session", "value": session, "url": self.server.url}])
        return context

    def note(self, kind: str, words: str) -> None:
        if kind == "error" and not re.search("Failed to load resource|WebSocket connection|net::ERR|ERR_", words):
            self.complaints.append(words)

    def opens(self, who: str, address: str = "", **options: Any) -> Page:
        """Somebody's page, at the test's room unless an address is given."""
        page = self.context(who, **options).new_page()
        page.goto(address or self.room_address)
        return page

    def enters(self, who: str, **options: Any) -> Page:
        """Somebody's page of the room, once it is connected."""
        page = self.opens(who, **options)
        is_connected(page)
        return page

    @property
    def room_address(self) -> str:
        return f"/rooms/{self.room}/"

    def client(self, who: str) -> httpx.Client:
        """Somebody's HTTP client, with the token that forms need; one for the whole run."""
        known = self.people[who]
        if "client" not in known:
            client = httpx.Client(base_url=self.server.url, cookies={"session": known["session"]})
            client.get("/groups/")
            client.headers.update({"X-CSRFToken": client.cookies["csrf"], "Referer": self.server.url})
            known["client"] = client
        return cast("httpx.Client", known["client"])

    def does(self, who: str, kind: str, **fields: Any) -> dict[str, Any]:
        """Somebody elsewhere carries out a command."""
        command = {"kind": kind, "ref": 1, **fields}
        answer: dict[str, Any] = self.client(who).post("/live/command", json=command).json()
        assert answer["kind"] == "done", answer
        return answer

    def posts(self, who: str, text: str, **fields: Any) -> int:
        """Somebody elsewhere posts; returns the message's id."""
        answer = self.does(who, "message.post", client_id=str(uuid4()), room=self.room, text=text, **fields)
        number: int = answer["message"]
        return number


def is_connected(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-connection", re.compile("up|poll"))


@pytest.fixture(scope="session")
def theatre(browser: Browser) -> Iterator[Stage]:
    """The server and the cast, for all tests of this run."""
    with MailServer() as mail, Roundtable(MAIL_URL=mail.url, **SETTINGS) as server:
        known = json.loads(server.run("-m", "tests.browser.stage"))
        yield Stage(server, browser, known["people"], known["group"], mail)
        for person in known["people"].values():
            if "client" in person:
                person["client"].close()


@pytest.fixture
def stage(theatre: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The theatre with a new room of Alice's. Fails a test in whose pages a script failed or broke the policy."""
    stage = Stage(theatre.server, theatre.browser, theatre.people, theatre.group, theatre.mail)
    name = f"{request.node.name[5:60].replace('_', ' ')} {uuid4().hex[:4]}"
    opened = stage.client("alice").post(f"/groups/{stage.group}/rooms", data={"name": name, "about": "A story."})
    assert opened.status_code == 302, opened.text
    stage.room = int(opened.headers["Location"].strip("/").split("/")[-1])
    yield stage
    for context in stage.contexts:
        context.close()
    assert stage.complaints == []
