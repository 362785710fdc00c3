"""Asking to join the community, and the moderators' answer."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.community.facts import MEMORY
from members.invitations.postman import send_invitations
from members.models import Community, CommunityRequest, Invitation, Member
from notifications.actions import notices_for
from notifications.digests.gathering import gather
from notifications.models import Notice
from notifications.preferences import preference_of_reader
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of

FORM = {"name": "Nora", "address": "Nora@Example.org", "words": "I <b>cook</b>"}


@pytest.fixture
def open_community(cast: Cast) -> Cast:
    Community.objects.create(name="Cooks", time_zone="UTC", may_be_asked=True)
    MEMORY.forget()
    return cast


def stranger() -> Client:
    return Client(headers={"host": "localhost"})


def test_who_asks_is_invited_by_a_moderator(open_community: Cast) -> None:
    assert "/join/" in text_of(stranger(), "/sign-in/")
    assert stranger().post("/join/", FORM).headers["Location"] == "/join/?asked=1"
    mo = browser(open_community.mo)
    page = text_of(mo, "/invitations/")
    assert "I &lt;b&gt;cook" in page
    answer = f"/join/{CommunityRequest.objects.get().pk}/answer"
    mo.post(answer, {"on": "1"})
    mo.post(answer, {"on": "1"})
    assert "I &lt;b&gt;cook" not in text_of(mo, "/invitations/")
    assert (send_invitations(), mail.outbox[0].to) == (1, ["nora@example.org"])


def test_every_moderator_hears_who_asks_until_one_has_answered(open_community: Cast) -> None:
    ada = person("ada", role=Member.Role.ADMINISTRATOR)
    for _ in range(2):
        stranger().post("/join/", FORM)
    assert [notices_for(member).count() for member in (open_community.mo, ada, open_community.lena)] == [1, 1, 0]
    page = text_of(browser(ada), "/notices/")
    assert "Nora</b> asks to join the community" in page
    assert 'href="/invitations/"' in page
    letter = gather([preference_of_reader(open_community.mo)], timezone.now())[0].needs[0].notice
    assert (letter.by, letter.did) == ("Nora", "asks to join the community")

    browser(open_community.mo).post(f"/join/{CommunityRequest.objects.get().pk}/answer", {"on": "0"})
    assert not Notice.objects.exists()


def test_who_moderates_no_longer_is_not_told_who_asks(open_community: Cast) -> None:
    stranger().post("/join/", FORM)
    Member.objects.filter(pk=open_community.mo.pk).update(role=Member.Role.MEMBER)
    mo = Member.objects.get(pk=open_community.mo.pk)
    assert not notices_for(mo).exists()
    assert "Nora" not in text_of(browser(mo), "/notices/")
    assert gather([preference_of_reader(mo)], timezone.now())[0].needs == []


def test_who_is_declined_is_not_invited_and_may_ask_again(open_community: Cast) -> None:
    for _ in range(2):
        stranger().post("/join/", FORM)
        asked = CommunityRequest.objects.get(answered_at=None)
        browser(open_community.mo).post(f"/join/{asked.pk}/answer", {"on": "0"})
        assert browser(open_community.mo).post(f"/join/{asked.pk}/answer", {"on": "1"}).status_code == 302
    assert not Invitation.objects.exists()


def test_nobody_learns_whether_an_address_is_known(open_community: Cast) -> None:
    answers = []
    for address in ("bob@example.org", "nora@example.org", "NORA@example.org"):
        asked = stranger()
        answer = asked.post("/join/", {**FORM, "address": address})
        answers.append((answer.status_code, text_of(asked, answer.headers["Location"])))
    assert len(set(answers)) == 1
    assert CommunityRequest.objects.get().address == "nora@example.org"


@pytest.mark.parametrize("who", ["charlie", "bob", "lena"])
def test_only_moderators_answer(open_community: Cast, who: str) -> None:
    stranger().post("/join/", FORM)
    asked = CommunityRequest.objects.get()
    member = browser(getattr(open_community, who))
    assert member.post(f"/join/{asked.pk}/answer", {"on": "1"}).status_code == 403
    assert "nora@" not in member.get("/invitations/").content.decode()
    assert not Invitation.objects.exists()


def test_where_nobody_may_ask_there_is_no_such_page(cast: Cast) -> None:
    assert [stranger().get("/join/").status_code, stranger().post("/join/", FORM).status_code] == [404, 404]
    assert "/join/" not in text_of(stranger(), "/sign-in/")
    assert not CommunityRequest.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("name", "x" * 81), ("address", "x"), ("words", "x" * 301)]
)
def test_what_cannot_be_is_refused_and_the_rest_comes_back(open_community: Cast, field: str, value: str) -> None:
    answer = stranger().post("/join/", {**FORM, field: value})
    page = answer.content.decode()
    assert (answer.status_code, 'role="alert"' in page) == (400, True)
    assert "I &lt;b&gt;cook" in page or field == "words"
    assert not CommunityRequest.objects.exists()


def test_a_flood_is_slowed_down_by_place_and_by_address(open_community: Cast) -> None:
    codes = [
        stranger().post("/join/", {**FORM, "address": f"n{number}@example.org"}).status_code for number in range(21)
    ]
    assert codes == [302] * 20 + [429]
    codes = [stranger().post("/join/", FORM, REMOTE_ADDR=f"10.0.0.{number}").status_code for number in range(4)]
    assert codes == [302] * 3 + [429]


def test_behind_a_proxy_strangers_are_told_apart_by_the_address_that_it_gives(
    open_community: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    seen: list[str] = []
    monkeypatch.setattr("members.invitations.views.ask_community", lambda **asked: seen.append(asked["from_where"]))
    for forwarded in ("198.51.100.7", "203.0.113.9, 198.51.100.8"):
        stranger().post("/join/", FORM, headers={"X-Forwarded-For": forwarded})
    assert seen == ["198.51.100.7", "198.51.100.8"]
