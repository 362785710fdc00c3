"""Being told at once: in which browser, of what, when and when not. Through a real push service, which decrypts it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from members.actions import end_sessions, leave_community
from members.models import Member, Mute, Session
from members.session_store import IS_SHARED, SessionStore
from moderation.actions import Subject, file_report, take_case
from moderation.models import Case
from moderation.urgent import raise_concern
from notifications.models import Notice, PushDevice, PushKey, PushShown, RoomLevel
from notifications.preferences import choose, set_level
from notifications.push import devices, sending
from notifications.push.devices import forget_old_devices, turn_on
from notifications.push.keys import our_key, public_key
from notifications.push.sending import MOST_TRIES, tell_devices
from notifications.push.service import is_known, subscription_from
from notifications.push.urgent import NotTold, tell_of_case
from rooms.actions.direct import open_direct
from rooms.actions.groups import leave_group
from rooms.actions.reading import read_room
from rooms.actions.rooms import open_room
from rooms.commands import ReadRoom
from rooms.models import Message, Room
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.push_service import Push, PushService, Subscriber
from tests.speaking import posts, removes, session_of

pytestmark = pytest.mark.usefixtures("tasks_at_once")


@pytest.fixture
def service(cast: Cast, settings: Any, clock: Clock) -> Iterator[PushService]:
    """On a Monday at noon: nobody has quiet hours."""
    settings.PUSH_SERVICES = ["127.0.0.1"]
    clock.is_at_noon_of_a(0)
    with PushService() as service:
        service.key = public_key()
        yield service


def browser_of(member: Member, *, is_shared: bool = False) -> Client:
    """Signed in by the clock of the test, for a long time."""
    client = Client(headers={"host": "localhost"})
    key = session_of(member)
    if is_shared:
        session = SessionStore(key)
        session[IS_SHARED] = True
        session.save()
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() + timedelta(days=60), browser="Firefox")
    client.cookies["session"] = key
    return client


def turns_on(client: Client, browser: Subscriber) -> PushDevice:
    answer = client.post("/you/push/", {"subscription": browser.subscription})
    assert answer.status_code == 302, answer.content.decode()
    return PushDevice.objects.get(endpoint=browser.endpoint)


@pytest.fixture
def bob(cast: Cast, service: PushService) -> PushDevice:
    """Bob's phone, which is told."""
    return turns_on(browser_of(cast.bob), service.subscriber("bob"))


def says(author: Member, room: Room, text: str, **fields: Any) -> Message:
    message = posts(author, room, text, **fields)
    now = timezone.now()
    Message.objects.filter(pk=message.pk).update(posted_at=now)
    Room.objects.filter(pk=room.pk).update(last_message_at=now)
    Notice.objects.filter(message=message).update(created_at=now)
    return message


def reads(member: Member, room: Room) -> None:
    read_room(Member.objects.get(pk=member.pk), ReadRoom(room.pk, Room.objects.get(pk=room.pk).version))


def told(
    service: PushService, clock: Clock, who: str = "bob", *, after: timedelta = timedelta(seconds=6)
) -> list[Push]:
    """What came since it was last asked, some seconds later."""
    clock.moves(seconds=after.total_seconds())
    tell_devices()
    pushes, service.pushes[who] = service.pushes[who], []
    return pushes


def kinds(pushes: list[Push]) -> list[str]:
    return [push.content["kind"] for push in pushes]


# What it tells ----------------------------------------------------------------------------------------------------


