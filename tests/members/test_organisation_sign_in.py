"""Signing in with an organisation's own accounts, against a real OpenID Connect server on this machine."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from chatserver import env
from members.models import Member
from tests.cast import Cast
from tests.members.test_sign_in import signed_in


@pytest.fixture(scope="module")
def organisation() -> Iterator[str]:
    """The address of an organisation's sign-in server."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def rooms(organisation: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser in front of a site that offers sign-in with Example Trust, and with one whose server is down."""
    monkeypatch.setenv(
        "SIGN_IN_WITH",
        f"{organisation.replace('//', '//rooms:a%20secret@')}#Example%20Trust,http://rooms:x@127.0.0.1:9#Gone",
    )
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": env.sign_in_providers("SIGN_IN_WITH")}}
    return Client(headers={"host": "localhost"})


def knows(organisation: str, sub: str, **claims: Any) -> None:
    httpx.put(f"{organisation}/users/{quote(sub)}", json=claims).raise_for_status()


def way_out(page: Any) -> str:
    """The address that the page on the way to the organisation leads to, by itself and by a link."""
    [by_itself] = re.findall(r'content="0;url=([^"]+)"', page.content.decode())
    assert f'href="{by_itself}"' in page.content.decode()
    return unescape(by_itself)


def comes_by(rooms: Client, sub: str, **more: str) -> Any:
    """Somebody presses the button, is let in by their organisation, and comes back."""
    let_in = httpx.post(way_out(rooms.post("/sign-in/with/example-trust/", more)), data={"sub": sub})
    assert let_in.status_code == 302, let_in.text
    return rooms.get(let_in.headers["Location"].removeprefix("http://localhost"))


def test_a_member_comes_in_by_their_organisation_and_is_known_again(
    cast: Cast, rooms: Client, organisation: str
) -> None:
    assert "Sign in with Example Trust" in rooms.get("/sign-in/").content.decode()
    knows(organisation, "a-1", email="Alice@Example.org", email_verified=True)
    assert comes_by(rooms, "a-1").headers["Location"] == "/"
    assert signed_in(rooms) == cast.alice

    # Another address at the organisation: it is still the same account there.
    knows(organisation, "a-1", email="bob@example.org", email_verified=True)
    later = Client(headers={"host": "localhost"})
    comes_by(later, "a-1")
    assert signed_in(later) == cast.alice
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@example.org", "email_verified": True},
        {"email": "alice@example.org", "email_verified": False},
        {"email": "alice@example.org"},
        {"email": "alice@example.org", "email_verified": "false"},
        {},
    ],
)
def test_whoever_is_not_surely_a_member_is_told_so_and_stays_outside(
    cast: Cast, rooms: Client, organisation: str, claims: dict[str, Any]
) -> None:
    knows(organisation, "x-1", **claims)
    refused = comes_by(rooms, "x-1")
    assert refused.status_code == 403
    assert "no member with the address" in refused.content.decode()
    assert signed_in(rooms) is None
    assert Member.objects.count() == 5
    assert SocialAccount.objects.count() == 0


def test_no_link_signs_anybody_in(cast: Cast, rooms: Client, organisation: str) -> None:
    """An attacker's own answer, opened in the browser of somebody else, would sign them in as the attacker."""
    knows(organisation, "b-1", email="bob@example.org", email_verified=True)
    asked = rooms.post("/sign-in/with/example-trust/")
    answer = httpx.post(way_out(asked), data={"sub": "b-1"}).headers["Location"]
    victim = Client(headers={"host": "localhost"})
    assert victim.get(answer.removeprefix("http://localhost")).status_code == 401
    assert signed_in(victim) is None
    assert rooms.get("/sign-in/with/example-trust/").status_code == 405


def test_the_kind_of_computer_and_the_page_wanted_come_along(cast: Cast, rooms: Client, organisation: str) -> None:
    knows(organisation, "a-1", email="alice@example.org", email_verified=True)
    asked = rooms.post("/sign-in/with/example-trust/?next=/groups/", {"computer": "shared"})
    let_in = httpx.post(way_out(asked), data={"sub": "a-1"})
    back = rooms.get(let_in.headers["Location"].removeprefix("http://localhost"))
    assert back.headers["Location"] == "/groups/"
    assert cast.alice.sessions.get().is_shared


def test_an_organisation_whose_server_is_away_is_said_to_be(cast: Cast, rooms: Client) -> None:
    refused = rooms.post("/sign-in/with/gone/")
    assert refused.status_code == 503
    assert "does not answer" in refused.content.decode()
    assert rooms.post("/sign-in/with/nobody/").status_code == 404


def test_who_turns_back_finds_the_other_ways(cast: Cast, rooms: Client) -> None:
    asked = rooms.post("/sign-in/with/example-trust/")
    state = httpx.URL(way_out(asked)).params["state"]
    back = rooms.get("/sign-in/with/example-trust/callback/", {"error": "access_denied", "state": state}, follow=True)
    assert back.redirect_chain[-1][0] == "/sign-in/"
