"""From a name to a conversation, in two browsers at once; and a person kept at a distance."""

from playwright.sync_api import expect

from tests.browser.conftest import Stage, is_connected
from tests.browser.test_pages_for_everybody import objections


def test_from_the_directory_to_a_conversation_and_apart_again(stage: Stage) -> None:
    bob = stage.enters("bob")
    lena = stage.opens("lena", "/members/?find=bob", viewport={"width": 320, "height": 640})
    lena.locator("main").get_by_role("link", name="Bob").click()
    lena.get_by_role("button", name="Write to them").click()
    is_connected(lena)
    assert objections(lena) == []
    lena.get_by_role("textbox", name="Write to Bob").fill("Soup on Friday?")
    lena.get_by_role("button", name="Send").click()

    # Bob sits in another room: the conversation stands in his list, and needs him.
    listed = bob.locator("nav#rooms section.direct a", has_text="Lena")
    expect(listed.locator(".unread.mine")).to_have_text("1", timeout=15_000)
    listed.click()
    is_connected(bob)
    expect(bob.get_by_role("heading", name="Lena", level=1)).to_be_visible()
    bob.get_by_role("textbox", name="Write to Lena").fill("With leeks")
    bob.keyboard.press("Enter")
    expect(lena.get_by_text("With leeks")).to_be_visible()

    lena.goto(f"/members/{stage.people['bob']['id']}/")
    lena.get_by_text("Keep your distance").click()
    assert objections(lena) == []
    lena.get_by_role("button", name="Block").click()
    expect(lena.get_by_text("You do not let them write to you.")).to_be_visible()
    bob.get_by_role("textbox", name="Write to Lena").fill("And bread, a whole one")
    bob.keyboard.press("Enter")
    expect(bob.get_by_text("You cannot write to this person.").first).to_be_visible()
    expect(bob.get_by_text("And bread, a whole one")).to_be_visible()

    lena.goto("/you/distance/")
    assert objections(lena) == []
    lena.get_by_role("button", name="Let them write again").click()
    bob.get_by_role("button", name="Try again").click()
    lena.goto("/")
    lena.locator("section.direct a", has_text="Bob").click()
    expect(lena.get_by_text("And bread, a whole one")).to_be_visible()


def test_who_is_muted_is_folded_and_there_on_demand(stage: Stage) -> None:
    bob = stage.opens("bob", f"/members/{stage.people['charlie']['id']}/")
    stage.posts("mo", "Said before")
    bob.goto(f"/members/{stage.people['mo']['id']}/")
    bob.get_by_text("Keep your distance").click()
    bob.get_by_role("button", name="Mute").click()
    bob.goto(stage.room_address)
    is_connected(bob)
    stage.posts("mo", "Said after")
    for words in ("Said before", "Said after"):
        message = bob.locator("li.message", has_text=words)
        expect(message.get_by_text("From somebody you muted")).to_be_visible()
        expect(message.get_by_text(words)).to_be_hidden()
    message.get_by_text("From somebody you muted").click()
    expect(message.get_by_text("Said after")).to_be_visible()
    assert objections(bob) == []
    bob.goto("/you/distance/")
    bob.get_by_role("button", name="Hear them again").click()


def test_several_are_chosen_by_keyboard_alone(stage: Stage) -> None:
    page = stage.opens("alice", "/conversations/new/?find=lena", viewport={"width": 320, "height": 640})
    assert objections(page) == []
    page.get_by_role("checkbox", name="Lena").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Keep these").focus()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox").fill("bob")
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Bob").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Bob and Lena", level=1)).to_be_visible()
