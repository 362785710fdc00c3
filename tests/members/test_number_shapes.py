"""The shapes of hospital numbers: written by moderators, tried first, known to every door, and stored as shapes alone."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import number_shapes
from members.community.facts import the_community
from members.lists import ORGANISATIONS, add_entry, merge_entries, set_number_shapes
from members.models import Organisation
from members.number_shapes import example, found_in, pattern_of, shapes_in, spelled
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation.guard.screen import AboutAPatient, NamesAPatient
from moderation.models import Decision, GuardCount
from rooms.actions.rooms import open_room
from rooms.models import Message
from tests.cast import Cast
from tests.members.test_lists import TRUST
from tests.rooms.test_import import file_of, run_import, said
from tests.rooms.test_pages import browser, text_of
from tests.speaking import edits, posts


@pytest.fixture
def shaped(cast: Cast, django_capture_on_commit_callbacks: Any) -> Any:
    """Mo says how the numbers of St Example's look, and this process knows it at once."""

    def shaped(typed: str) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            set_number_shapes(cast.mo, cast.alice.organisation_id or 0, typed)

    return shaped


@pytest.mark.parametrize(
    ("shape", "number", "found"),
    [
        ("RAJ######", "raj204518", "raj204518"),
        ("RAJ######", "RAJ-204518, RAJ2045189", "RAJ-204518"),
        ("RAJ######", "RAJ 204518", "RAJ 204518"),
        ("@######", "h204518", "h204518"),
        ("@######", "a 204518 line file", ""),
        ("@@#####", "of 20451", ""),
        ("LV-##-#####", "lv2620451", "lv2620451"),
        ("LV-##-#####", "LV/26/20451", "LV/26/20451"),
        ("##.###.##@", "20.451.87x", "20.451.87x"),
        ("RAJ######", "XRAJ204518", ""),
    ],
)
def test_a_number_is_found_as_people_write_it(shape: str, number: str, found: str) -> None:
    assert found_in([shape], number) == [(number, [found] if found else [])]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("RAJ####", "at least 5 times #"),
        ("#####", "at least 6 times #"),
        ("#" * 17, "at most 16 signs"),
        ("RAJ204518", "write # for each digit"),
        ("RAJ20451#####", "write # for each digit"),
        (r"RAJ\d{6}#####", "write # for a digit"),
        ("(#|#+)+#####", "write # for a digit"),
        ("Å#####", "write # for a digit"),
        ("-######", "stands between"),
        ("RAJ- ######", "stands between"),
        ("##/##/####", "dates"),
        ("###########", "telephone numbers"),
        ("###-###-####", "NHS numbers"),
        ("A#####\nB#####\nC#####\nD#####\nE#####\nF#####", "at most 5 shapes"),
    ],
)
def test_what_cannot_be_a_shape_is_refused_in_plain_words(typed: str, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        shapes_in(typed)


def test_shapes_are_kept_in_one_way_and_once() -> None:
    assert shapes_in(" raj######\r\n\nRAJ######\nlv–##–##### ") == ["RAJ######", "LV-##-#####"]


@pytest.mark.parametrize("shape", ["RAJ######", "@@@@@#####", "#-#-#-#-#-#-#@", "################", "@-@-@-@#####"])
def test_a_shape_finds_its_example_and_repeats_nothing_without_an_end(shape: str) -> None:
    assert re.fullmatch(pattern_of(shape), example(shape))
    assert not re.search(r"[*+]|,\}|\(", pattern_of(shape))


def test_two_organisations_with_the_same_shape_are_looked_for_once() -> None:
    assert spelled(["K######", "#######", "K######"]) == number_shapes.NumberShapes(r"K-?\d{6}", r"\d{7}")


def test_a_moderator_tries_shapes_before_they_are_kept(cast: Cast) -> None:
    mo, at = browser(cast.mo), f"/organisations/{cast.alice.organisation_id}/numbers"
    sample = "Our RAJ-204518\nRoom RAJ2"
    page = mo.post(at, {"shapes": "raj######\r\nK######", "sample": sample}).content.decode()
    assert all(words in page for words in ("finds RAJ123456", "finds “RAJ-204518”", "nothing", "Keep these shapes"))
    assert not Organisation.objects.exclude(number_shapes="").exists()
    [tried] = re.findall(r'name="tried" value="([^"]+)"', page)
    kept = tried.replace("\n", "\r\n")
    assert mo.post(at, {"tried": kept, "shapes": kept}).status_code == 302
    assert Organisation.objects.get().number_shapes == "RAJ######\nK######"
    assert "<code>K######</code>" in text_of(mo, f"/organisations/{cast.alice.organisation_id}/")
    # What was not tried as it stands is tried first.
    assert "Keep these shapes" in mo.post(at, {"tried": kept, "shapes": "LV######"}).content.decode()
    refused = mo.post(at, {"shapes": "RAJ204518", "sample": sample})
    assert (refused.status_code, sample.splitlines()[0] in refused.content.decode()) == (400, True)


def test_only_keepers_of_lists_say_so_and_the_record_says_that_they_did(cast: Cast) -> None:
    here = cast.alice.organisation_id or 0
    for who in (cast.alice, cast.lena, cast.charlie):
        with pytest.raises(NotAllowed):
            set_number_shapes(who, here, "RAJ######")
    with pytest.raises(NotHere):
        set_number_shapes(cast.mo, 999_999, "RAJ######")
    for typed in ("RAJ######", "RAJ######", ""):
        set_number_shapes(cast.mo, here, typed)
    decisions = Decision.objects.order_by("number")
    assert [(each.act, each.by, each.reason) for each in decisions] == [
        ("shapes", cast.mo, "St Example's University Hospitals: RAJ######."),
        ("shapes", cast.mo, "St Example's University Hospitals: no shapes any more."),
    ]


def test_every_door_stops_and_asks_about_such_numbers_and_stores_none(
    cast: Cast, shaped: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soup = posts(cast.alice, cast.supper, "Soup for RAJ204518")
    shaped("RAJ######")
    with pytest.raises(NamesAPatient, match="a hospital number") as stopped:
        posts(cast.alice, cast.supper, "Patient RAJ204518 had soup")
    assert (*stopped.value.marks, *stopped.value.instead) == ((8, 17), "(number left out)")
    with pytest.raises(AboutAPatient, match="looks like a trust's hospital numbers"):
        edits(cast.alice, soup, "Soup for RAJ204519")
    with pytest.raises(AboutAPatient):
        open_room(cast.alice, cast.workshop.pk, name="RAJ204519")
    lines = [{**said(number), "body": body} for number, body in enumerate(["Patient RAJ204521", "RAJ204522", "Tea"])]
    assert run_import(file_of(tmp_path, *lines), capsys)[0].startswith("1 messages imported, 0 already there, 2 bad")
    assert set(GuardCount.objects.values_list("kind", flat=True)) == {"hospital_number", "shaped_number"}
    assert not Message.objects.filter(text__contains="204521").exists()


def test_shapes_cost_a_post_no_query_and_a_page_tells_the_browser(
    cast: Cast, shaped: Any, django_assert_num_queries: Any
) -> None:
    posts(cast.alice, cast.supper, "Soup")
    with CaptureQueriesContext(connection) as before:
        posts(cast.alice, cast.supper, "Soup again")
    shaped("RAJ######\n#######")
    the_community()
    with django_assert_num_queries(len(before)):
        posts(cast.alice, cast.supper, "Soup once more")
    page = text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")
    assert r'data-letters="RAJ[ -]?\d{6}" data-digits="\d{7}"' in page


def test_two_that_are_merged_keep_the_shapes_of_both(cast: Cast) -> None:
    here, other = cast.alice.organisation_id or 0, add_entry(cast.mo, ORGANISATIONS, TRUST).pk
    set_number_shapes(cast.mo, here, "RAJ######")
    set_number_shapes(cast.mo, other, "RAJ######\nK######")
    merge_entries(cast.mo, ORGANISATIONS, other, here)
    assert Organisation.objects.get().number_shapes == "RAJ######\nK######"
