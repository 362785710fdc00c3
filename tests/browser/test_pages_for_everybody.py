"""Every page, at every width, in light and dark: nothing cut off, and nothing that axe objects to."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests import samples
from tests.browser.conftest import Stage, is_connected
from tests.browser.test_files import file


def pages(stage: Stage) -> list[str]:
    """The address of every page there is."""
    # Not the same in every room: the third time it would wait for a look.
    message = stage.posts(
        "bob",
        f"Soup {stage.room}, @alice, with **bread**\n\n|a|b|\n|-|-|\n|1|2|\n\n- [ ] stir\n\n```\n"
        + "x" * 200
        + "\n```",
    )
    stage.does("bob", "reaction.set", message=message, reaction="thanks", on=True)
    stage.does("bob", "message.edit", message=message, text="Soup, @alice, with `bread`\n\n> quoted\n\n" + "long" * 60)
    stage.does("bob", "message.pin", message=message, on=True)
    own = stage.posts("alice", "Mine", reply_to=message)
    files = [("files", (f"{'long' * 30}.pdf", samples.PDF)), ("files", ("Pump.png", samples.picture(size=(900, 300))))]
    stage.client("alice").post(
        f"/rooms/{stage.room}/messages", data={"text": "", "answered": "picture_of_somebody"}, files=files
    )
    room = f"/rooms/{stage.room}"
    group = f"/groups/{stage.group}"
    addresses = ["/", "/you/", "/you/leave", "/groups/", "/members/", "/notices/", "/nothing/"]
    addresses += [f"{group}/{name}" for name in ("", "?archived=1", "rooms", "members/")]
    addresses += [f"{room}/{name}" for name in ("", "members/", "about/", "pinned/", "change")]
    addresses += [f"/messages/{own}/edit", f"/messages/{own}/remove", f"/messages/{message}/history/"]
    addresses += [
        f"/you/sign-in/{name}" for name in ("", "address/", "password/", "passkeys/add/", "app/", "recovery-codes/new/")
    ]
    addresses += ["/rules/propose/", "/urgent/", "/complaint/"]
    addresses += [
        "/sign-in/again/",
        "/rules/",
        "/you/data/",
        "/you/written/",
        "/you/distance/",
        "/conversations/new/?find=e",
    ]
    return [*addresses, f"/members/{stage.people['bob']['id']}/"]


def objections(page: Page) -> list[str]:
    # Nothing is said of what is in order: to carry that from the browser to here took longer than to find it out.
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "resultTypes": ["violations"],
    }
    page.evaluate(Axe().axe_script)
    found = page.evaluate("(options) => axe.run(document, options).then((results) => results.violations)", options)
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in found]


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (768, "dark"), (1440, "light")])
def test_every_page_fits_and_can_be_used_by_everybody(stage: Stage, width: int, scheme: str) -> None:
    context = stage.context(
        "alice", viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    assert {address: said for address in pages(stage) if (said := wrong_at(page, address))} == {}


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1440, "dark")])
def test_every_page_of_those_who_look_after_things_can_be_used_by_everybody(
    stage: Stage, width: int, scheme: str
) -> None:
    addresses = ["/organisations/", "/organisations/1/", "/professions/", "/professions/1/"]
    addresses += ["/groups/new", "/invitations/", "/invitations/new/", "/members/left/", "/community/"]
    addresses += ["/rules/", "/rules/2/", "/rules/proposals/1/", "/complaints/", "/moderation/legal-holds/"]
    write_rules_twice_and_complain(stage)
    context = stage.context("ada", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    assert {address: said for address in addresses if (said := wrong_at(page, address))} == {}


def write_rules_twice_and_complain(stage: Stage) -> None:
    """What those who look after things have to look at: two versions, a proposal with what is said to it, a complaint."""
    ada, bob = stage.client("ada"), stage.client("bob")
    community = {"name": "Cooks", "time_zone": "Europe/London", "colour": "#1b6670", "rules_number": "0"}
    ada.post("/community/", data={**community, "rules": "Be **kind**.\n\n- Wash your hands."})
    changed = {
        "rules": "Be **kind**.\n\n- Wash your hands, and the leeks.",
        "rules_reason": "Sand.",
        "rules_number": "1",
    }
    ada.post("/community/", data={**community, **changed})
    bob.post("/rules/propose/", data={"text": "Be **kind**.", "why": "Everybody washes." + "x" * 90, "number": "2"})
    held = {"kind": "member", "who": "bob", "reason": "long" * 60}
    ada.post("/moderation/legal-holds/ask", data=held)
    bob.post("/rules/proposals/1/stance", data={"kind": "agree", "words": ""})
    ada.post("/rules/proposals/1/stance", data={"kind": "object", "words": "Not " + "everybody" * 20})
    bob.post("/complaint/", data={"words": "My name " + "y" * 120, "address": "bob@example.org", "website": ""})


def wrong_at(page: Page, address: str) -> list[str]:
    """What axe objects to there, and by how much it is too wide. A page that is not there is wrong."""
    answer = page.goto(address)
    assert answer
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    is_here = answer.ok or address == "/nothing/"
    return objections(page) + ([f"{wide} px too wide"] if wide > 0 else []) + ([] if is_here else [f"{answer.status}"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_door_can_be_used_by_everybody(stage: Stage, scheme: str) -> None:
    page = stage.opens("", "/sign-in/password/", viewport={"width": 320, "height": 640}, color_scheme=scheme)
    assert objections(page) == []
    page.goto("/sign-in/")
    assert objections(page) == []
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code").wait_for()
    assert objections(page) == []


def test_what_a_leader_decides_can_be_used_by_everybody(stage: Stage) -> None:
    page = stage.opens("lena", f"/groups/{stage.group}/members/", viewport={"width": 320, "height": 640})
    page.locator("summary", has_text="Change").first.click()
    assert objections(page) == []
    for address in (f"/groups/{stage.group}/change", f"/groups/{stage.group}/"):
        page.goto(address)
        assert objections(page) == []
    page = stage.opens("mo", "/groups/new", viewport={"width": 320, "height": 640})
    assert objections(page) == []


def test_a_live_room_with_its_panel_and_menus_open_can_be_used_by_everybody(stage: Stage) -> None:
    page = stage.enters("alice", viewport={"width": 1440, "height": 900})
    stage.posts("bob", "Soup, @alice?")
    page.get_by_role("link", name="Members", exact=True).click()
    page.get_by_label("Attach files").set_input_files(
        [file("Pump.png", samples.picture()), file("Evil.pdf", b"<html>")]
    )
    page.locator("#attached .failed").wait_for()
    page.get_by_text("Options").click()
    message = page.locator("li.message[data-message]")
    message.hover()
    message.locator("summary").click()
    is_connected(page)
    assert objections(page) == []


def test_every_module_of_a_room_is_asked_for_at_once(stage: Stage) -> None:
    """The page names in advance all that its modules import; one that is missing would be found only by its importer."""
    context = stage.context("alice")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/static/")[-1]))
    page.goto(stage.room_address)
    is_connected(page)
    named = page.eval_on_selector_all(
        "link[rel=modulepreload]", "links => links.map(link => link.href.split('/static/').pop())"
    )
    modules = {name for name in asked if name.endswith(".js")}
    assert modules - set(named) <= {next(name for name in modules if "/app." in name)}
    assert len(modules) == len([name for name in asked if name.endswith(".js")])


def test_the_top_of_a_page_fits_a_phone_whatever_its_signs_say(stage: Stage) -> None:
    """A moderator on a busy day, with a long name: as frames would fill the signs."""
    page = stage.opens("mo", "/you/mail/", viewport={"width": 320, "height": 640})
    page.evaluate(
        """() => {
          for (const sign of document.querySelectorAll(".top nav > a, .top .unread")) sign.hidden = false;
          for (const count of document.querySelectorAll(".top .unread")) count.textContent = "99+";
          document.querySelector(".top summary span").textContent = "Maximiliana Featherstonehaugh";
          document.querySelector(".top .badge").textContent = "Consultant obstetrician for diabetes · Thames Bridge";
        }"""
    )
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
    for words in ("Notices", "Waiting", "Maximiliana"):
        expect(page.locator(".top nav").get_by_text(words)).to_be_in_viewport(ratio=1)
    page.locator(".top summary").press("Enter")
    expect(page.locator(".top .badge")).to_be_in_viewport(ratio=1)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
