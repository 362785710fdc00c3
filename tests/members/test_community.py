"""The first run on an empty database, and what administrators say of their community afterwards."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from members.community.actions import HOUSE_COLOUR, About, change_community
from members.community.beginning import BegunAlready, Founder, begin_community, first_run_address, first_run_key
from members.community.facts import MEMORY, the_community
from members.models import Community, Member
from members.refusals import NotAllowed
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts

FORM = {
    "name": "Community of Cooks",
    "purpose": "Where cooks talk.",
    "rules": "**Be kind** <script>",
    "time_zone": "Europe/Vienna",
    "colour": "#aa3300",
    "display_name": "Ada",
    "address": "Ada@Example.org",
    "password": "soup with dumplings",
}
ABOUT = About("Cooks", time_zone="Europe/London")


def stranger(**headers: str) -> Client:
    return Client(headers={"host": "localhost", **headers})


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 300), **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **more)
    return file.getvalue()


# The first run ----------------------------------------------------------------------------------------------------------


def test_on_an_empty_database_every_page_leads_to_the_first_run(db: None) -> None:
    for address in ("/", "/sign-in/", "/groups/", "/nothing/", "/rules/", "/invitations/x/"):
        assert stranger().get(address).headers["Location"] == "/welcome/", address
    assert stranger().get("/healthz").status_code == 200
    page = text_of(stranger(), "/welcome/")
    assert "not set up yet" in page
    assert 'name="password"' not in page


def test_whoever_has_the_key_begins_the_community_and_is_its_administrator(transactional_db: None) -> None:
    address = first_run_address()
    ada = stranger()
    assert 'name="password"' in text_of(ada, address.removeprefix("http://127.0.0.1:8000"))
    logo = SimpleUploadedFile("logo.png", picture(), "image/png")
    assert ada.post("/welcome/", {**FORM, "key": first_run_key(), "picture": logo}).headers["Location"] == "/"

    member = Member.objects.get()
    assert (member.email, member.handle, member.role) == ("ada@example.org", "ada", "administrator")
    assert "Community of Cooks" in text_of(ada, "/")
    assert stranger().get(address).status_code == 404
    assert first_run_address() == ""
    assert "Where cooks talk." in text_of(stranger(), "/sign-in/")


@pytest.mark.parametrize("key", ["", "x", "0" * 32, "é"])
def test_without_the_key_nobody_begins_anything(db: None, key: str) -> None:
    answer = stranger().post("/welcome/", {**FORM, "key": key})
    assert (answer.status_code, Member.objects.count(), Community.objects.count()) == (403 if key else 200, 0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \u200b"),
        ("name", "x" * 81),
        ("purpose", "x" * 601),
        ("rules", "x" * 10_001),
        ("time_zone", "Mars/Olympus"),
        ("colour", "red;} body{display:none"),
        ("colour", "#12345"),
        ("display_name", ""),
        ("address", "ada"),
        ("address", "a@example.org\nBcc: b@example.org"),
        ("password", ""),
        ("password", "password12"),
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_comes_back(db: None, field: str, value: str) -> None:
    answer = stranger().post("/welcome/", {**FORM, "key": first_run_key(), field: value})
    page = answer.content.decode()
    assert (answer.status_code, 'role="alert"' in page, Community.objects.count()) == (400, True, 0)
    assert ("Where cooks talk." in page) == (field != "purpose")
    assert FORM["password"] not in page


def test_of_two_who_begin_at_once_one_wins_and_the_other_keeps_their_words(transactional_db: None) -> None:
    def begin(name: str) -> int:
        try:
            form = {**FORM, "key": first_run_key(), "display_name": name, "address": f"{name}@example.org"}
            answer = stranger().post("/welcome/", form)
            assert answer.status_code == 302 or "Where cooks talk." in answer.content.decode()
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as together:
        assert sorted(together.map(begin, ["ada", "eve"])) == [302, 409]
    assert (Member.objects.count(), Community.objects.count()) == (1, 1)


def test_who_begins_in_another_process_is_not_sent_back_to_the_beginning(db: None) -> None:
    assert stranger().get("/").headers["Location"] == "/welcome/"
    person("ada", role=Member.Role.ADMINISTRATOR)
    assert stranger().get("/").headers["Location"].startswith("/sign-in/")


def test_a_community_of_earlier_days_needs_no_first_run(cast: Cast, settings: Any) -> None:
    assert not Community.objects.exists()
    assert settings.COMMUNITY_NAME in text_of(stranger(), "/sign-in/")
    with pytest.raises(BegunAlready):
        begin_community(ABOUT, Founder("Eve", "eve@example.org", FORM["password"]))
    assert not Member.objects.filter(role="administrator").exists()
    assert not Community.objects.exists()


def test_there_is_never_a_second_community(cast: Cast) -> None:
    Community.objects.create(name="Cooks", time_zone="UTC")
    for number in (1, 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            Community(id=number, name="Eaters", time_zone="UTC").save(force_insert=True)


def test_a_file_that_is_no_picture_is_no_logo(db: None) -> None:
    svg = SimpleUploadedFile(
        "logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/png"
    )
    answer = stranger().post("/welcome/", {**FORM, "key": first_run_key(), "picture": svg})
    assert (answer.status_code, "Where cooks talk." in answer.content.decode()) == (400, True)


def test_a_logo_that_is_see_through_stays_so(transactional_db: None) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (30, 30), (0, 80, 80, 0)).save(file, "PNG")
    logo = SimpleUploadedFile("logo.png", file.getvalue(), "image/png")
    stranger().post("/welcome/", {**FORM, "key": first_run_key(), "picture": logo})
    [kept] = Community.objects.values_list("logo", flat=True)
    assert Image.open(io.BytesIO(bytes(kept or b""))).convert("RGBA").getpixel((15, 15))[3] == 0  # type: ignore[index]


# Afterwards -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def boss(live_cast: Cast) -> Member:
    return person("boss", role=Member.Role.ADMINISTRATOR)


def test_an_administrator_changes_everything_and_every_page_shows_it_at_once(live_cast: Cast, boss: Member) -> None:
    logo = SimpleUploadedFile("logo.gif", picture("GIF"), "image/gif")
    client = browser(boss)
    assert client.post("/community/", {**FORM, "picture": logo, "may_be_asked": "1"}).status_code == 302

    page = text_of(browser(live_cast.bob), "/")
    assert "Community of Cooks" in page
    [look] = re.findall(r'href="(/look-[^"]+\.css)"', page)
    style = stranger().get(look)
    assert "--community: #aa3300;" in style.content.decode()
    assert "immutable" in style.headers["Cache-Control"]
    [shown] = set(re.findall(r'src="(/logo-[^"]+\.webp)"', page))
    drawn = stranger().get(shown)
    assert drawn.headers["Content-Type"] == "image/webp"
    assert drawn.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in drawn.headers["Content-Security-Policy"]
    assert Image.open(io.BytesIO(drawn.content)).size == (256, 128)
    rules = text_of(stranger(), "/rules/")
    assert "<strong>Be kind</strong> &lt;script&gt;" in rules
    assert 'value="#aa3300"' in text_of(client, "/community/")

    client.post("/community/", {**FORM, "colour": HOUSE_COLOUR, "without_logo": "1"})
    page = text_of(browser(live_cast.bob), "/")
    assert "/look-" not in page
    assert "/logo-" not in page


def test_put_on_a_home_screen_it_opens_as_an_app_under_the_communitys_name(live_cast: Cast) -> None:
    """Without this no iPhone can be told at once."""
    boss = person("boss", role=Member.Role.ADMINISTRATOR)
    browser(boss).post("/community/", {**FORM, "name": "Community of Cooks"})
    [link] = re.findall(r'<link rel="manifest" href="([^"]+)">', text_of(stranger(), "/sign-in/"))
    manifest = stranger().get(link)
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    facts = manifest.json()
    assert (facts["name"], facts["display"], facts["start_url"]) == ("Community of Cooks", "standalone", "/")
    for icon in facts["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path, icon
        with Image.open(path) as drawn:
            assert f"{drawn.width}x{drawn.height}" == icon["sizes"]


@pytest.mark.parametrize("who", ["charlie", "bob", "lena", "mo"])
def test_nobody_else_changes_the_community(cast: Cast, who: str) -> None:
    member = getattr(cast, who)
    assert browser(member).post("/community/", FORM).status_code == 403
    with pytest.raises(NotAllowed):
        change_community(member, ABOUT)
    assert not Community.objects.exists()


def test_times_are_those_of_the_community(live_cast: Cast, boss: Member) -> None:
    soup = posts(live_cast.alice, live_cast.supper, "Soup")
    change_community(boss, About("Cooks", time_zone="Asia/Tokyo"))
    with timezone.override("Asia/Tokyo"):
        tokyo = f"{timezone.localtime(soup.posted_at):%H:%M}</time>"
    assert tokyo in text_of(browser(live_cast.bob), f"/rooms/{live_cast.supper.pk}/")


def test_knowing_the_community_costs_a_page_nothing(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert the_community().name
    MEMORY.forget()
    Community.objects.create(name="Cooks", time_zone="UTC")
    with django_assert_num_queries(2):
        assert the_community().name == "Cooks"
    MEMORY.read_at -= 6
    Community.objects.update(name="Bakers")
    assert the_community().name == "Bakers"


def test_the_house_colour_is_the_one_in_the_style_sheet() -> None:
    style = (Path(__file__).resolve().parents[2] / "frontend" / "static" / "css" / "base.css").read_text()
    assert f"--community: {HOUSE_COLOUR};" in style
