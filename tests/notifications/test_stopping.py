"""One click out of a list: from the letter, without signing in, at once; and nothing by merely looking."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Member
from notifications.models import Preference, RoomLevel
from notifications.preferences import choose, preference_of_reader, set_level
from notifications.stopping import DIGEST, MISSED, ROOM, stop_address, stop_headers
from rooms.actions.direct import open_direct
from rooms.actions.groups import leave_group
from tests.cast import Cast

MAIL_PROGRAM = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
"""Knows no session and no form of ours."""


def path_of(member: Member, about: str = DIGEST, room: int | None = None) -> str:
    return "/" + stop_address(member.pk, about, room).split("/", 3)[3]


def test_a_scanner_that_opens_the_link_stops_nothing(cast: Cast) -> None:
    page = MAIL_PROGRAM.get(path_of(cast.bob))
    assert b"Nothing has changed yet" in page.content
    MAIL_PROGRAM.head(path_of(cast.bob))
    assert preference_of_reader(cast.bob).digest_days == "0123456"


def test_a_mail_programs_own_button_stops_that_list_for_that_person_at_once(cast: Cast) -> None:
    address = stop_headers(cast.bob.pk, DIGEST)["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    for _ in range(2):
        done = MAIL_PROGRAM.post(f"/{address}", {"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
    preference = preference_of_reader(cast.bob)
    assert (preference.digest_days, preference.next_digest_at, preference.missed_after) == ("", None, 10)
    assert preference_of_reader(cast.alice).digest_days == "0123456"


def test_it_can_be_taken_back_as_it_was(cast: Cast) -> None:
    choose(cast.bob, digest_days="02")
    page = MAIL_PROGRAM.post(path_of(cast.bob), {"wish": "stop"}).content.decode()
    assert 'name="before" value="02"' in page
    MAIL_PROGRAM.post(path_of(cast.bob), {"wish": "again", "before": "02"})
    assert preference_of_reader(cast.bob).digest_days == "02"
    assert preference_of_reader(cast.bob).next_digest_at is not None


@pytest.mark.parametrize(("wish", "days"), [("week", 7), ("month", 30)])
def test_all_mail_can_be_paused(cast: Cast, wish: str, days: int) -> None:
    MAIL_PROGRAM.post(path_of(cast.bob, MISSED), {"wish": wish})
    preference = Preference.objects.get(member=cast.bob)
    assert preference.paused_until == timezone.localdate() + timedelta(days=days)
    assert preference.next_digest_at
    assert preference.next_digest_at > timezone.now() + timedelta(days=days - 1)
    MAIL_PROGRAM.post(path_of(cast.bob, MISSED), {"wish": "again"})
    assert Preference.objects.get(member=cast.bob).paused_until is None


def test_less_often_is_mondays(cast: Cast) -> None:
    MAIL_PROGRAM.post(path_of(cast.bob), {"wish": "weekly"})
    assert Preference.objects.get(member=cast.bob).digest_days == "0"


def test_mail_of_what_concerns_one_stops_by_itself(cast: Cast) -> None:
    MAIL_PROGRAM.post(path_of(cast.bob, MISSED))
    preference = Preference.objects.get(member=cast.bob)
    assert (preference.missed_after, preference.digest_days) == (None, "0123456")


def test_one_room_falls_silent(cast: Cast) -> None:
    MAIL_PROGRAM.post(path_of(cast.bob, ROOM, cast.supper.pk))
    assert RoomLevel.objects.get(member=cast.bob).level == "nothing"
    assert b"Supper" in MAIL_PROGRAM.get(path_of(cast.bob, ROOM, cast.supper.pk)).content
    MAIL_PROGRAM.post(path_of(cast.bob, ROOM, cast.supper.pk), {"wish": "again"})
    assert RoomLevel.objects.get(member=cast.bob).level == "concerns"


def test_a_conversation_is_called_by_who_is_in_it(cast: Cast) -> None:
    direct = open_direct(cast.lena, [cast.bob.pk])
    assert "“Lena”" in MAIL_PROGRAM.get(path_of(cast.bob, ROOM, direct.pk)).content.decode()


def test_the_link_of_a_room_that_one_left_says_nothing_of_it(cast: Cast) -> None:
    link = path_of(cast.bob, ROOM, cast.supper.pk)
    leave_group(cast.bob, cast.workshop.pk)
    page = MAIL_PROGRAM.get(link)
    assert page.status_code == 404
    assert b"Supper" not in page.content


def test_an_altered_link_stops_nobody(cast: Cast) -> None:
    link = path_of(cast.bob)
    forged = link.replace(f"{cast.bob.pk}-digest", f"{cast.alice.pk}-digest")
    for address in (forged, link[:-3] + "xx/", "/stop/1-digest-/", "/stop/x/"):
        assert MAIL_PROGRAM.post(address).status_code == 404, address
    assert not Preference.objects.exists()


@pytest.mark.parametrize("form", [{"wish": "explode"}, {"wish": "weekly"}])
def test_an_unknown_wish_is_refused(cast: Cast, form: dict[str, str]) -> None:
    assert MAIL_PROGRAM.post(path_of(cast.bob, MISSED), form).status_code == 400


def test_days_that_are_none_become_every_day(cast: Cast) -> None:
    MAIL_PROGRAM.post(path_of(cast.bob), {"wish": "again", "before": "987"})
    assert preference_of_reader(cast.bob).digest_days == "0123456"


def test_mail_of_what_concerns_one_comes_back_as_late_as_it_came(cast: Cast) -> None:
    choose(cast.bob, missed_after=60)
    page = MAIL_PROGRAM.post(path_of(cast.bob, MISSED)).content.decode()
    assert 'name="before" value="60"' in page
    for before, minutes in (("60", 60), ("", 10), ("0", 10), ("99999", 10)):
        MAIL_PROGRAM.post(path_of(cast.bob, MISSED), {"wish": "again", "before": before})
        assert Preference.objects.get(member=cast.bob).missed_after == minutes


def test_a_room_comes_back_as_loud_as_it_was(cast: Cast) -> None:
    set_level(cast.bob, cast.supper, RoomLevel.Level.ALL)
    link = path_of(cast.bob, ROOM, cast.supper.pk)
    assert 'name="before" value="all"' in MAIL_PROGRAM.post(link).content.decode()
    for before, level in (("all", "all"), ("nothing", "concerns"), ("x", "concerns")):
        MAIL_PROGRAM.post(link, {"wish": "again", "before": before})
        assert RoomLevel.objects.get(member=cast.bob).level == level


def test_a_pause_may_end_on_any_day(cast: Cast) -> None:
    back = timezone.localdate() + timedelta(days=100)
    assert b'type="date"' in MAIL_PROGRAM.get(path_of(cast.bob)).content
    done = MAIL_PROGRAM.post(path_of(cast.bob), {"wish": "until", "until": back.isoformat()})
    assert b"until the pause is over" in done.content
    assert Preference.objects.get(member=cast.bob).paused_until == back
    for wrong in ("", "tomorrow"):
        assert MAIL_PROGRAM.post(path_of(cast.bob), {"wish": "until", "until": wrong}).status_code == 400
    assert Preference.objects.get(member=cast.bob).paused_until == back
