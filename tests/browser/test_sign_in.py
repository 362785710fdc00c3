"""Coming in, in a real browser: by a code in a letter, by a passkey, and with a second step."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Stage, is_connected
from tests.letters import words_of


def asks_for_a_code(stage: Stage, page: Page, who: str) -> str:
    """Ask for a code on the sign-in page, and read it in the letter."""
    address = f"{who}@example.org"
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Mail me a code").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    found = re.search(r"^    (\S+)$", words_of(stage.mail.letter_to(address, about="Your code")), re.MULTILINE)
    assert found
    return found[1]


def comes_in_by_code(stage: Stage, page: Page, who: str) -> None:
    code = asks_for_a_code(stage, page, who)
    # By keyboard alone: the field has the focus.
    page.keyboard.type(code.lower())
    page.keyboard.press("Enter")


def named(context: BrowserContext) -> str:
    """The site under a name: browsers make no passkeys for a number."""
    page = context.new_page()
    page.goto("/sign-in/")
    url = page.url.replace("127.0.0.1", "localhost")
    page.close()
    return url


def test_a_code_in_a_letter_leads_to_the_room_one_wanted(stage: Stage) -> None:
    page = stage.opens("", stage.room_address, viewport={"width": 320, "height": 640})
    comes_in_by_code(stage, page, "bob")
    is_connected(page)
    assert page.url.endswith(stage.room_address)


def test_a_passkey_signs_in_without_a_word(stage: Stage) -> None:
    context = stage.context()
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(named(context))
    comes_in_by_code(stage, page, "lena")
    expect(page.get_by_role("link", name="Notices")).to_be_visible()
    page.goto(page.url.rstrip("/") + "/you/sign-in/passkeys/add/")
    page.get_by_label("What to call it").fill("My phone")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="How you sign in")).to_be_visible()
    expect(page.get_by_text("My phone").first).to_be_visible()
    assert "A passkey was added" in words_of(stage.mail.letter_to("lena@example.org", about="changed"))

    page.locator("header summary").click()
    page.locator("header").get_by_role("button", name="Sign out").click()
    page.get_by_label("shared with others").check()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Notices")).to_be_visible()
    assert page.locator("body").get_attribute("data-shared") is not None
    # A mailed code is still enough elsewhere.
    elsewhere = stage.opens("", "/sign-in/")
    comes_in_by_code(stage, elsewhere, "lena")
    expect(elsewhere.get_by_role("link", name="Notices")).to_be_visible()


def test_an_authenticator_app_is_asked_second(stage: Stage) -> None:
    page = stage.opens("", "/sign-in/?next=/you/sign-in/app/")
    comes_in_by_code(stage, page, "charlie")
    expect(page.get_by_role("img", name="A QR code")).to_be_visible()
    assert page.get_by_role("img", name="A QR code").evaluate("picture => picture.naturalWidth") > 0
    key = page.locator("code.key").inner_text()
    page.get_by_label("Code from the app").fill(code_of(key))
    page.get_by_role("button", name="Switch it on").click()
    recovery = page.locator(".codes code").first.inner_text()

    other = stage.opens("", "/sign-in/")
    comes_in_by_code(stage, other, "charlie")
    other.get_by_label("Code").fill("000000")
    other.keyboard.press("Enter")
    expect(other.get_by_role("alert")).to_be_visible()
    other.get_by_label("Code").fill(recovery)
    other.keyboard.press("Enter")
    expect(other.get_by_role("link", name="Notices")).to_be_visible()


def code_of(key: str) -> str:
    """What an authenticator app with this key shows now."""
    return format_hotp_value(hotp_value(key, int(time.time()) // 30))


def test_signing_out_elsewhere_closes_the_page_there_at_once(stage: Stage) -> None:
    desk, phone = stage.opens("", stage.room_address), stage.opens("", stage.room_address)
    # Not one of those whose sessions the other tests use.
    comes_in_by_code(stage, desk, "omar")
    is_connected(desk)
    comes_in_by_code(stage, phone, "omar")
    is_connected(phone)
    phone.get_by_role("textbox").first.fill("Half a sentence")
    desk.goto("/you/sign-in/")
    desk.get_by_role("button", name="Sign out everywhere else").click()
    expect(desk.get_by_role("button", name="Sign out everywhere else")).to_be_hidden()
    expect(phone.locator("body")).not_to_have_attribute("data-connection", re.compile("up|poll"))
