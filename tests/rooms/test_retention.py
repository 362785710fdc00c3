"""A room keeps its messages for a time: set with warning, cleared without a trace, and never more than was said."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.limits import Allowance, Limits
from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation import screens
from notifications.models import Notice
from rooms.actions import retention
from rooms.actions.direct import open_direct
from rooms.actions.groups import close_group
from rooms.actions.messages import pin_message
from rooms.actions.retention import clear_old_messages, forget_cleared, keep_messages, preview
from rooms.catch_up import changes_since
from rooms.commands import PinMessage
from rooms.models import File, Mention, Message, Reading, Revision, Room
from tests.cast import Cast
from tests.speaking import Tab, brings, edits, posts, removes, session_of

HALF_A_YEAR = 6


@pytest.fixture(autouse=True)
def nobody_is_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "posting", Limits(Allowance(10_000, 60)))


def long_ago(*messages: Message, days: int = 400) -> None:
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        posted_at=timezone.now() - timedelta(days=days)
    )


def sets(member: Member, room: Room, months: int | None, *, before: int | None = None) -> Room:
    return keep_messages(member, room.pk, months, before=before)


def grace_is_over(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(keep_from=timezone.localdate())


def texts(room: Room) -> list[str]:
    return list(Message.objects.kept().filter(room=room).in_order().values_list("text", flat=True))


def browser_of(member: Member) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    return client


def test_what_the_preview_counts_is_what_goes(cast: Cast) -> None:
    old = [posts(author, cast.supper, f"Old {n}") for n, author in enumerate([cast.alice, cast.bob, cast.lena])]
    pinned = posts(cast.alice, cast.supper, "Pinned")
    gone = posts(cast.bob, cast.supper, "Removed")
    pin_message(cast.alice, PinMessage(pinned.pk, True))
    removes(cast.bob, gone)
    # Old enough only once the days of grace are over.
    on_the_edge = posts(cast.bob, cast.supper, "Edge")
    long_ago(*old, pinned, gone)
    long_ago(on_the_edge, days=178)
    posts(cast.alice, cast.supper, "New")

    page = browser_of(cast.lena).get(f"/rooms/{cast.supper.pk}/keep", {"months": "6"}).content.decode()
    assert "This removes 4 messages on" in page
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    assert clear_old_messages() == 0
    assert "Old 0" in texts(cast.supper)

    Message.objects.filter(pk=on_the_edge.pk).update(posted_at=timezone.now() - timedelta(days=195))
    grace_is_over(cast.supper)
    assert clear_old_messages() == 5  # With the empty place of what was removed.
    assert texts(cast.supper) == ["Pinned", "New"]
    assert clear_old_messages() == 0


def test_nothing_is_left_of_what_is_cleared(cast: Cast, tmp_path: Any, settings: Any) -> None:
    file = brings(cast.alice, cast.supper)
    soup = posts(cast.alice, cast.supper, "Secret soup, @bob", files=[file])
    edits(cast.alice, soup, "Secret broth, @bob")
    answer = posts(cast.bob, cast.supper, "Tasty", reply_to=soup.pk)
    long_ago(soup)
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    grace_is_over(cast.supper)
    clear_old_messages()

    for left in (Revision.objects.all(), Mention.objects.all(), Notice.objects.filter(message=soup)):
        assert not left.exists()
    assert not File.objects.filter(pk=file.pk, discarded_at=None).exists()
    answer.refresh_from_db()
    assert answer.reply_to_id is None
    bob = browser_of(cast.bob)
    page = bob.get(f"/rooms/{cast.supper.pk}/").content.decode()
    assert "Tasty" in page
    assert "broth" not in page
    assert f"message-{soup.pk}" not in page
    assert bob.get(f"/messages/{soup.pk}/").status_code == 404
    assert bob.get(f"/messages/{soup.pk}/history/").status_code == 404


def test_everybody_in_the_group_hears_of_it_once(cast: Cast) -> None:
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    assert set(Notice.objects.values_list("member__handle", "kind")) == {
        (handle, "keeps") for handle in ("alice", "bob", "mo")
    }
    page = browser_of(cast.bob).get("/notices/").content.decode()
    assert "set how long messages are kept in" in page
    assert "Supper" in page
    about = browser_of(cast.bob).get(f"/rooms/{cast.supper.pk}/about/").content.decode()
    assert "6 months, from" in about


@pytest.mark.parametrize(("who", "refusal"), [("alice", NotAllowed), ("bob", NotAllowed), ("charlie", NotHere)])
def test_who_does_not_lead_sets_no_limit(cast: Cast, who: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        sets(getattr(cast, who), cast.supper, HALF_A_YEAR)
    assert not Room.objects.exclude(keep_months=None).exists()


def test_a_direct_conversation_and_a_closed_group_have_no_limit_set(cast: Cast) -> None:
    with pytest.raises(NotHere):
        sets(cast.lena, open_direct(cast.lena, [cast.bob.pk]), HALF_A_YEAR)
    close_group(cast.lena, cast.workshop.pk, on=True)
    with pytest.raises(NotAllowed):
        sets(cast.lena, cast.supper, HALF_A_YEAR)


@pytest.mark.parametrize("months", ["5", "-6", "x", "", "99999999999"])
def test_only_times_that_are_offered(cast: Cast, months: str) -> None:
    lena = browser_of(cast.lena)
    assert lena.get(f"/rooms/{cast.supper.pk}/keep", {"months": months}).status_code == 400
    assert lena.post(f"/rooms/{cast.supper.pk}/keep", {"months": months, "before": "0"}).status_code == 400
    assert not Room.objects.exclude(keep_months=None).exists()


def test_a_limit_that_somebody_changed_meanwhile_is_not_set_unseen(cast: Cast) -> None:
    sets(cast.mo, cast.supper, 12)
    with pytest.raises(BadRequest, match="Somebody else"):
        sets(cast.lena, cast.supper, 1, before=None)
    assert Room.objects.get(pk=cast.supper.pk).keep_months == 12


def test_a_shorter_limit_has_its_days_of_grace_and_a_longer_one_needs_none(cast: Cast) -> None:
    today = timezone.localdate()
    sets(cast.lena, cast.supper, 12)
    grace_is_over(cast.supper)
    assert sets(cast.lena, cast.supper, 24, before=12).keep_from == today
    assert sets(cast.lena, cast.supper, 6, before=24).keep_from == today + timedelta(days=14)
    room = sets(cast.lena, cast.supper, None, before=6)
    assert (room.keep_months, room.keep_from) == (None, None)


def test_a_limit_that_was_lifted_or_a_pin_set_meanwhile_saves_the_message(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = posts(cast.alice, cast.supper, "First"), posts(cast.alice, cast.supper, "Second")
    long_ago(first, second)
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    grace_is_over(cast.supper)
    due_in = retention.due_in

    def meanwhile(room: Room, most: int) -> list[int]:
        due = due_in(room, most)
        pin_message(cast.alice, PinMessage(first.pk, True))
        return due

    monkeypatch.setattr(retention, "due_in", meanwhile)
    assert clear_old_messages() == 1
    assert texts(cast.supper) == ["First"]
    assert not retention.clear(10**9)
    Room.objects.filter(pk=cast.supper.pk).update(keep_months=None)
    pin_message(cast.alice, PinMessage(first.pk, False))
    assert not retention.clear(first.pk)


@pytest.mark.parametrize("after", [1, 2])
def test_killed_in_the_middle_the_next_run_clears_the_rest(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    old = [posts(live_cast.alice, live_cast.supper, f"Old {n}") for n in range(4)]
    long_ago(*old)
    sets(live_cast.lena, live_cast.supper, HALF_A_YEAR)
    grace_is_over(live_cast.supper)
    take_away, calls = vars(retention)["take_away"], iter(range(9))

    def dies(*args: Any) -> Any:
        found = take_away(*args)
        if next(calls) == after:
            raise KeyboardInterrupt
        return found

    with monkeypatch.context() as patch:
        patch.setattr(retention, "take_away", dies)
        with pytest.raises(KeyboardInterrupt):
            clear_old_messages()
    assert len(texts(live_cast.supper)) == 4 - after
    clear_old_messages()
    assert texts(live_cast.supper) == []


def test_two_workers_clear_each_message_once(live_cast: Cast) -> None:
    long_ago(*[posts(live_cast.alice, live_cast.supper, f"Old {n}") for n in range(10)])
    room = sets(live_cast.lena, live_cast.supper, HALF_A_YEAR)
    grace_is_over(room)
    together, cleared = threading.Barrier(2), []

    def works() -> None:
        together.wait()
        cleared.append(clear_old_messages())
        connection.close()

    workers = [threading.Thread(target=works) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(cleared) == 10
    assert Room.objects.get(pk=room.pk).version == room.version + 10


def test_unread_counts_lose_what_is_cleared(cast: Cast) -> None:
    long_ago(posts(cast.alice, cast.supper, "Old"))
    posts(cast.alice, cast.supper, "New")
    Reading.objects.filter(member=cast.bob).delete()
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    grace_is_over(cast.supper)
    clear_old_messages()
    assert ">1<" in browser_of(cast.bob).get("/").content.decode().replace(" ", "")


def test_a_page_that_was_away_is_told_to_drop_it_and_once_its_row_is_gone_to_begin_anew(cast: Cast) -> None:
    old = posts(cast.alice, cast.supper, "Old")
    held = posts(cast.alice, cast.supper, "New").version
    long_ago(old)
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    grace_is_over(cast.supper)
    clear_old_messages()
    room = Room.objects.get(pk=cast.supper.pk)
    [dropped] = [frame for frame in changes_since(room, held, 0)["frames"] if frame["kind"] == "message.changed"]
    assert (dropped["message"], dropped["html"]) == (old.pk, "")

    forget_cleared(timezone.now() + timedelta(seconds=1))
    assert not Message.objects.filter(pk=old.pk).exists()
    room.refresh_from_db()
    assert changes_since(room, held, 0)["refetch"]
    assert not changes_since(room, room.version, 0).get("refetch")


def test_empty_rows_stay_for_screens_that_are_away(cast: Cast) -> None:
    old = posts(cast.alice, cast.supper, "Old")
    long_ago(old)
    sets(cast.lena, cast.supper, HALF_A_YEAR)
    grace_is_over(cast.supper)
    clear_old_messages()
    clear_old_messages()
    assert Message.objects.filter(pk=old.pk).exists()


@pytest.mark.usefixtures("delivery")
async def test_an_open_page_drops_it_at_once(live_cast: Cast) -> None:
    old = await sync_to_async(posts)(live_cast.alice, live_cast.supper, "Old")
    await sync_to_async(long_ago)(old)
    await sync_to_async(sets)(live_cast.lena, live_cast.supper, HALF_A_YEAR)
    await sync_to_async(grace_is_over)(live_cast.supper)
    async with Tab(live_cast.bob) as bob:
        await bob.opens(live_cast.supper)
        await sync_to_async(clear_old_messages)()
        frame = await bob.hears("message.changed")
        assert (frame["message"], frame["html"]) == (old.pk, "")


def test_a_longer_limit_previews_what_goes_at_once(cast: Cast) -> None:
    long_ago(posts(cast.alice, cast.supper, "Old"), days=900)
    sets(cast.lena, cast.supper, 60)
    room = Room.objects.get(pk=cast.supper.pk)
    assert preview(room, 12).messages == 1
    Room.objects.filter(pk=room.pk).update(keep_months=12, keep_from=timezone.localdate() - timedelta(days=600))
    room.refresh_from_db()
    seen = preview(room, 24)
    assert (seen.begins, seen.messages) == (room.keep_from, 1)
