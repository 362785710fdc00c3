"""Saying who one is."""

import pytest

from members.models import Member, Organisation
from tests.cast import Cast
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts

FORM = {"display_name": "Bob", "profession": "dietitian", "organisation": "", "ask_me_about": ""}


def test_what_a_member_says_of_themselves_is_what_others_see(cast: Cast) -> None:
    lea_valley = Organisation.objects.create(name="Lea Valley Hospitals", short_name="Lea Valley", kind="trust")
    form = {
        **FORM,
        "display_name": " Bobby  <i>B ",
        "organisation": str(lea_valley.pk),
        "ask_me_about": "Ramadan & fasting",
    }
    assert browser(cast.bob).post("/you/", form).headers["Location"] == f"/members/{cast.bob.pk}/"
    card = text_of(browser(cast.charlie), f"/members/{cast.bob.pk}/")
    assert all(words in card for words in ("Bobby &lt;i&gt;B", "Lea Valley Hospitals", "Ramadan &amp; fasting"))
    assert 'value="Bobby &lt;i&gt;B"' in text_of(browser(cast.bob), "/you/")


def test_what_was_written_keeps_its_affiliation(cast: Cast) -> None:
    soup = posts(cast.bob, cast.supper, "Soup")
    browser(cast.bob).post("/you/", {**FORM, "profession": "academic"})
    soup.refresh_from_db()
    assert soup.badge == "Dietitian"
    assert posts(Member.objects.get(pk=cast.bob.pk), cast.supper, "Stew").badge == "Academic"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", " \u200b "),
        ("display_name", "x" * 81),
        ("ask_me_about", "x" * 201),
        ("profession", "king"),
        ("organisation", "999999"),
        ("organisation", "x"),
        ("organisation", "9" * 30),
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_comes_back(cast: Cast, field: str, value: str) -> None:
    answer = browser(cast.bob).post("/you/", {**FORM, "display_name": "Robert", field: value})
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)
    if field != "display_name":
        assert 'value="Robert"' in answer.content.decode()
    cast.bob.refresh_from_db()
    assert (cast.bob.display_name, cast.bob.profession) == ("Bob", "dietitian")


def test_a_form_changes_nobody_else_and_no_more_than_it_shows(cast: Cast) -> None:
    browser(cast.bob).post(
        "/you/", {**FORM, "id": cast.alice.pk, "role": "administrator", "handle": "boss", "is_active": "0"}
    )
    cast.bob.refresh_from_db()
    assert (cast.bob.role, cast.bob.handle, cast.bob.is_active) == ("member", "bob", True)
    cast.alice.refresh_from_db()
    assert cast.alice.display_name == "Alice"