def test_a_mention_is_told_without_a_word_of_it(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    soup = says(cast.alice, cast.supper, "Leek soup, @bob")
    [push] = told(service, clock)
    assert push.content == {
        "kind": "mention",
        "title": "Roundtable",
        "body": "Somebody mentions you",
        "path": f"/messages/{soup.pk}/",
        "tag": f"room-{cast.supper.pk}",
        "silent": False,
    }
    assert push.headers["content-encoding"] == "aes128gcm"
    assert 0 < int(push.headers["ttl"]) <= 6 * 3600, "nothing kept for the phone rings in the evening"
    assert len(push.headers["topic"]) == 32
    assert str(cast.supper.pk) != push.headers["topic"]
    assert told(service, clock) == [], "and once"


def test_replies_and_direct_messages_are_told(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    soup = says(cast.bob, cast.supper, "Soup?")
    says(cast.alice, cast.supper, "Yes", reply_to=soup.pk)
    says(cast.lena, open_direct(cast.lena, [cast.bob.pk]), "Between us")
    pushes = told(service, clock)
    assert kinds(pushes) == ["reply", "direct"]
    assert len({push.length for push in pushes}) == 1, "the length does not say which"
    assert len({push.headers["topic"] for push in pushes}) == 2


def test_who_reads_along_is_not_rung_at(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    assert told(service, clock, after=timedelta(seconds=1)) == []
    reads(cast.bob, cast.supper)
    assert told(service, clock) == []


def test_a_message_for_nobody_is_told_to_nobody(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    says(cast.alice, cast.supper, "Soup")
    assert told(service, clock) == []


def test_every_message_of_a_room_is_told_to_who_wishes_that(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    set_level(cast.bob, cast.supper, RoomLevel.Level.ALL)
    says(cast.bob, cast.supper, "My own")
    assert told(service, clock) == []
    for words in ("Soup", "Bread"):
        says(cast.alice, cast.supper, words)
    [push] = told(service, clock)
    assert (push.content["kind"], push.content["path"]) == ("followed", f"/rooms/{cast.supper.pk}/")
    assert told(service, clock) == []


@pytest.mark.parametrize("level", [RoomLevel.Level.DIGEST, RoomLevel.Level.NOTHING])
def test_a_room_of_which_one_wants_less_is_silent(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, level: str
) -> None:
    set_level(cast.bob, cast.supper, level)
    says(cast.alice, cast.supper, "Soup, @bob")
    assert told(service, clock) == []
    set_level(cast.bob, cast.supper, RoomLevel.Level.CONCERNS)
    says(cast.alice, cast.supper, "Bread, @bob")
    assert kinds(told(service, clock)) == ["mention"]


def test_nothing_is_told_of_what_is_not_for_them_any_more(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    Mute.objects.create(member=cast.bob, other=cast.alice)
    assert told(service, clock) == [], "muted since"
    says(cast.lena, cast.supper, "Bread, @bob")
    Member.objects.filter(pk=cast.bob.pk).update(restricted_at=timezone.now())
    assert told(service, clock) == [], "data restricted since"
    Member.objects.filter(pk=cast.bob.pk).update(restricted_at=None)
    says(cast.lena, cast.supper, "Salad, @bob")
    leave_group(cast.bob, cast.workshop.pk)
    assert told(service, clock) == [], "left since"


def test_what_a_letter_told_of_is_not_pushed_as_well(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    Notice.objects.update(mailed_at=timezone.now())
    assert told(service, clock) == []


# When -------------------------------------------------------------------------------------------------------------


def test_in_quiet_hours_nothing_rings_and_each_room_is_told_once_when_they_end(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    clock.moves(hours=8)
    says(cast.alice, cast.supper, "Soup, @bob")
    assert told(service, clock) == []
    says(cast.lena, cast.supper, "Bread, @bob")
    assert told(service, clock, after=timedelta(hours=4)) == []
    assert kinds(told(service, clock, after=timedelta(hours=8, minutes=1))) == ["mention"]


def test_after_a_long_night_one_push_stands_for_many_rooms(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    for number in range(4):
        room = open_room(cast.alice, cast.workshop.pk, name=f"Room {number}")
        says(cast.alice, room, "Soup, @bob")
    [push] = told(service, clock)
    assert (push.content["kind"], push.content["path"]) == ("several", "/notices/")
    assert told(service, clock) == []


def test_other_quiet_hours_count_at_once(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    clock.moves(hours=8)
    says(cast.alice, cast.supper, "Soup, @bob")
    assert told(service, clock) == []
    choose(cast.bob, quiet="never")
    assert kinds(told(service, clock)) == ["mention"]


def test_a_pause_is_one_from_pushes_too(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    choose(cast.bob, paused_until=(timezone.now() + timedelta(days=2)).date())
    says(cast.alice, cast.supper, "Soup, @bob")
    assert told(service, clock) == []
    assert kinds(told(service, clock, after=timedelta(days=2))) == ["mention"]


# What is gone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["removed_at", "hidden_at", "cleared_at"])
def test_what_is_gone_before_it_was_read_is_replaced_without_a_sound(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, column: str
) -> None:
    soup = says(cast.alice, cast.supper, "Soup, @bob")
    [before] = told(service, clock)
    if column == "removed_at":
        removes(cast.alice, soup)
    else:
        Message.objects.filter(pk=soup.pk).update(**{column: timezone.now()})
    [after] = told(service, clock)
    assert (after.content["kind"], after.content["silent"]) == ("gone", True)
    assert after.content["tag"] == before.content["tag"]
    assert after.headers["topic"] == before.headers["topic"]
    assert told(service, clock) == []


def test_what_is_gone_before_it_was_told_is_never_told(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    removes(cast.alice, says(cast.alice, cast.supper, "Soup, @bob"))
    assert told(service, clock) == []


def test_what_was_read_needs_no_replacing(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    soup = says(cast.alice, cast.supper, "Soup, @bob")
    assert len(told(service, clock)) == 1
    reads(cast.bob, cast.supper)
    removes(cast.alice, soup)
    assert told(service, clock) == []
    assert not PushShown.objects.exists()


# Whether it arrives -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_not_subscribed_any_more_is_forgotten(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, status: int
) -> None:
    service.status = status
    says(cast.alice, cast.supper, "Soup, @bob")
    told(service, clock)
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("status", [302, 403, 503])
def test_what_was_not_taken_is_tried_again_with_growing_pauses(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, status: int
) -> None:
    service.status = status
    says(cast.alice, cast.supper, "Soup, @bob")
    told(service, clock)
    bob.refresh_from_db()
    assert (bob.tries, bob.answer) == (1, f"The push service answered {status}.")
    service.status = 201
    assert told(service, clock, after=timedelta(seconds=40)) == []
    service.status = status
    told(service, clock, after=timedelta(seconds=20))
    service.status = 201
    assert told(service, clock, after=timedelta(seconds=100)) == []
    assert kinds(told(service, clock, after=timedelta(seconds=20))) == ["mention"]
    bob.refresh_from_db()
    assert bob.tries == 0


def test_as_long_as_the_service_asks(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    service.status, service.retry_after = 429, "1800"
    says(cast.alice, cast.supper, "Soup, @bob")
    told(service, clock)
    service.status = 201
    assert told(service, clock, after=timedelta(minutes=29)) == []
    assert kinds(told(service, clock, after=timedelta(minutes=2))) == ["mention"]


def test_a_service_that_is_away_for_days_is_given_up(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock
) -> None:
    service.status = 500
    PushDevice.objects.update(tries=MOST_TRIES - 1)
    says(cast.alice, cast.supper, "Soup, @bob")
    told(service, clock)
    assert not PushDevice.objects.exists()


def test_two_workers_begin_one_task(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has found the device before the first took it in hand."""
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(seconds=6)
    assert tell_devices() == 1
    monkeypatch.setattr(sending, "due", lambda now: Found([(bob.pk, bob.try_at)]))
    assert tell_devices() == 0
    assert len(service.pushes["bob"]) == 1


def test_a_worker_that_dies_after_handing_over_tells_it_again_in_the_same_place(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    with monkeypatch.context() as dying:
        dying.setattr(sending, "note_told", Mock(side_effect=SystemError))
        [first] = told(service, clock)
    assert told(service, clock) == [], "it may still be at work"
    [second] = told(service, clock, after=sending.LEASE)
    assert second.content == first.content
    assert told(service, clock) == []


class Found(list[tuple[int, Any]]):
    def values_list(self, *_: str) -> "Found":
        return self


# What cannot wait -------------------------------------------------------------------------------------------------


@pytest.fixture
def mo(cast: Cast, service: PushService, clock: Clock) -> PushDevice:
    """The moderator's phone, on a Monday at eleven in the evening."""
    device = turns_on(browser_of(cast.mo), service.subscriber("mo"))
    clock.moves(hours=11)
    return device


def test_what_cannot_wait_is_told_to_moderators_at_any_hour(
    cast: Cast, service: PushService, bob: PushDevice, mo: PushDevice, clock: Clock
) -> None:
    raise_concern(cast.charlie, "Somebody in Supper writes of ending it.")
    [push] = service.pushes["mo"]
    assert push.content == {
        "kind": "urgent",
        "title": "Roundtable",
        "body": "Something cannot wait for a moderator",
        "path": "/notices/",
        "tag": "urgent",
        "silent": False,
    }
    assert push.headers["urgency"] == "high"
    mo.refresh_from_db()
    assert (mo.answer, mo.tries) == ("Sent to the push service.", 0), "as the page of preferences says it"
    assert told(service, clock) == [], "who is no moderator hears nothing"
    assert told(service, clock, "mo") == [push], "and once"


def test_what_can_wait_until_morning_does_not_ring(
    cast: Cast, service: PushService, mo: PushDevice, clock: Clock
) -> None:
    file_report(cast.bob, Subject("room", cast.supper.pk), "unkind")
    assert told(service, clock, "mo") == []


def test_whom_it_is_about_is_not_told(cast: Cast, service: PushService, mo: PushDevice) -> None:
    file_report(cast.bob, Subject("member", cast.mo.pk), "danger")
    assert service.pushes["mo"] == []


@pytest.mark.parametrize("why_not", ["seen", "taken", "signed out", "no moderator"])
def test_one_that_is_told_later_asks_again_whether_to(
    cast: Cast, service: PushService, mo: PushDevice, why_not: str
) -> None:
    service.status = 503
    case = raise_concern(cast.charlie, "Help").case
    assert service.pushes["mo"] == []
    service.status = 201
    if why_not == "seen":
        Notice.objects.update(seen_at=timezone.now())
    elif why_not == "taken":
        take_case(cast.mo, case.pk, Case.objects.get(pk=case.pk).version)
    elif why_not == "signed out":
        Session.objects.all().delete()
    else:
        Member.objects.filter(pk=cast.mo.pk).update(role=Member.Role.MEMBER)
    tell_of_case.call(mo.pk, case.pk)
    assert service.pushes["mo"] == []


def test_what_the_service_did_not_take_is_tried_again_as_a_task(
    cast: Cast, service: PushService, mo: PushDevice
) -> None:
    service.status = 503
    case = raise_concern(cast.charlie, "Help").case
    with pytest.raises(NotTold):
        tell_of_case.call(mo.pk, case.pk)
    mo.refresh_from_db()
    assert (mo.answer, mo.tries) == ("The push service answered 503.", 2)
    service.status = 201
    tell_of_case.call(mo.pk, case.pk)
    assert kinds(service.pushes["mo"]) == ["urgent"]
    service.status = 410
    tell_of_case.call(mo.pk, case.pk)
    assert not PushDevice.objects.exists()


# Whose browser ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["signs out", "is signed out elsewhere", "leaves", "is suspended"])
def test_with_the_session_the_device_goes(cast: Cast, service: PushService, clock: Clock, how: str) -> None:
    client = browser_of(cast.bob)
    turns_on(client, service.subscriber("bob"))
    if how == "signs out":
        client.post("/sign-out/")
    elif how == "is signed out elsewhere":
        end_sessions(cast.bob)
    elif how == "leaves":
        leave_community(cast.bob)
    else:
        call_command("suspend_member", cast.bob.handle, "--days", "1")
    assert not PushDevice.objects.exists()


def test_a_session_that_ran_out_tells_nothing(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    Session.objects.update(expire_date=timezone.now())
    assert told(service, clock) == []
    assert not PushDevice.objects.exists()


def test_devices_whose_session_ran_out_are_cleared_away(cast: Cast, service: PushService, bob: PushDevice) -> None:
    forget_old_devices()
    assert PushDevice.objects.exists()
    Session.objects.update(expire_date=timezone.now())
    forget_old_devices()
    assert not PushDevice.objects.exists()


def test_on_a_shared_computer_it_is_neither_offered_nor_taken(cast: Cast, service: PushService) -> None:
    client = browser_of(cast.bob, is_shared=True)
    page = client.get("/you/mail/").content.decode()
    assert "others use it too" in page
    assert "Tell me on this device" not in page
    answer = client.post("/you/push/", {"subscription": service.subscriber("bob").subscription})
    assert (answer.status_code, PushDevice.objects.exists()) == (403, False)


def test_a_browser_has_one_member_at_a_time(cast: Cast, service: PushService, bob: PushDevice, clock: Clock) -> None:
    turns_on(browser_of(cast.alice), service.subscribers["bob"])
    says(cast.lena, cast.supper, "Soup, @bob")
    assert told(service, clock) == []


def test_a_member_has_so_many_browsers(cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 2)
    for name in ("first", "second", "third"):
        turns_on(browser_of(cast.bob), service.subscriber(name))
    kept = PushDevice.objects.order_by("pk").values_list("endpoint", flat=True)
    assert [endpoint.split("/")[-1] for endpoint in kept] == ["second", "third"]


def test_a_browser_that_turns_it_on_again_is_there_once(cast: Cast, service: PushService) -> None:
    client = browser_of(cast.bob)
    for name in ("old", "new"):
        turns_on(client, service.subscriber(name))
    assert PushDevice.objects.get().endpoint.endswith("/new")


def test_a_browser_whose_maker_gave_it_another_address_is_told_there(
    cast: Cast, service: PushService, clock: Clock
) -> None:
    client = browser_of(cast.bob)
    turns_on(client, old := service.subscriber("old"))
    fresh = service.subscriber("new")
    assert client.post("/you/push/renew", {"was": old.endpoint, "subscription": fresh.subscription}).status_code == 204
    says(cast.alice, cast.supper, "Soup, @bob")
    assert kinds(told(service, clock, "new")) == ["mention"]
    assert service.pushes["old"] == []


def test_an_address_that_another_browser_had_is_only_the_new_ones_then(
    cast: Cast, service: PushService, clock: Clock
) -> None:
    client = browser_of(cast.bob)
    turns_on(client, old := service.subscriber("old"))
    turns_on(browser_of(cast.alice), theirs := service.subscriber("theirs"))
    answer = client.post("/you/push/renew", {"was": old.endpoint, "subscription": theirs.subscription})
    assert answer.status_code == 204
    assert list(PushDevice.objects.values_list("member", "endpoint")) == [(cast.bob.pk, theirs.endpoint)]


def test_only_the_browser_itself_says_that_its_address_is_another(
    cast: Cast, service: PushService, bob: PushDevice
) -> None:
    fresh = service.subscriber("new").subscription
    for client, was in (
        (browser_of(cast.alice), bob.endpoint),
        (browser_of(cast.bob), bob.endpoint),
        (browser_of(cast.bob), ""),
    ):
        assert client.post("/you/push/renew", {"was": was, "subscription": fresh}).status_code == 404
    assert PushDevice.objects.get().endpoint == bob.endpoint


def test_nobody_touches_anothers_browser(cast: Cast, service: PushService, bob: PushDevice) -> None:
    for act in ("off", "try"):
        assert browser_of(cast.alice).post(f"/you/push/{bob.pk}/{act}").status_code == 404
    assert service.pushes["bob"] == []
    browser_of(cast.bob).post(f"/you/push/{bob.pk}/off")
    assert not PushDevice.objects.exists()


# Trying it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (201, "The push service has taken it"),
        (403, "The push service answered 403"),
        (410, "That browser is not subscribed any more"),
    ],
)
def test_trying_it_says_what_happened(
    cast: Cast, service: PushService, bob: PushDevice, clock: Clock, status: int, words: str
) -> None:
    clock.moves(hours=10)
    service.status = status
    page = browser_of(cast.bob).post(f"/you/push/{bob.pk}/try", follow=True)
    assert words in page.content.decode()
    assert kinds(service.pushes["bob"]) == (["test"] if status == 201 else [])


def test_trying_it_while_the_service_is_away(cast: Cast, bob: PushDevice, service: PushService) -> None:
    PushDevice.objects.update(endpoint="http://127.0.0.1:9/away")
    page = browser_of(cast.bob).post(f"/you/push/{bob.pk}/try", follow=True)
    assert "The push service does not answer" in page.content.decode()


def test_trying_it_again_and_again_is_answered_with_a_wait(cast: Cast, service: PushService, bob: PushDevice) -> None:
    client = browser_of(cast.bob)
    answers = [client.post(f"/you/push/{bob.pk}/try").status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(service.pushes["bob"]) == 5


# Where it may be sent to ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "is_taken"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://db5p.notify.windows.com:443/w/?token=abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/abc", False),
        ("https://me@fcm.googleapis.com/abc", False),
        ("https://fcm.googleapis.com@10.0.0.1/abc", False),
        ("https://fcm.googleapis.com.example.org/abc", False),
        ("https://evilfcm.googleapis.com.org/abc", False),
        ("https://notfcm.googleapis.com/abc", False),
        ("https://127.0.0.1/abc", False),
        ("http://localhost:6379/", False),
        ("https://[::1]/abc", False),
        ("https://10.0.0.1/abc", False),
        ("https://169.254.169.254/latest", False),
        ("https://fcm.googleapis.com:x/abc", False),
        ("ftp://fcm.googleapis.com/abc", False),
        ("", False),
    ],
)
def test_only_the_makers_of_browsers_are_sent_to(endpoint: str, is_taken: bool) -> None:
    assert is_known(endpoint) == is_taken


def test_an_address_elsewhere_is_refused_and_one_kept_from_before_not_sent_to(
    cast: Cast, service: PushService, bob: PushDevice, settings: Any, clock: Clock
) -> None:
    settings.PUSH_SERVICES = ["fcm.googleapis.com"]
    answer = browser_of(cast.bob).post("/you/push/", {"subscription": service.subscriber("new").subscription})
    assert answer.status_code == 400
    assert "does not send to" in answer.content.decode()
    says(cast.alice, cast.supper, "Soup, @bob")
    assert told(service, clock) == []


@pytest.mark.parametrize("wrong", ["endpoint", "p256dh", "auth", "keys", "all", "nothing", "number"])
def test_what_is_no_subscription_is_refused(cast: Cast, service: PushService, wrong: str) -> None:
    said = json.loads(service.subscriber("bob").subscription)
    if wrong == "endpoint":
        said["endpoint"] += "/" + "x" * 900
    elif wrong in said["keys"]:
        said["keys"][wrong] = said["keys"][wrong][:-4]
    elif wrong == "keys":
        said["keys"] = "x"
    text = {"all": "{", "nothing": "", "number": "1"}.get(wrong, json.dumps(said))
    answer = browser_of(cast.bob).post("/you/push/", {"subscription": text})
    assert answer.status_code == 400
    assert "was not understood" in answer.content.decode()
    assert not PushDevice.objects.exists()


def test_where_nothing_may_be_sent_it_is_not_offered(cast: Cast, service: PushService, settings: Any) -> None:
    settings.PUSH_SERVICES = []
    client = browser_of(cast.bob)
    assert "At once" not in client.get("/you/mail/").content.decode()
    assert client.post("/you/push/", {"subscription": service.subscriber("bob").subscription}).status_code == 400


# The key ----------------------------------------------------------------------------------------------------------


def test_there_is_one_key_which_a_copy_of_the_database_does_not_tell(db: None) -> None:
    first = public_key()
    assert public_key() == first
    number = our_key().private_key.private_numbers().private_value
    assert str(number) not in PushKey.objects.get().sealed


def test_with_another_secret_there_is_another_key_and_nobody_is_subscribed(
    cast: Cast, service: PushService, bob: PushDevice, settings: Any
) -> None:
    settings.SECRET_KEY = "another one, and as long as it has to be"
    assert public_key() != service.key
    assert not PushDevice.objects.exists()
    assert PushKey.objects.count() == 1


def test_the_worker_is_a_script_that_every_browser_may_keep_and_asks_for_anew(client: Client, cast: Cast) -> None:
    answer = client.get("/service-worker.js", headers={"host": "localhost"})
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_device_turned_on_by_its_own_action_is_told(cast: Cast, service: PushService, clock: Clock) -> None:
    """What a page would do, another door could: the rules are in the action."""
    subscription = subscription_from(service.subscriber("bob").subscription)
    session = Session.objects.get(session_key=browser_of(cast.bob).cookies["session"].value)
    turn_on(cast.bob, subscription, session=session.digest, browser="", is_shared=False)
    says(cast.alice, cast.supper, "Soup, @bob")
    assert kinds(told(service, clock)) == ["mention"]
