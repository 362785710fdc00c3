"""Whatever dies while digests are sent: at most one a day to each member, and nothing lost for the next."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from members.mail import Outcome, Post
from members.models import Member
from notifications.digests import sending
from notifications.digests.sending import CLAIM, send_digests
from notifications.models import Digest, Preference
from rooms.actions.reading import read_room
from rooms.commands import ReadRoom
from tests.cast import Cast
from tests.letters import MailServer, words_of
from tests.notifications.conftest import Clock
from tests.speaking import posts


class Killed(BaseException):
    """The worker ends here, as by SIGKILL: nothing after this line runs, and nothing is undone but the open transaction."""


@pytest.fixture(autouse=True)
def only_bob_is_due(clock: Clock, live_cast: Cast) -> None:
    for member in (live_cast.alice, live_cast.lena, live_cast.mo, live_cast.charlie):
        Preference.objects.create(member=member, digest_days="")
    Preference.objects.create(member=live_cast.bob, next_digest_at=timezone.now() - timedelta(minutes=1))


def killed_at(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, *, after: bool = False) -> None:
    """One run of the worker, which is killed before or after it has done this."""
    done: Callable[..., Any] = getattr(place, name)

    def dies(*args: Any, **facts: Any) -> None:
        if after:
            done(*args, **facts)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, name, dies)
        with pytest.raises(Killed):
            send_digests()


def to_bob(mail: MailServer, cast: Cast) -> list[str]:
    return [words_of(letter) for letter in mail.letters if letter["to"] == cast.bob.email]


BEFORE_THE_MAIL_SERVER_HEARS: list[tuple[Any, str, bool]] = [
    (sending, "claim", False),
    (sending, "claim", True),
    (sending, "gather", False),
    (sending, "quoted_in", True),
    (sending, "is_still_right", True),
    (sending, "compose", True),
]


@pytest.mark.parametrize(("place", "name", "after"), BEFORE_THE_MAIL_SERVER_HEARS)
def test_killed_before_the_mail_server_hears_of_it_the_next_worker_sends_it_today(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, after: bool
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup, @bob")
    killed_at(monkeypatch, place, name, after=after)
    assert to_bob(mail, live_cast) == []
    clock.moves(seconds=CLAIM.total_seconds() + 1)
    send_digests()
    send_digests()
    [said] = to_bob(mail, live_cast)
    assert "Soup" in said


@pytest.mark.parametrize(
    ("place", "name", "after", "arrived"),
    [(sending, "begin", True, 0), (Post, "send", False, 0), (Post, "send", True, 1), (sending, "end", False, 1)],
)
def test_killed_while_it_is_sent_it_is_not_sent_again_and_the_next_day_tells_the_same(
    live_cast: Cast,
    mail: MailServer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    after: bool,
    arrived: int,
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup, @bob")
    killed_at(monkeypatch, place, name, after=after)
    for _ in range(3):
        clock.moves(seconds=CLAIM.total_seconds() + 1)
        send_digests()
    assert len(to_bob(mail, live_cast)) == arrived
    assert Digest.objects.get().state == "unknown"

    clock.moves(days=1)
    send_digests()
    said = to_bob(mail, live_cast)
    assert len(said) == arrived + 1
    assert "Soup" in said[-1]


def test_killed_after_it_was_written_down_nothing_is_told_again(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup, @bob")
    killed_at(monkeypatch, sending, "end", after=True)
    clock.moves(days=1, seconds=1)
    send_digests()
    assert len(to_bob(mail, live_cast)) == 1
    assert list(Digest.objects.order_by("day").values_list("state", flat=True)) == ["sent", "empty"]


@pytest.mark.parametrize("name", ["bulk_create", "bulk_update"])
def test_killed_while_rows_are_made_neither_the_row_nor_the_hour_is_lost(
    live_cast: Cast, mail: MailServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    of = Digest if name == "bulk_create" else Preference
    killed_at(monkeypatch, type(of.objects.all()), name, after=True)
    send_digests()
    assert len(to_bob(mail, live_cast)) == 1


def test_two_workers_at_once_send_one(live_cast: Cast, mail: MailServer) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    together = threading.Barrier(4)

    def works() -> None:
        together.wait()
        try:
            send_digests()
        finally:
            connection.close()

    workers = [threading.Thread(target=works) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(to_bob(mail, live_cast)) == 1
    assert Digest.objects.count() == 1


def test_a_claim_that_was_taken_over_is_left_alone(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    compose: Callable[..., Any] = vars(sending)["compose"]

    def slowly(*args: Any, **facts: Any) -> Any:
        monkeypatch.setattr(sending, "compose", compose)
        clock.moves(seconds=CLAIM.total_seconds() + 1)
        send_digests()  # Another worker, meanwhile.
        return compose(*args, **facts)

    monkeypatch.setattr(sending, "compose", slowly)
    send_digests()
    assert len(to_bob(mail, live_cast)) == 1


def test_a_letter_that_takes_too_long_is_closed_by_another_worker_and_raises_no_level(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    send = Post.send

    def slowly(post: Post, letter: Any) -> Outcome:
        monkeypatch.setattr(Post, "send", send)
        clock.moves(seconds=CLAIM.total_seconds() + 1)
        send_digests()  # Another worker, meanwhile.
        return send(post, letter)

    monkeypatch.setattr(Post, "send", slowly)
    send_digests()
    assert len(to_bob(mail, live_cast)) == 1
    assert Digest.objects.get().state == "unknown"
    assert Preference.objects.get(member=live_cast.bob).told == {}


def test_the_mail_server_is_away_for_hours_and_then_it_goes_out(
    live_cast: Cast, mail: MailServer, clock: Clock
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    mail.goes_away()
    for _ in range(5):
        assert send_digests() == 0
        clock.moves(hours=1, seconds=1)
    assert Digest.objects.get().state == "waiting"
    mail.comes_back()
    send_digests()
    assert len(to_bob(mail, live_cast)) == 1
    assert Digest.objects.get().state == "sent"


def test_away_for_a_whole_day_the_next_digest_tells_both_days(live_cast: Cast, mail: MailServer, clock: Clock) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    mail.goes_away()
    send_digests()
    clock.moves(days=1, seconds=1)
    posts(live_cast.alice, live_cast.supper, "Bread")
    mail.comes_back()
    send_digests()
    [said] = to_bob(mail, live_cast)
    assert "2 new messages" in said
    assert list(Digest.objects.order_by("day").values_list("state", flat=True)) == ["given_up", "sent"]


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.REFUSED, "refused"), (Outcome.UNKNOWN, "unknown"), (Outcome.LATER, "waiting")]
)
def test_what_the_mail_server_said_is_written_down(
    live_cast: Cast, mail: MailServer, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, state: str
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    monkeypatch.setattr(Post, "send", lambda *args: outcome)
    send_digests()
    digest = Digest.objects.get()
    assert (digest.state, bool(digest.why)) == (state, True)
    assert Preference.objects.get(member=live_cast.bob).told == {}


def test_the_clock_jumps(live_cast: Cast, mail: MailServer, clock: Clock) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    send_digests()
    clock.moves(days=-2)
    posts(live_cast.alice, live_cast.supper, "Bread")
    send_digests()
    clock.moves(days=2)
    send_digests()
    assert len(to_bob(mail, live_cast)) == 1
    clock.moves(days=1)
    send_digests()
    assert len(to_bob(mail, live_cast)) == 2
    assert "Bread" in to_bob(mail, live_cast)[-1]


def test_what_is_posted_while_it_is_made_waits_for_the_next(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    compose: Callable[..., Any] = vars(sending)["compose"]

    def meanwhile(*args: Any, **facts: Any) -> Any:
        posts(live_cast.alice, live_cast.supper, "Bread")
        return compose(*args, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(sending, "compose", meanwhile)
        send_digests()
    clock.moves(days=1)
    send_digests()
    first, second = to_bob(mail, live_cast)
    assert ("Bread" in first, "Bread" in second, "Soup" in second) == (False, True, False)


def test_who_reads_between_two_digests_is_told_only_what_came_after(
    live_cast: Cast, mail: MailServer, clock: Clock
) -> None:
    posts(live_cast.alice, live_cast.supper, "Soup")
    send_digests()
    posts(live_cast.alice, live_cast.supper, "Bread")
    with transaction.atomic():
        read_room(Member.objects.get(pk=live_cast.bob.pk), ReadRoom(live_cast.supper.pk, 2))
    posts(live_cast.alice, live_cast.supper, "Butter")
    clock.moves(days=1)
    send_digests()
    said = to_bob(mail, live_cast)[-1]
    assert ("Bread" in said, "Butter" in said) == (False, True)
