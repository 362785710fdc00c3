"""Who would rather not be in the list of members: hidden wherever they share no group, named where they do."""

import pytest

from members.models import Member
from members.profile import change_photo
from members.refusals import BadRequest
from rooms.actions.groups import begin_membership
from rooms.actions.memberships import add_member
from rooms.models import Room, WorkingGroup
from tests.cast import Cast, person
from tests.members.test_pictures import photo, upload
from tests.members.test_profile import FORM
from tests.rooms.test_pages import browser, text_of
from tests.speaking import edits, posts


@pytest.fixture
def hidden(cast: Cast) -> Cast:
    """Bob is out of the list; Charlie, who shares no group with him, leads the Choir; Dora beside him, who is out of it too."""
    form = {**FORM, "unlisted": "1", "display_name": "Bobby Tables", "ask_me_about": "interpreters"}
    assert browser(cast.bob).post("/you/", form).status_code == 302
    change_photo(cast.bob, upload(photo()))
    choir = WorkingGroup.objects.create(name="Choir", slug="choir")
    begin_membership(cast.charlie, choir, "leader")
    begin_membership(person("dora", is_listed=False), choir, "leader")
    Room.objects.create(group=choir, name="Songs")
    return cast


def test_outside_their_groups_no_door_shows_them(hidden: Cast) -> None:
    charlie, bob = browser(hidden.charlie), hidden.bob.pk
    for search in ("", "?find=bob", "?find=interpreters", f"?profession={hidden.bob.profession_id}"):
        assert "Bobby" not in text_of(charlie, f"/members/{search}"), search
    for door in (f"/members/{bob}/", f"/members/{bob}/photo", f"/members/{bob}/photo?v={hidden.bob.photo_version}"):
        assert charlie.get(door).status_code == 404, door


def test_in_their_groups_they_are_named_as_before(hidden: Cast) -> None:
    posts(hidden.bob, hidden.supper, "Soup")
    alice, room, group = browser(hidden.alice), f"/rooms/{hidden.supper.pk}/", f"/groups/{hidden.workshop.pk}/"
    for door in (room, f"{room}members/", f"{group}members/", f"{room}names?q=bob", f"/members/{hidden.bob.pk}/"):
        assert "Bobby" in text_of(alice, door), door
    assert alice.get(f"/members/{hidden.bob.pk}/photo").status_code == 200
    # The list and its search are for all, so not even those who know him find him there.
    assert "Bobby" not in text_of(alice, "/members/?find=bob")


def test_a_handle_tried_out_elsewhere_gives_no_name_away(hidden: Cast) -> None:
    songs = Room.objects.get(name="Songs")
    sung = posts(hidden.charlie, songs, "Is there a @bob? And an @alice?")
    assert "Bobby" not in sung.html
    assert "Alice" in sung.html
    assert "Bobby" not in edits(hidden.charlie, sung, "Surely there is a @bob").html
    assert "Bobby" in posts(hidden.alice, hidden.supper, "Soup, @bob?").html
    assert browser(hidden.charlie).get(f"/rooms/{songs.pk}/names?q=bob").json() == {"names": []}


def test_a_leader_adds_them_by_their_address_alone(hidden: Cast) -> None:
    choir = WorkingGroup.objects.get(name="Choir")
    with pytest.raises(BadRequest, match="No member has that name"):
        add_member(hidden.charlie, choir.pk, "@bob")
    add_member(hidden.charlie, choir.pk, "bob@example.org")
    assert "Bobby" in text_of(browser(hidden.charlie), f"/members/{hidden.bob.pk}/")


def test_a_leader_who_is_hidden_is_not_named_to_outsiders(hidden: Cast) -> None:
    choir = f"/groups/{WorkingGroup.objects.get(name='Choir').pk}/"
    page = text_of(browser(hidden.alice), choir)
    assert ("Charlie" in page, "Dora" in page) == (True, False)
    assert "Dora" in text_of(browser(hidden.charlie), choir)


def test_choices_of_the_list_do_not_tell_that_somebody_is_hidden(hidden: Cast) -> None:
    assert "Dietitian" in text_of(browser(hidden.charlie), "/you/")
    Member.objects.filter(pk=hidden.alice.pk).update(is_listed=False)
    page = text_of(browser(hidden.charlie), "/members/")
    assert "St Example" not in page
    assert "Diabetes specialist midwife" not in page


def test_who_left_the_group_loses_sight_of_them_and_administrators_never_do(hidden: Cast) -> None:
    alice = browser(hidden.alice)
    alice.post(f"/groups/{hidden.workshop.pk}/leave")
    assert alice.get(f"/members/{hidden.bob.pk}/").status_code == 404
    Member.objects.filter(pk=hidden.alice.pk).update(role="administrator")
    assert "not in the list" in text_of(alice, "/members/?find=bobby")
    assert alice.get(f"/members/{hidden.bob.pk}/photo").status_code == 200
