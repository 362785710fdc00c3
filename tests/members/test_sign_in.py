"""Members come in by a code in a letter, a password, with a second step where they asked for one; and nobody else does."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.models import Member, Session
from tests.cast import Cast
from tests.speaking import session_of

CODE = re.compile(r"^    (\S+)$", re.MULTILINE)


@pytest.fixture
def rooms() -> Client:
    """A browser that nobody is signed in with."""
    return Client(headers={"host": "localhost", "user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})


pytestmark = pytest.mark.usefixtures("tasks_at_once")


def signed_in(browser: Client) -> Member | None:
    key = browser.cookies["session"].value if "session" in browser.cookies else ""
    row = Session.objects.filter(session_key=key).select_related("member").first()
    return row.member if row else None


def asks_for_a_code(browser: Client, address: str, **more: str) -> Any:
    return browser.post("/sign-in/", {"email": address, "computer": "own", **more})


def code_in_the_letter() -> str:
    found = CODE.search(str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_code_in_a_letter_signs_in_once(cast: Cast, rooms: Client) -> None:
    assert (
        asks_for_a_code(rooms, " Alice@Example.org ", next="/groups/").headers["Location"]
        == "/sign-in/code/?next=%2Fgroups%2F"
    )

    letter = mail.outbox[-1]
    code = code_in_the_letter()
    assert letter.to == ["alice@example.org"] or letter.to == ["Alice@Example.org"]
    assert letter.subject == f"Your code: {code}"
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert code in str(letter.alternatives[0][0])  # type: ignore[attr-defined]
    assert signed_in(rooms) is None
    answer = rooms.post("/sign-in/code/", {"code": code.lower(), "next": "/groups/"})
    assert answer.headers["Location"] == "/groups/"
    assert signed_in(rooms) == cast.alice
    other = Client(headers={"host": "localhost"})
    assert other.post("/sign-in/code/", {"code": code}).headers["Location"] == "/sign-in/"


def test_who_opens_the_links_of_a_letter_is_not_signed_in(cast: Cast, rooms: Client) -> None:
    asks_for_a_code(rooms, "alice@example.org")
    addresses = re.findall(rf"{settings.SITE_URL}(\S*)", str(mail.outbox[-1].body))
    assert addresses == ["/sign-in/code/"]
    for address in addresses:
        assert rooms.get(address).status_code == 200
        assert rooms.head(address).status_code in (200, 405)
    assert signed_in(rooms) is None


def test_who_is_no_member_is_told_the_same_and_gets_no_letter(cast: Cast, rooms: Client) -> None:
    known, unknown = Client(headers={"host": "localhost"}), rooms
    answers = [
        (answer.status_code, answer.headers["Location"])
        for answer in (asks_for_a_code(known, "bob@example.org"), asks_for_a_code(unknown, "nobody@example.org"))
    ]
    assert answers[0] == answers[1]
    assert len(mail.outbox) == 1
    pages = [browser.get("/sign-in/code/").content.decode() for browser in (known, unknown)]
    same = [
        re.sub(r'value="[A-Za-z0-9]{64}"', "", page.replace("bob@", "x@").replace("nobody@", "x@")) for page in pages
    ]
    assert same[0] == same[1]
    assert unknown.post("/sign-in/code/", {"code": "AAAA-AAAA"}).status_code == 400


def test_a_code_is_tried_three_times(cast: Cast, rooms: Client) -> None:
    asks_for_a_code(rooms, "alice@example.org")
    code = code_in_the_letter()
    assert [rooms.post("/sign-in/code/", {"code": "WRONG"}).status_code for _ in range(3)] == [400, 400, 302]
    assert rooms.post("/sign-in/code/", {"code": code}).headers["Location"] == "/sign-in/"
    assert signed_in(rooms) is None


def test_codes_for_one_address_are_few(cast: Cast, rooms: Client) -> None:
    answers = [asks_for_a_code(rooms, "alice@example.org").status_code for _ in range(5)]
    assert answers[:3] == [302, 302, 302]
    assert answers[3:] == [400, 400]
    assert len(mail.outbox) == 3


def test_a_code_runs_out(cast: Cast, rooms: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asks_for_a_code(rooms, "alice@example.org")
    later = time.time() + 16 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    assert rooms.post("/sign-in/code/", {"code": code_in_the_letter()}).headers["Location"] == "/sign-in/"
    assert signed_in(rooms) is None


def test_who_is_suspended_does_not_get_in_by_any_way(cast: Cast, rooms: Client) -> None:
    cast.alice.set_password("green kettle window")
    cast.alice.suspended_until = timezone.now() + timedelta(days=1)
    cast.alice.save()
    asks_for_a_code(rooms, "alice@example.org")
    refused = rooms.post("/sign-in/code/", {"code": code_in_the_letter()})
    assert (refused.status_code, "suspended" in refused.content.decode()) == (403, True)
    by_password = rooms.post("/sign-in/password/", {"login": "alice@example.org", "password": "green kettle window"})
    assert by_password.status_code == 403
    assert signed_in(rooms) is None


def test_a_password_works_for_those_who_want_one(cast: Cast, rooms: Client) -> None:
    cast.alice.set_password("green kettle window")
    cast.alice.save()
    wrong = rooms.post("/sign-in/password/", {"login": "alice@example.org", "password": "blue kettle window"})
    assert wrong.status_code == 400
    assert 'value="alice@example.org"' in wrong.content.decode()
    assert "blue kettle" not in wrong.content.decode()
    rooms.post(
        "/sign-in/password/", {"login": "Alice@example.org", "password": "green kettle window", "next": "//evil.org"}
    )
    assert signed_in(rooms) == cast.alice


def test_passwords_are_not_guessed_for_ever(cast: Cast, rooms: Client) -> None:
    cast.alice.set_password("green kettle window")
    cast.alice.save()
    for guess in range(6):
        rooms.post("/sign-in/password/", {"login": "alice@example.org", "password": f"guess number {guess}"})
    rooms.post("/sign-in/password/", {"login": "alice@example.org", "password": "green kettle window"})
    assert signed_in(rooms) is None


@pytest.mark.parametrize(
    "page", ["https://evil.org/", "//evil.org", "javascript:alert(1)", "\\\\evil.org", "http:evil.org"]
)
def test_signing_in_leads_nowhere_else(cast: Cast, rooms: Client, page: str) -> None:
    asks_for_a_code(rooms, "alice@example.org", next=page)
    answer = rooms.post("/sign-in/code/", {"code": code_in_the_letter(), "next": page})
    assert answer.headers["Location"] == "/"
    again = rooms.post("/sign-in/again/", {"next": page})
    assert again.headers["Location"] == "/sign-in/?next=%2Fyou%2Fsign-in%2F"


# --- The second step ---


def code_of_the_app(member: Member) -> str:
    secret = Authenticator.objects.get(user=member, type=Authenticator.Type.TOTP).wrap().instance
    from allauth.mfa.utils import decrypt

    return format_hotp_value(hotp_value(decrypt(secret.data["secret"]), next(iter(yield_hotp_counters_from_time()))))


@pytest.fixture
def alices(cast: Cast) -> Client:
    """Alice's browser, signed in just now."""
    browser = Client(headers={"host": "localhost"})
    browser.cookies["session"] = session_of(cast.alice)
    return browser


