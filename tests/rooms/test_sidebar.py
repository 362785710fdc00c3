"""The list of rooms with what is unread, and the stretch of a room that its page shows."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from rooms.access import standing_in
from rooms.actions.groups import join_group, leave_group
from rooms.actions.reading import read_room
from rooms.actions.rooms import archive_room, open_room
from rooms.commands import ReadRoom
from rooms.models import Message, Room
from rooms.sidebar import ListedRoom, rooms_of_group, sidebar_for
from rooms.window import window_after, window_around, window_at_first_unread, window_before
from tests.cast import Cast
from tests.speaking import edits, posts, removes


def listed(cast: Cast, member: str = "bob") -> list[ListedRoom]:
    return [room for group in sidebar_for(getattr(cast, member)) for room in group.rooms]


def unread(cast: Cast, member: str = "bob") -> tuple[int, int]:
    """(unread, mentions) of the room Supper."""
    room = next(room for room in listed(cast, member) if room.id == cast.supper.pk)
    return room.unread, room.mentions


def test_what_others_posted_since_i_read_is_unread(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Soup")
    posts(cast.bob, cast.supper, "My own")
    posts(cast.alice, cast.supper, "Bread, @bob")
    assert unread(cast) == (2, 1)
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    assert unread(cast) == (1, 1)
    read_room(cast.bob, ReadRoom(cast.supper.pk, 3))
    assert unread(cast) == (0, 0)


def test_a_mention_of_the_room_mentions_everybody(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "@room Dinner")
    assert (unread(cast), unread(cast, "lena")) == ((1, 1), (1, 1))


def test_an_edit_does_not_make_a_message_unread_again(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    edits(cast.alice, soup, "Stew")
    assert unread(cast) == (0, 0)


def test_a_removed_message_is_not_unread(cast: Cast) -> None:
    removes(cast.alice, posts(cast.alice, cast.supper, "Soup, @bob"))
    assert unread(cast) == (0, 0)


def test_to_a_newcomer_the_past_is_not_unread(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Long ago")
    join_group(cast.charlie, cast.workshop.pk)
    posts(cast.alice, cast.supper, "Welcome")
    assert unread(cast, "charlie") == (1, 0)


def test_counting_stops_at_a_hundred(cast: Cast) -> None:
    fill(cast, 150)
    assert unread(cast)[0] == 100


def test_the_room_that_moved_last_comes_first_and_an_archived_one_not_at_all(cast: Cast) -> None:
    tea = open_room(cast.alice, cast.workshop.pk, name="Tea")
    old = open_room(cast.alice, cast.workshop.pk, name="Old")
    archive_room(cast.lena, old.pk, on=True)
    posts(cast.alice, cast.supper, "Soup")
    assert [room.name for room in listed(cast)] == ["Supper", "Tea"]
    posts(cast.alice, tea, "Earl Grey")
    assert [room.name for room in listed(cast)] == ["Tea", "Supper"]
    assert [room.name for room in rooms_of_group(cast.bob, cast.workshop, archived=True)] == ["Old"]


def test_a_group_that_one_left_is_gone_from_the_list(cast: Cast) -> None:
    leave_group(cast.bob, cast.workshop.pk)
    assert sidebar_for(cast.bob) == []


def test_a_room_is_found_by_part_of_its_name_whatever_its_signs(cast: Cast) -> None:
    for name in ("100% wool", "100 sheep", "a_b", "aXb"):
        open_room(cast.alice, cast.workshop.pk, name=name)
    assert [room.name for room in rooms_of_group(cast.bob, cast.workshop, find="100%")] == ["100% wool"]
    assert [room.name for room in rooms_of_group(cast.bob, cast.workshop, find="A_B")] == ["a_b"]


def test_the_list_costs_the_same_whatever_there_is(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(cast, 120)
    Room.objects.bulk_create([Room(group=cast.workshop, name=f"Room {number}") for number in range(300)])
    with django_assert_num_queries(2):
        assert len(listed(cast)) == 40


def fill(cast: Cast, count: int) -> None:
    """Messages 1 to `count` by Alice, a minute apart."""
    start = timezone.now() - timedelta(days=3)
    Message.objects.bulk_create(
        Message(
            room=cast.supper,
            version=number,
            created_version=number,
            author=cast.alice,
            client_id=f"00000000-0000-4000-8000-{number:012}",
            text=f"Message {number}",
            posted_at=start + timedelta(minutes=number),
        )
        for number in range(1, count + 1)
    )
    Room.objects.filter(pk=cast.supper.pk).update(version=count)
    cast.supper.refresh_from_db()


def places(messages: list[Message]) -> tuple[int, int, int]:
    """(first, last, how many)."""
    return messages[0].created_version, messages[-1].created_version, len(messages)


@pytest.mark.parametrize(
    ("count", "read", "expected", "older", "newer"),
    [
        (200, 200, (151, 200, 50), True, False),
        (200, 160, (151, 200, 50), True, False),
        (200, 100, (89, 138, 50), True, True),
        (200, 0, (1, 50, 50), False, True),
        (30, 0, (1, 30, 30), False, False),
        (50, 0, (1, 50, 50), False, False),
        (51, 0, (1, 50, 50), False, True),
    ],
)
def test_a_room_opens_at_the_first_unread(
    cast: Cast, count: int, read: int, expected: tuple[int, int, int], older: bool, newer: bool
) -> None:
    fill(cast, count)
    window = window_at_first_unread(standing_in(cast.bob, cast.supper.pk), read)
    assert (places(window.messages), window.has_older, window.has_newer) == (expected, older, newer)


def test_paging_up_and_down_meets_every_message_once(cast: Cast) -> None:
    fill(cast, 237)
    bob = standing_in(cast.bob, cast.supper.pk)
    middle = window_around(bob, 120)
    seen = [message.created_version for message in middle.messages]
    while True:
        page = window_before(bob, seen[0])
        seen = [message.created_version for message in page.messages] + seen
        if not page.has_older:
            break
    while True:
        page = window_after(bob, seen[-1])
        seen += [message.created_version for message in page.messages]
        if not page.has_newer:
            break
    assert seen == list(range(1, 238))


def test_days_follow_the_calendar_of_the_time_zone(cast: Cast) -> None:
    fill(cast, 2)
    late = timezone.make_aware(datetime(2026, 7, 1, 0, 30))  # noqa: DTZ001
    Message.objects.filter(created_version=1).update(posted_at=late - timedelta(hours=1))
    Message.objects.filter(created_version=2).update(posted_at=late)
    days = window_at_first_unread(standing_in(cast.bob, cast.supper.pk), 0).days
    assert [(str(day), len(messages)) for day, messages in days] == [("2026-06-30", 1), ("2026-07-01", 1)]
