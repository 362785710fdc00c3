"""Organisations and professions, as moderators keep them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import connection
from django.utils.module_loading import import_string
from pytest_django import DjangoAssertNumQueries

from members.lists import ORGANISATIONS, PROFESSIONS, add_entry, change_entry, merge_entries, retire_entry
from members.models import Member, Organisation, Profession
from members.refusals import BadRequest, NotAllowed, NotHere, Refused
from rooms.models import Message
from tests.cast import Cast
from tests.members.test_profile import FORM
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts

TRUST = {"name": "Lea Valley Hospitals", "short_name": "Lea Valley", "kind": "trust", "region": "North"}


@pytest.fixture
def lea_valley(cast: Cast) -> Organisation:
    entry = add_entry(cast.mo, ORGANISATIONS, TRUST)
    assert isinstance(entry, Organisation)
    return entry


def test_a_moderator_adds_an_organisation_that_members_then_choose(cast: Cast) -> None:
    mo, form = browser(cast.mo), {**TRUST, "name": "Mothers & <b>", "kind": "lived_experience"}
    assert mo.post("/organisations/", form).headers["Location"] == "/organisations/"
    page = text_of(mo, "/organisations/")
    assert all(words in page for words in ("Mothers &amp; &lt;b&gt;", "Lived-experience network", "North", "0 members"))
    assert "Mothers &amp; &lt;b&gt;" in text_of(browser(cast.bob), "/you/")


def test_a_new_name_shows_at_once_and_what_was_written_keeps_the_old_one(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    mo, midwife = browser(cast.mo), cast.alice.profession_id
    mo.post(f"/professions/{midwife}/", {"name": "Diabetes midwife", "order": "5"})
    mo.post(f"/organisations/{cast.alice.organisation_id}/", {**TRUST, "name": "New name", "short_name": "New"})
    assert "Diabetes midwife · New" in text_of(browser(cast.bob), f"/members/{cast.alice.pk}/")
    soup.refresh_from_db()
    assert soup.badge == "Diabetes specialist midwife · St Example's"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \u200b"),
        ("name", "x" * 121),
        ("name", "ST EXAMPLE'S UNIVERSITY HOSPITALS"),
        ("short_name", ""),
        ("kind", "palace"),
        ("region", "x" * 61),
    ],
)
def test_what_cannot_stand_in_the_list_is_refused_and_the_rest_comes_back(cast: Cast, field: str, value: str) -> None:
    answer = browser(cast.mo).post("/organisations/", {**TRUST, field: value})
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)
    assert (b"North" in answer.content) is (field != "region")
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize("order", ["-1", "1000", "first", "9" * 30])
def test_a_place_in_the_list_is_a_small_number(cast: Cast, order: str) -> None:
    assert browser(cast.mo).post("/professions/", {"name": "Doula", "order": order}).status_code == 400


def test_what_is_retired_is_offered_no_more_and_stays_with_who_has_it(cast: Cast) -> None:
    st_examples, mo = cast.alice.organisation, browser(cast.mo)
    assert st_examples
    mo.post(f"/organisations/{st_examples.pk}/retire", {"on": "1"})
    assert "St Example" not in text_of(browser(cast.bob), "/you/")
    assert browser(cast.bob).post("/you/", {**FORM, "organisation": st_examples.pk}).status_code == 400
    assert browser(cast.alice).post("/you/", {**FORM, "organisation": st_examples.pk}).status_code == 302
    assert f'<option value="{st_examples.pk}" selected>' in text_of(browser(cast.alice), "/you/")
    mo.post(f"/organisations/{st_examples.pk}/retire", {"on": "0"})
    assert browser(cast.bob).post("/you/", {**FORM, "organisation": st_examples.pk}).status_code == 302


def test_two_that_are_one_are_merged(cast: Cast, lea_valley: Organisation) -> None:
    soup, gone = posts(cast.alice, cast.supper, "Soup"), cast.alice.organisation_id or 0
    mo = browser(cast.mo)
    assert "Moves 1 member to “Lea Valley Hospitals”" in text_of(
        mo, f"/organisations/{gone}/merge?into={lea_valley.pk}"
    )
    mo.post(f"/organisations/{gone}/merge", {"into": lea_valley.pk})
    assert Member.objects.get(pk=cast.alice.pk).organisation == lea_valley
    assert not Organisation.objects.filter(pk=gone).exists()
    soup.refresh_from_db()
    assert soup.organisation_name == "St Example's"


def test_whatever_points_at_a_list_moves_with_a_merge(cast: Cast) -> None:
    """A floor above that keeps an organisation or a profession is not forgotten, and no new one slips in unseen."""
    for model in (Organisation, Profession):
        assert {relation.name for relation in model._meta.related_objects} >= {"members"}
    merge_entries(cast.mo, PROFESSIONS, cast.alice.profession_id or 0, cast.bob.profession_id or 0)
    assert Member.objects.get(pk=cast.alice.pk).profession == cast.bob.profession


def test_a_merge_that_makes_no_sense_changes_nothing(cast: Cast, lea_valley: Organisation) -> None:
    here = cast.alice.organisation_id or 0
    retire_entry(cast.mo, ORGANISATIONS, lea_valley.pk, on=True)
    for into in (here, lea_valley.pk, 0, 999_999):
        with pytest.raises(BadRequest):
            merge_entries(cast.mo, ORGANISATIONS, here, into)
    with pytest.raises(NotHere):
        merge_entries(cast.mo, ORGANISATIONS, 999_999, here)
    assert Member.objects.get(pk=cast.alice.pk).organisation_id == here


@pytest.fixture
def two_places(live_cast: Cast) -> tuple[Cast, int, int]:
    other = add_entry(live_cast.mo, ORGANISATIONS, TRUST)
    return live_cast, live_cast.alice.organisation_id or 0, other.pk


def test_two_who_merge_two_into_each_other_leave_one_with_all_its_members(two_places: tuple[Cast, int, int]) -> None:
    cast, first, second = two_places

    def merge(gone: int, into: int) -> str:
        try:
            merge_entries(cast.mo, ORGANISATIONS, gone, into)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(merge, (first, second), (second, first)))
    assert sorted(answers)[1] in ("done", "not_here")
    assert answers.count("done") == 1
    left = Organisation.objects.get()
    assert Member.objects.get(pk=cast.alice.pk).organisation == left


def test_nobody_else_keeps_the_lists(cast: Cast) -> None:
    profession = cast.bob.profession_id or 0
    acts: tuple[Callable[[Member], object], ...] = (
        lambda who: add_entry(who, PROFESSIONS, {"name": "Doula"}),
        lambda who: change_entry(who, PROFESSIONS, profession, {"name": "Doula"}),
        lambda who: retire_entry(who, PROFESSIONS, profession, on=True),
        lambda who: merge_entries(who, PROFESSIONS, profession, cast.alice.profession_id or 0),
    )
    for act in acts:
        for who in (cast.bob, cast.lena, cast.charlie):
            with pytest.raises(NotAllowed):
                act(who)
    assert "/organisations/" not in text_of(browser(cast.lena), "/groups/")
    assert Profession.objects.get(pk=profession).name == "Dietitian"


def test_a_long_list_is_read_at_once(cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    Organisation.objects.bulk_create(
        Organisation(name=f"Trust {n}", short_name=f"T{n}", kind="trust") for n in range(60)
    )
    mo = browser(cast.mo)
    with django_assert_max_num_queries(8):
        assert "Trust 59" in text_of(mo, "/organisations/")


def test_old_messages_get_their_profession_in_words_in_one_go(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    soup, stew = posts(cast.alice, cast.supper, "Soup"), posts(cast.bob, cast.supper, "Stew")
    Message.objects.filter(pk=soup.pk).update(profession="gp")
    Message.objects.filter(pk=stew.pk).update(profession="other")
    in_words = import_string("rooms.migrations.0004_professions_in_words.say_in_words")
    with django_assert_num_queries(1):
        in_words(apps, None)
    assert list(Message.objects.in_order().values_list("profession", flat=True)) == ["GP", "Member"]
