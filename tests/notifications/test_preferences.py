"""How members hear from us: what they choose on one page is kept and counts at once; nonsense is refused, and nothing lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Member
from members.profile import change_profile, profile_of
from notifications.models import Digest, Preference, RoomLevel, StoppedAddress
from notifications.preferences import choose, preference_of_reader
from rooms.actions.groups import leave_group
from tests.cast import Cast
from tests.speaking import session_of

FORM: dict[str, Any] = {"day": ["0", "2"], "hour": "18", "missed_after": "60", "quiet": "own", "paused_until": ""}
FORM |= {f"from-{day}": "" for day in range(7)} | {f"until-{day}": "" for day in range(7)}
FORM |= {"from-1": "20", "until-1": "8"}


def browser_of(member: Member) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    return client


def test_what_is_chosen_is_kept_and_shown(cast: Cast) -> None:
    bob = browser_of(cast.bob)
    assert bob.post("/you/mail/", FORM).status_code == 302
    kept = Preference.objects.get(member=cast.bob)
    assert (kept.digest_days, kept.digest_hour, kept.missed_after, kept.quiet) == ("02", 18, 60, "own")
    assert kept.open_hours == [None, [20, 8], None, None, None, None, None]
    due = kept.next_digest_at
    assert due
    assert timezone.localtime(due).weekday() in (0, 2)
    assert timezone.localtime(due).hour == 18
    page = bob.get("/you/mail/").content.decode()
    assert 'name="day" value="2" checked' in page
    assert '<option value="20" selected>' in page


def test_no_day_is_no_digest_and_never_is_no_mail(cast: Cast) -> None:
    browser_of(cast.bob).post("/you/mail/", FORM | {"day": [], "missed_after": ""})
    kept = Preference.objects.get(member=cast.bob)
    assert (kept.digest_days, kept.next_digest_at, kept.missed_after) == ("", None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": ["9"]},
        {"day": ["x"]},
        {"hour": "24"},
        {"hour": "x"},
        {"missed_after": "100000"},
        {"quiet": "x"},
        {"from-1": "25"},
        {"until-1": "25"},
        {"paused_until": "Tuesday"},
    ],
)
def test_nonsense_is_refused_and_nothing_chosen_is_lost(cast: Cast, wrong: dict[str, Any]) -> None:
    answer = browser_of(cast.bob).post("/you/mail/", FORM | wrong)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert "hour" in wrong or '<option value="18" selected>' in page
    assert not Preference.objects.exists()


def test_a_day_that_is_over_pauses_nothing(cast: Cast) -> None:
    choose(cast.bob, paused_until=timezone.localdate() - timedelta(days=2))
    due = preference_of_reader(cast.bob).next_digest_at
    assert due
    assert due < timezone.now() + timedelta(days=1)


def test_who_moves_to_another_clock_gets_the_digest_by_it(cast: Cast) -> None:
    choose(cast.bob, digest_hour=7)
    profile = profile_of(cast.bob)
    change_profile(cast.bob, type(profile)(**{**vars_of(profile), "time_zone": "Asia/Kathmandu"}))
    due = Preference.objects.get(member=cast.bob).next_digest_at
    assert due
    assert (due.hour, due.minute) == (1, 15)


def vars_of(profile: Any) -> dict[str, str]:
    return {name: getattr(profile, name) for name in profile.__slots__}


def test_the_page_says_what_one_got_and_whether_mail_was_stopped(cast: Cast) -> None:
    Digest.objects.create(member=cast.bob, day=timezone.localdate(), state="sent", items=3)
    StoppedAddress.objects.create(address=cast.bob.email, why="bounced")
    page = browser_of(cast.bob).get("/you/mail/").content.decode()
    assert "Sent, 3 things" in page
    assert "mail to it came back" in page


def test_a_room_can_be_heard_more_or_less(cast: Cast) -> None:
    bob = browser_of(cast.bob)
    assert bob.post(f"/rooms/{cast.supper.pk}/level", {"level": "nothing"}).status_code == 302
    assert RoomLevel.objects.get().level == "nothing"
    assert '<option value="nothing" selected>' in bob.get(f"/rooms/{cast.supper.pk}/about/").content.decode()
    assert "Supper" in bob.get("/you/mail/").content.decode()
    assert bob.post(f"/rooms/{cast.supper.pk}/level", {"level": "loud"}).status_code == 400
    leave_group(cast.bob, cast.workshop.pk)
    assert bob.post(f"/rooms/{cast.supper.pk}/level", {"level": "all"}).status_code == 404
    assert "Supper" not in bob.get("/you/mail/").content.decode()
