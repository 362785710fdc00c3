"""This names a patient: flagged on one screen, gone on the other; a guardian has it purged and keeps the receipt."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Stage
from tests.browser.test_pages_for_everybody import objections


def test_one_tap_and_it_is_gone_on_the_other_screen(stage: Stage) -> None:
    lena = stage.enters("lena")
    bob = stage.enters("bob", viewport={"width": 320, "height": 640}, color_scheme="dark")
    number = stage.posts("alice", "Jane Smithson of 3 Mill Lane comes on Friday")
    stage.posts("lena", "> Jane Smithson of 3 Mill Lane comes on Friday\n\nOh dear")
    expect(lena.locator(f"#message-{number}")).to_contain_text("Smithson")

    message = bob.locator(f"#message-{number}")
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name="This names a patient").click()
    bob.get_by_role("dialog").get_by_role("button", name="Yes, hide it").click()
    for page in (lena, bob):
        expect(page.locator(f"#message-{number}")).to_contain_text("This message is hidden")
        expect(page.locator(f"#message-{number}")).not_to_contain_text("Smithson")

    alice = stage.opens("alice", f"/messages/{number}/patient")
    expect(alice.get_by_text("nothing is held against you")).to_be_visible()
    assert objections(alice) == []

    mo = stage.opens("mo", "/notices/", viewport={"width": 320, "height": 640}, color_scheme="dark")
    mo.get_by_role("link", name="Something may name a patient").first.click()
    expect(mo.get_by_text("Smithson")).to_have_count(0)
    mo.get_by_role("button", name="Look at the words").click()
    expect(mo.get_by_text("Jane Smithson of 3 Mill Lane comes on Friday", exact=True)).to_be_visible()
    assert objections(mo) == []
    expect(mo.get_by_role("checkbox", name=re.compile("Lena"))).to_be_checked()
    mo.get_by_role("button", name="Remove it everywhere").click()
    expect(mo.get_by_role("heading", name="Receipt")).to_be_visible()
    assert objections(mo) == []
    assert mo.evaluate("document.documentElement.scrollWidth") <= 320

    expect(lena.locator(f"#message-{number}")).to_contain_text("A moderator removed this message")
    expect(lena.get_by_text("Smithson")).to_have_count(0, timeout=15_000)
    expect(lena.get_by_text("Oh dear")).to_be_visible()