def sets_up_an_app(browser: Client) -> None:
    page = browser.get("/you/sign-in/app/").content.decode()
    found = re.search(r'<code class="key">(\w+)</code>', page)
    assert found
    code = format_hotp_value(hotp_value(found[1], next(iter(yield_hotp_counters_from_time()))))
    assert browser.post("/you/sign-in/app/", {"code": code}).headers["Location"] == "/you/sign-in/recovery-codes/"


def test_an_app_is_asked_after_the_first_step_and_its_secret_is_not_in_the_database(
    cast: Cast, alices: Client, rooms: Client
) -> None:
    sets_up_an_app(alices)

    stored = Authenticator.objects.get(user=cast.alice, type="totp").data["secret"]
    assert stored.startswith("gAAAA")
    asks_for_a_code(rooms, "alice@example.org")
    assert rooms.post("/sign-in/code/", {"code": code_in_the_letter()}).headers["Location"] == "/sign-in/second-step/"
    assert signed_in(rooms) is None
    assert rooms.get("/groups/").status_code == 302
    assert rooms.post("/sign-in/second-step/", {"code": "000000"}).status_code == 400
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    rooms.post("/sign-in/second-step/", {"code": code_of_the_app(cast.alice)})
    assert signed_in(rooms) == cast.alice


def test_a_recovery_code_stands_in_for_a_lost_phone_once(cast: Cast, alices: Client) -> None:
    sets_up_an_app(alices)
    codes = re.findall(r"<li><code>(\w+)</code>", alices.get("/you/sign-in/recovery-codes/").content.decode())
    assert len(codes) == 10

    for browser, let_in in (
        (Client(headers={"host": "localhost"}), True),
        (Client(headers={"host": "localhost"}), False),
    ):
        asks_for_a_code(browser, "alice@example.org")
        browser.post("/sign-in/code/", {"code": code_in_the_letter()})
        browser.post("/sign-in/second-step/", {"code": codes[0]})
        assert (signed_in(browser) == cast.alice) is let_in


