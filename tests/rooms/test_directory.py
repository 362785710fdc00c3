"""Finding one another, without learning what is not for everybody."""

import pytest
from pytest_django import DjangoAssertNumQueries

from members.models import Member
from members.refusals import NotHere
from rooms.actions.groups import begin_membership
from rooms.directory import groups_in_common, people_for
from rooms.models import Membership, WorkingGroup
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of


def found(member: Member, **asked: object) -> list[str]:
    return [other.handle for other in people_for(member, **asked)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "handles"),
    [
        ("ALI", ["alice"]),
        ("example's midwife", ["alice"]),
        ("obstetric", ["lena"]),
        ("interpreters", ["bob"]),
        ("diet interpret", ["bob"]),
        ("midwife interpreters", []),
        ("%", []),
    ],
)
def test_words_are_looked_for_in_all_that_others_see(cast: Cast, words: str, handles: list[str]) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(ask_me_about="interpreters and small print")
    assert found(cast.charlie, find=words) == handles


def test_choices_narrow_it_down(cast: Cast) -> None:
    assert cast.alice.organisation
    assert found(cast.bob, organisation=cast.alice.organisation.pk) == ["alice"]
    assert cast.bob.profession
    assert cast.lena.profession
    assert found(cast.bob, profession=cast.bob.profession.pk) == ["bob"]
    assert found(cast.bob, group=cast.workshop.pk) == ["alice", "bob", "lena", "mo"]
    assert found(cast.bob, find="a", group=cast.workshop.pk, profession=cast.lena.profession.pk) == ["lena"]


def test_who_belongs_to_a_group_is_for_its_members_to_know(cast: Cast) -> None:
    with pytest.raises(NotHere):
        found(cast.charlie, group=cast.workshop.pk)
    assert browser(cast.charlie).get(f"/members/?group={cast.workshop.pk}").status_code == 404
    assert "Workshop" not in text_of(browser(cast.charlie), f"/members/{cast.bob.pk}/")
    assert "Workshop" in text_of(browser(cast.alice), f"/members/{cast.bob.pk}/")


def test_groups_in_common_are_those_of_both(cast: Cast) -> None:
    for name, members in (("Choir", (cast.bob, cast.charlie)), ("Band", (cast.bob,))):
        group = WorkingGroup.objects.create(name=name, slug=name.lower(), kind=WorkingGroup.Kind.PRIVATE)
        for member in members:
            begin_membership(member, group)
    assert [group.name for group in groups_in_common(cast.charlie, cast.bob)] == ["Choir"]
    Membership.objects.filter(member=cast.charlie).delete()
    assert not groups_in_common(cast.charlie, cast.bob).exists()


def test_who_has_gone_is_not_found(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert "bob" not in found(cast.alice)
    assert browser(cast.alice).get(f"/members/{cast.bob.pk}/").status_code == 404


def test_markup_in_names_and_questions_stays_text(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(display_name="<b>Bob", ask_me_about="<script>x</script>")
    page = text_of(browser(cast.alice), "/members/?find=%3Cb%3E")
    assert "&lt;b&gt;Bob" in page
    assert "<script>x" not in page
    assert "<b>Bob" not in page


def test_a_large_community_comes_page_by_page(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(70):
        person(f"extra-{number}", display_name=f"Extra {number:02}")
    client = browser(cast.alice)
    with django_assert_max_num_queries(12):
        first = text_of(client, "/members/?find=extra")
    assert ("70 found" in first, "Extra 59" in first, "Extra 60" in first) == (True, True, False)
    assert "Extra 69" in text_of(client, "/members/?find=extra&page=2")
    assert 'href="?find=extra&amp;page=2"' in first
