"""Groups and rooms: joining, leaving, opening, changing, closing; each with its refusal."""

import pytest

from members.refusals import BadRequest, NotAllowed, NotHere
from rooms.actions.groups import join_group, leave_group
from rooms.actions.rooms import archive_room, change_room, lock_room, open_room
from rooms.models import Membership, Reading, Room, WorkingGroup
from tests.cast import Cast
from tests.speaking import posts


def test_an_open_group_is_joined_at_will_and_once(cast: Cast) -> None:
    for _ in range(2):
        join_group(cast.charlie, cast.workshop.pk)
    assert Membership.objects.filter(member=cast.charlie).count() == 1
    assert Reading.objects.filter(member=cast.charlie, room=cast.supper).exists()


@pytest.mark.parametrize("kind", ["by_request", "private"])
def test_another_group_is_not_joined_by_oneself(cast: Cast, kind: str) -> None:
    WorkingGroup.objects.update(kind=kind)
    with pytest.raises(NotHere if kind == "private" else NotAllowed):
        join_group(cast.charlie, cast.workshop.pk)
    assert not Membership.objects.filter(member=cast.charlie).exists()


def test_leaving_twice_finds_nothing(cast: Cast) -> None:
    leave_group(cast.bob, cast.workshop.pk)
    with pytest.raises(NotHere):
        leave_group(cast.bob, cast.workshop.pk)


def test_any_member_opens_a_room(cast: Cast) -> None:
    room = open_room(cast.bob, cast.workshop.pk, name="  Tea \n time ", about="When?")
    assert (room.name, room.about, room.opened_by) == ("Tea time", "When?", cast.bob)


def test_an_outsider_opens_none(cast: Cast) -> None:
    with pytest.raises(NotHere):
        open_room(cast.charlie, cast.workshop.pk, name="Mine")


@pytest.mark.parametrize(
    ("name", "code"), [("", "blank"), ("\u200b", "blank"), ("x" * 81, "too_long"), ("Supper", "name_taken")]
)
def test_a_name_that_will_not_do_is_refused_with_its_code(cast: Cast, name: str, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        open_room(cast.bob, cast.workshop.pk, name=name)
    assert (refused.value.code, refused.value.field) == (code, "name")


def test_who_opened_a_room_and_who_leads_may_change_it(cast: Cast) -> None:
    for member, name in ((cast.alice, "Late supper"), (cast.lena, "Early supper"), (cast.mo, "Supper club")):
        change_room(member, cast.supper.pk, name=name, about="")
    with pytest.raises(NotAllowed):
        change_room(cast.bob, cast.supper.pk, name="Mine", about="")
    with pytest.raises(NotHere):
        change_room(cast.charlie, cast.supper.pk, name="Mine", about="")
    cast.supper.refresh_from_db()
    assert (cast.supper.name, cast.supper.version, cast.supper.changed_version) == ("Supper club", 3, 3)


def test_only_who_leads_locks_and_archives(cast: Cast) -> None:
    for close in (lock_room, archive_room):
        for member in (cast.alice, cast.bob):
            with pytest.raises(NotAllowed):
                close(member, cast.supper.pk, on=True)
        close(cast.mo, cast.supper.pk, on=True)
        close(cast.lena, cast.supper.pk, on=False)
    posts(cast.bob, cast.supper, "Open again")


def test_locking_twice_takes_one_version(cast: Cast) -> None:
    for _ in range(2):
        lock_room(cast.lena, cast.supper.pk, on=True)
    assert Room.objects.get(pk=cast.supper.pk).version == 1
