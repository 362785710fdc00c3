"""A leader sets how long a room keeps its messages, and what is older leaves every open screen."""

from playwright.sync_api import expect

from tests.browser.conftest import Stage, is_connected
from tests.browser.test_journeys import shows
from tests.browser.test_pages_for_everybody import objections


def test_what_a_room_no_longer_keeps_leaves_open_screens(stage: Stage) -> None:
    old = stage.posts("alice", "From last year")
    stage.server.run("-m", "tests.browser.grow_old", str(stage.room), str(old), "400")
    stage.posts("alice", "From today")
    bob = stage.enters("bob")
    shows(bob, "From last year", "From today")

    lena = stage.opens("lena", f"/rooms/{stage.room}/about/", viewport={"width": 320, "height": 640})
    lena.get_by_role("link", name="Say how long messages are kept").click()
    assert objections(lena) == []
    lena.get_by_label("6 months").check()
    lena.get_by_role("button", name="See what that removes").click()
    expect(lena.get_by_text("This removes 1 message on")).to_be_visible()
    assert objections(lena) == []
    lena.get_by_role("button", name="Keep messages for 6 months").click()
    expect(lena.get_by_text("6 months, from")).to_be_visible()
    shows(bob, "From last year", "From today")

    stage.server.run("-m", "tests.browser.grow_old", str(stage.room), str(old), "400")
    stage.server.run("manage.py", "work", "--once")
    shows(bob, "From today")
    bob.reload()
    is_connected(bob)
    shows(bob, "From today")
