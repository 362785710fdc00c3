"""Signing in with an organisation's own accounts, in a real browser and against a real OpenID Connect server."""

from collections.abc import Iterator

import httpx
import pytest
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import Browser, expect

from tests.servers import Roundtable


@pytest.fixture
def organisation() -> Iterator[str]:
    """The address of an organisation's sign-in server."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def test_the_button_leads_to_the_organisation_and_back_signed_in(browser: Browser, organisation: str) -> None:
    httpx.put(
        f"{organisation}/users/a-1", json={"email": "alice@example.org", "email_verified": True}
    ).raise_for_status()
    provider = organisation.replace("//", "//rooms:secret@") + "#Example%20Trust"
    with Roundtable(SIGN_IN_WITH=provider) as server:
        server.run("-m", "tests.browser.stage")
        page = browser.new_context(base_url=server.url).new_page()
        # The provider's own page asks for a style sheet of some other site.
        page.route("https://**", lambda route: route.abort())
        page.goto("/sign-in/?next=/groups/")
        page.get_by_label("shared with others").check()
        page.get_by_role("button", name="Sign in with Example Trust").click()
        page.locator("input[name=sub]").fill("a-1")
        page.get_by_role("button", name="Authorize").click()
        expect(page.get_by_role("heading", name="Working groups")).to_be_visible()
        assert page.locator("body").get_attribute("data-shared") is not None
        page.context.close()
