"""From an empty database to the first message: a community begins, somebody is invited, joins and is heard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages_for_everybody import objections
from tests.letters import MailServer, words_of
from tests.servers import ROOT, Roundtable

PICTURE = ROOT / "docs" / "pictures" / "room-320-light.png"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def empty_site(mail: MailServer) -> Iterator[Roundtable]:
    with Roundtable(MAIL_URL=mail.url, HEARTBEAT_SECONDS="2", SWEEP_SECONDS="1") as server:
        yield server


def in_a_browser(browser: Browser, site: Roundtable, complaints: list[str], width: int) -> Page:
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    return page


def test_from_an_empty_database_to_the_first_message(
    browser: Browser, empty_site: Roundtable, mail: MailServer
) -> None:
    complaints: list[str] = []
    ada = in_a_browser(browser, empty_site, complaints, 1280)
    ada.goto("/")
    expect(ada.get_by_role("heading", name="This site is not set up yet")).to_be_visible()
    assert objections(ada) == []

    [address] = re.findall(r"http://\S+\?key=\S+", empty_site.log)
    ada.goto(address)
    assert objections(ada) == []
    ada.get_by_label("Name of the community").fill("Cooks")
    ada.get_by_label("House rules").fill("**Be kind.**")
    ada.get_by_label("Colour").fill("#e8c400")
    ada.get_by_label("Logo").set_input_files(PICTURE)
    ada.get_by_label("Your name").fill("Ada")
    ada.get_by_label("E-mail address").fill("ada@example.org")
    ada.get_by_label("Password").fill("soup with dumplings")
    ada.get_by_role("button", name="Set up the community").click()
    expect(ada.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    ada.wait_for_function("document.querySelector('.top .mark').naturalWidth > 0")
    for page in ("/community/", "/rules/", "/invitations/", "/"):
        ada.goto(page)
        assert objections(ada) == [], page

    ada.goto("/groups/new")
    ada.get_by_label("Name", exact=True).fill("Workshop")
    ada.get_by_role("button", name="Start the group").click()
    ada.get_by_role("link", name="Open a new room").click()
    ada.get_by_label("Name", exact=True).fill("Supper")
    ada.get_by_role("button", name="Open").click()
    ada.goto("/invitations/new/")
    assert objections(ada) == []
    ada.get_by_label("Whom to invite").fill("Nora <nora@example.org>\nnobody")
    ada.get_by_label("To which group").select_option("Workshop")
    ada.get_by_label("A note").fill("Do come.")
    ada.get_by_role("button", name="Show what will happen").click()
    expect(ada.get_by_text("is not an e-mail address").first).to_be_visible()
    assert objections(ada) == []
    ada.get_by_role("button", name="Send 1 invitation").click()
    expect(ada.get_by_text("nora@example.org", exact=True)).to_be_visible()
    assert objections(ada) == []

    nora = in_a_browser(browser, empty_site, complaints, 320)
    [link] = re.findall(r"http://\S+/invitations/\S+", words_of(mail.letter_to("nora@example.org")))
    nora.goto(link)
    expect(nora.get_by_text("Do come.")).to_be_visible()
    assert objections(nora) == []
    nora.get_by_role("button", name="Join").click()
    expect(nora.get_by_role("heading", name="Supper")).to_be_visible()
    ada.get_by_role("link", name="Supper").click()
    nora.get_by_label(re.compile("^Write to")).fill("Hello from Nora")
    nora.get_by_role("button", name="Send", exact=True).click()
    expect(ada.locator("li.message .body")).to_have_text("Hello from Nora")
    assert complaints == []

    late = in_a_browser(browser, empty_site, [], 320)
    late.goto(link)
    expect(late.get_by_role("heading", name="This invitation is no longer open")).to_be_visible()
    assert objections(late) == []
