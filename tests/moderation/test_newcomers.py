"""Who has only just come, and who says the same everywhere: looked at first, and then no more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Invitation, Member
from members.refusals import WouldWait
from moderation import newcomers
from moderation.newcomers import FIRST_MESSAGES, NEW_FOR, Lately
from rooms.actions.groups import begin_membership
from rooms.models import HeldPost, Message, Room
from tests.cast import Cast, person
from tests.speaking import edits, posts, removes, tries_to_post

LINK = "See https://example.org/soup"
SAME = "The very best soup in the whole of town"


@pytest.fixture
def nora(cast: Cast) -> Member:
    """Nora asked to join, and came a minute ago."""
    nora = person("nora", joined_at=timezone.now() - timedelta(minutes=1))
    begin_membership(nora, cast.workshop)
    return nora


def is_held(author: Member, room: Room, text: str) -> bool:
    return isinstance(tries_to_post(author, room, text), HeldPost)


@pytest.mark.parametrize("text", [LINK, "WWW.example.org", "Hello @room", "@alice @bob @lena, hello"])
def test_a_newcomers_links_and_calls_wait(cast: Cast, nora: Member, text: str) -> None:
    assert is_held(nora, cast.supper, text)
    assert not is_held(cast.alice, cast.supper, text)


@pytest.mark.parametrize("text", ["Hello", "@alice @bob, hello", "`@room` is code", "http is a protocol"])
def test_what_is_usual_does_not(cast: Cast, nora: Member, text: str) -> None:
    assert not is_held(nora, cast.supper, text)


def test_it_ends_after_some_messages_that_stand(cast: Cast, nora: Member) -> None:
    for number in range(FIRST_MESSAGES):
        posts(nora, cast.supper, f"Hello {number}")
    removes(nora, Message.objects.filter(author=nora)[0])
    assert is_held(nora, cast.supper, LINK)
    posts(nora, cast.supper, "Hello again")
    assert not is_held(nora, cast.supper, LINK)


def test_it_ends_after_a_week(cast: Cast, nora: Member) -> None:
    nora.joined_at = timezone.now() - NEW_FOR - timedelta(seconds=1)
    assert not is_held(nora, cast.supper, LINK)


def test_who_was_invited_is_known_to_somebody(cast: Cast, nora: Member) -> None:
    Invitation.objects.create(address="nora@example.org", invited_by=cast.lena, used_by=nora, expires_at=timezone.now())
    assert not is_held(nora, cast.supper, LINK)


def test_an_edit_brings_no_link_in(cast: Cast, nora: Member) -> None:
    message = posts(nora, cast.supper, "Hello")
    with pytest.raises(WouldWait):
        edits(nora, message, LINK)


def test_the_same_in_a_third_room_waits(cast: Cast) -> None:
    rooms = [Room.objects.create(group=cast.workshop, name=f"Room {number}") for number in range(3)]
    assert [is_held(cast.bob, room, SAME) for room in rooms] == [False, False, True]
    assert [is_held(cast.bob, room, "Thank you") for room in rooms] == [False, False, False]
    assert [is_held(cast.mo, room, SAME) for room in rooms] == [False, False, False]
    assert is_held(cast.bob, rooms[2], SAME.upper().replace(" ", "  "))


def test_and_later_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    lately = Lately()
    assert [lately.rooms_with(1, SAME, room) for room in (1, 2, 3)] == [1, 2, 3]
    monkeypatch.setattr(newcomers, "SAME_WITHIN", -1.0)
    assert lately.rooms_with(1, SAME, 4) == 1
    assert lately.rooms_with(2, SAME, 4) == 1
