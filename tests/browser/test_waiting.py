"""What waits for a moderator's look: its author sees that it waits, others see nothing until it is let through."""

from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.conftest import Stage, is_connected
from tests.browser.test_journeys import shows


def decides(stage: Stage, address: str, **fields: str) -> None:
    """The moderator, elsewhere."""
    form = {"ground": "advert", "reason": "Advertising", **fields}
    assert stage.client("mo").post(address, data=form).status_code == 302


def waiting_on(page: Page) -> str:
    """The number of what waits on its author's page."""
    return (page.locator(".message.held").get_attribute("id") or "").removeprefix("held-")


def test_a_post_waits_on_its_authors_screen_and_appears_on_the_others(stage: Stage) -> None:
    decides(stage, f"/rooms/{stage.room}/hold", on="1")
    bob = stage.enters("bob")
    moderator = stage.opens("mo", "/moderation/waiting/")
    is_connected(moderator)
    sign = moderator.get_by_role("link", name="Waiting 1", exact=True)
    expect(sign).to_have_count(0)
    alice = stage.enters("alice", viewport={"width": 320, "height": 640})
    expect(alice.get_by_text("New messages in this room wait for a moderator's look.")).to_be_visible()
    alice.get_by_label("Write to").fill("Soup at noon")
    alice.get_by_role("button", name="Send").click()
    expect(alice.get_by_text("Only you see this.")).to_be_visible()
    alice.reload()
    is_connected(alice)
    expect(alice.locator(".message.held")).to_have_count(1)
    expect(alice.get_by_text("Soup at noon")).to_be_visible()
    shows(bob)
    expect(sign).to_be_visible()
    expect(moderator.get_by_text("What waits has changed.")).to_be_visible()

    decides(stage, f"/moderation/waiting/{waiting_on(alice)}/let-through")
    expect(sign).to_have_count(0)
    shows(bob, "Soup at noon")
    shows(alice, "Soup at noon")
    expect(alice.locator(".message.held")).to_have_count(0)

    alice.get_by_label("Write to").fill("Buy my soup")
    alice.get_by_role("button", name="Send").click()
    expect(alice.get_by_text("Only you see this.")).to_be_visible()
    alice.get_by_role("button", name="Take it back").click()
    expect(alice.locator(".message.held")).to_have_count(0)
    expect(alice.get_by_label("Write to")).to_have_value("Buy my soup")
    alice.get_by_role("button", name="Send").click()
    expect(alice.get_by_text("Only you see this.")).to_be_visible()
    decides(stage, f"/moderation/waiting/{waiting_on(alice)}/decline")
    expect(alice.get_by_text("Not posted. Advertising")).to_be_visible()
    alice.reload()
    expect(alice.get_by_text("Not posted. Advertising")).to_be_visible()
    alice.get_by_role("button", name="Change it").click()
    expect(alice.get_by_label("Write to")).to_have_value("Buy my soup")
    shows(bob, "Soup at noon")


def test_what_was_told_while_a_laptop_slept_is_there_when_it_wakes(stage: Stage) -> None:
    bob, moderator = (stage.opens(name, "/you/mail/") for name in ("bob", "mo"))
    signs = {
        page: page.locator(f"[data-behaviour={name}] .unread")
        for page, name in ((bob, "notices-badge"), (moderator, "waiting"))
    }
    before = {page: int(sign.text_content() or 0) for page, sign in signs.items()}
    for page in signs:
        is_connected(page)
        page.wait_for_function("() => performance.now() > 5100")  # A fresher page has nothing to ask anew.
        page.context.set_offline(True)
    stage.posts("alice", "Soup, @bob?")
    decides(stage, f"/rooms/{stage.room}/hold", on="1")
    stage.does("alice", "message.post", client_id=str(uuid4()), room=stage.room, text="More soup", reply_to=None)
    for page in signs:
        page.context.set_offline(False)
    for page, sign in signs.items():
        expect(sign).to_have_text(str(before[page] + 1), timeout=20_000)
        expect(sign).to_be_visible()
