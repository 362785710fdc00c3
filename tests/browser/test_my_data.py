"""A member takes along what is kept of them, and leaves."""

from zipfile import ZipFile

from playwright.sync_api import expect

from tests.browser.conftest import Stage
from tests.browser.test_pages_for_everybody import objections
from tests.letters import words_of


def test_leaving_with_ones_data(stage: Stage) -> None:
    stage.posts("mo", "Soup, and what came of it")
    page = stage.opens("mo", "/you/data/", viewport={"width": 320, "height": 640})
    page.get_by_role("button", name="Make a copy").click()
    assert "ready" in words_of(stage.mail.letter_to("mo@example.org", about="copy of your data"))
    page.reload()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    assert "Soup, and what came of it" in ZipFile(coming.value.path()).read("index.html").decode()

    page.get_by_label("Keep what I wrote").check()
    assert objections(page) == []
    page.get_by_role("button", name="Erase my account").click()
    expect(page.get_by_text("Your account is erased after")).to_be_visible()
    assert "will be erased after" in words_of(stage.mail.letter_to("mo@example.org", about="erased"))
    assert objections(page) == []
    page.get_by_role("button", name="Keep my account after all").click()
    expect(page.get_by_role("button", name="Erase my account")).to_be_visible()
