"""Saying who one is."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from members.models import Member, Organisation, Photo, Profession
from members.profile import change_photo
from rooms.catch_up import changes_since
from rooms.drawing import message_html
from rooms.models import Room
from tests.cast import Cast
from tests.members.test_pictures import photo, upload
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts

FORM = {"display_name": "Bob", "profession": "", "organisation": "", "ask_me_about": ""}


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
    academic = Profession.objects.get(name="Academic")
    browser(cast.bob).post("/you/", {**FORM, "profession": academic.pk})
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
        ("profession", "999999"),
        ("real_name", "x" * 121),
        ("pronouns", "x" * 41),
        ("time_zone", "Mars/Olympus_Mons"),
        ("time_zone", "../../etc/passwd"),
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
    assert (cast.bob.display_name, cast.bob.profession_name) == ("Bob", "Dietitian")


def test_a_form_changes_nobody_else_and_no_more_than_it_shows(cast: Cast) -> None:
    browser(cast.bob).post(
        "/you/", {**FORM, "id": cast.alice.pk, "role": "administrator", "handle": "boss", "is_active": "0"}
    )
    cast.bob.refresh_from_db()
    assert (cast.bob.role, cast.bob.handle, cast.bob.is_active) == ("member", "bob", True)
    cast.alice.refresh_from_db()
    assert cast.alice.display_name == "Alice"


def test_the_real_name_is_for_administrators_alone(cast: Cast) -> None:
    browser(cast.bob).post("/you/", {**FORM, "real_name": "Zebedee Quill", "pronouns": "he/they"})
    posts(Member.objects.get(pk=cast.bob.pk), cast.supper, "Soup, @alice")
    room, group, card = f"/rooms/{cast.supper.pk}/", f"/groups/{cast.workshop.pk}/", f"/members/{cast.bob.pk}/"
    doors = (
        card,
        "/members/",
        "/members/?find=zebedee",
        room,
        f"{room}members/",
        f"{room}names?q=bo",
        f"{room}names?q=zeb",
    )
    for who in (cast.alice, cast.lena, cast.mo):
        for door in (
            *doors,
            "/notices/",
            group,
            f"{group}members/",
        ):
            assert "Quill" not in text_of(browser(who), door), (who, door)
    assert "Quill" not in str(changes_since(Room.objects.get(), 0, 0))
    assert "0 found" in text_of(browser(cast.alice), "/members/?find=zebedee")
    assert "he/they" in text_of(browser(cast.alice), card)
    Member.objects.filter(pk=cast.charlie.pk).update(role="administrator")
    assert "Zebedee Quill" in text_of(browser(cast.charlie), card)
    assert "0 found" in text_of(browser(cast.charlie), "/members/?find=zebedee")
    assert 'value="Zebedee Quill"' in text_of(browser(cast.bob), "/you/")


def test_times_on_pages_are_by_the_members_own_clock(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    in_kolkata = 'datetime="' + soup.posted_at.astimezone(ZoneInfo("Asia/Kolkata")).isoformat()[:16]
    bob, alice, room = browser(cast.bob), browser(cast.alice), f"/rooms/{cast.supper.pk}/"
    bob.post("/you/", {**FORM, "time_zone": "Asia/Kolkata"})
    assert in_kolkata in text_of(bob, room)
    assert in_kolkata not in text_of(alice, room)
    assert timezone.get_current_timezone_name() == "Europe/London"
    # A message is drawn once for everybody, so not by the clock of whoever posts it.
    with timezone.override("Asia/Kolkata"):
        assert "+05:30" not in message_html(soup, 0)


def test_a_time_zone_that_no_table_knows_any_more_breaks_no_page(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(time_zone="Asia/Atlantis")
    assert "Bob" in text_of(browser(cast.bob), "/")


def test_a_photo_is_seen_by_members_and_nobody_else(cast: Cast) -> None:
    bob, alice = browser(cast.bob), browser(cast.alice)
    assert bob.post("/you/photo", {"picture": upload(photo())}).headers["Location"] == f"/members/{cast.bob.pk}/"
    version = Member.objects.get(pk=cast.bob.pk).photo_version
    address = f"/members/{cast.bob.pk}/photo?v={version}"
    for page in (f"/members/{cast.bob.pk}/", "/members/"):
        assert f'src="{address}"' in text_of(alice, page)
    answer = alice.get(address)
    assert answer.content == Photo.objects.get().picture
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in answer.headers["Cache-Control"]
    assert alice.get(f"/members/{cast.bob.pk}/photo?v=old").headers["Cache-Control"] == "no-store"
    assert browser(None).get(address).status_code == 302
    assert alice.get(f"/members/{cast.alice.pk}/photo").status_code == 404


def test_a_photo_is_changed_and_taken_down(cast: Cast) -> None:
    change_photo(cast.bob, upload(photo()))
    first, bob = cast.bob.photo_version, browser(cast.bob)
    bob.post("/you/photo", {"picture": upload(photo(size=(80, 80)))})
    assert Member.objects.get(pk=cast.bob.pk).photo_version not in ("", first)
    bob.post("/you/photo", {"remove": "1"})
    assert (Photo.objects.exists(), Member.objects.get(pk=cast.bob.pk).photo_version) == (False, "")


def test_what_is_no_photo_is_refused_and_the_old_one_stays(cast: Cast) -> None:
    change_photo(cast.bob, upload(photo()))
    for form in ({"picture": upload(b"<script>")}, {}):
        answer = browser(cast.bob).post("/you/photo", form)
        assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)
    assert Member.objects.get(pk=cast.bob.pk).photo_version == cast.bob.photo_version


def test_twice_a_year_a_member_is_asked_whether_they_are_still_there(cast: Cast) -> None:
    alice, question = browser(cast.alice), "Are you still at St Example"
    assert question not in text_of(alice, "/")
    long_ago = timezone.now() - timedelta(days=183)
    Member.objects.update(affiliation_confirmed_at=long_ago)
    assert question in text_of(alice, "/")
    assert "Are you still" not in text_of(browser(cast.bob), "/")
    alice.post("/you/still-here")
    assert question not in text_of(alice, "/")
    Member.objects.update(affiliation_confirmed_at=long_ago)
    alice.post("/you/", {**FORM, "display_name": "Alice"})
    assert "Are you still" not in text_of(alice, "/")