def test_who_does_without_the_app_is_no_longer_asked_and_hears_of_it_by_mail(
    cast: Cast, alices: Client, rooms: Client
) -> None:
    sets_up_an_app(alices)
    alices.post("/you/sign-in/app/off/")
    assert "no longer asked" in str(mail.outbox[-1].body)
    asks_for_a_code(rooms, "alice@example.org")
    rooms.post("/sign-in/code/", {"code": code_in_the_letter()})
    assert signed_in(rooms) == cast.alice


# --- Sessions ---


def test_how_one_signs_in_is_shown_and_changed_only_shortly_after_signing_in(cast: Cast, alices: Client) -> None:
    assert alices.get("/you/sign-in/password/").status_code == 200
    session = alices.session
    session["began_at"] = time.time() - 16 * 60
    session.save()
    assert alices.get("/you/sign-in/").status_code == 200
    for address in ("password/", "passkeys/add/", "app/", "recovery-codes/new/"):
        asked = alices.get(f"/you/sign-in/{address}")
        assert asked.headers["Location"].startswith("/sign-in/again/?next=%2Fyou%2Fsign-in%2F"), address
        assert alices.post(f"/you/sign-in/{address}", {"password": "green kettle window"}).status_code == 302
    cast.alice.refresh_from_db()
    assert not cast.alice.has_usable_password()
    again = alices.post("/sign-in/again/", {"next": "/you/sign-in/password/"})
    assert again.headers["Location"] == "/sign-in/?next=%2Fyou%2Fsign-in%2Fpassword%2F"
    assert signed_in(alices) is None


def test_a_new_password_signs_out_every_other_browser(cast: Cast, alices: Client) -> None:
    phone = Client(headers={"host": "localhost"})
    phone.cookies["session"] = session_of(cast.alice)
    assert alices.post("/you/sign-in/password/", {"password": "green kettle window"}).status_code == 302
    assert Session.objects.filter(member=cast.alice).count() == 1
    assert alices.get("/groups/").status_code == 200
    assert phone.get("/groups/").status_code == 302
    assert alices.post("/you/sign-in/password/remove").status_code == 302
    assert alices.get("/groups/").status_code == 200


@pytest.mark.parametrize("password", ["", "short", "1234567890", "password123", "alice@example.org", "x" * 201])
def test_weak_passwords_are_refused_with_words(cast: Cast, alices: Client, password: str) -> None:
    refused = alices.post("/you/sign-in/password/", {"password": password})
    assert refused.status_code == 400
    assert 'role="alert"' in refused.content.decode()
    cast.alice.refresh_from_db()
    assert not cast.alice.has_usable_password()


def test_members_see_where_they_are_signed_in_and_end_it(cast: Cast, alices: Client, rooms: Client) -> None:
    asks_for_a_code(rooms, "alice@example.org")
    rooms.post("/sign-in/code/", {"code": code_in_the_letter()})
    page = alices.get("/you/sign-in/").content.decode()
    assert "Firefox on Windows" in page
    [digest] = re.findall(r"/you/sign-in/sessions/(\w+)/end", page)
    assert rooms.cookies["session"].value not in page

    bobs = Client(headers={"host": "localhost"})
    bobs.cookies["session"] = session_of(cast.bob)
    assert bobs.post(f"/you/sign-in/sessions/{digest}/end").status_code == 404
    assert rooms.get("/groups/").status_code == 200
    assert alices.post(f"/you/sign-in/sessions/{digest}/end").status_code == 302
    assert rooms.get("/groups/").status_code == 302
    assert alices.post("/you/sign-in/sessions/end-others").status_code == 302
    assert alices.get("/groups/").status_code == 200
    assert bobs.get("/groups/").status_code == 200


def test_on_a_shared_computer_the_session_ends_soon_and_leaves_nothing(cast: Cast, rooms: Client) -> None:
    asks_for_a_code(rooms, "alice@example.org", computer="shared")
    rooms.post("/sign-in/code/", {"code": code_in_the_letter()})
    row = Session.objects.get(member=cast.alice)
    assert row.is_shared
    assert timedelta(minutes=119) < row.expire_date - timezone.now() <= timedelta(minutes=120)
    assert rooms.cookies["session"]["max-age"] == ""
    assert " data-shared" in rooms.get("/groups/").content.decode()
    assert rooms.post("/sign-out/").headers["Clear-Site-Data"] == '"cache", "storage"'

    asks_for_a_code(rooms, "alice@example.org")
    rooms.post("/sign-in/code/", {"code": code_in_the_letter()})
    assert rooms.cookies["session"]["max-age"] == 60 * 24 * 3600
    assert "Clear-Site-Data" not in rooms.post("/sign-out/").headers


def test_a_session_in_use_lives_on_and_one_forgotten_does_not(cast: Cast, alices: Client) -> None:
    Session.objects.update(seen_at=timezone.now() - timedelta(hours=2), expire_date=timezone.now() + timedelta(days=1))
    alices.get("/groups/")
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=59)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert alices.get("/groups/").status_code == 302
