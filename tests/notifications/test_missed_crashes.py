"""Whatever dies while letters of what was missed are sent: never two of the same, and nothing lost that did not leave."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from members.mail import Outcome, Post
from notifications.missed import sending
from notifications.missed.sending import CLAIM, send_missed
from notifications.models import MissedLetter, Notice
from tests.cast import Cast
from tests.letters import MailServer
from tests.notifications.conftest import Clock
from tests.notifications.test_missed import says, states, to


class Killed(BaseException):
    """The worker ends here, as by SIGKILL: nothing after this line runs, and nothing is undone but the open transaction."""


@pytest.fixture(autouse=True)
def soup_was_missed(live_cast: Cast, clock: Clock) -> None:
    clock.is_at_noon_of_a(0)
    says(live_cast.alice, live_cast.supper, "Soup, @bob")
    clock.moves(minutes=11)


def killed_at(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, *, after: bool) -> None:
    done: Callable[..., Any] = getattr(place, name)

    def dies(*args: Any, **facts: Any) -> None:
        if after:
            done(*args, **facts)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, name, dies)
        with pytest.raises(Killed):
            send_missed()


@pytest.mark.parametrize(
    ("name", "after"),
    [("begin_letters", True), ("claim", False), ("claim", True), ("missed_in", True), ("compose", True)],
)
def test_killed_before_the_mail_server_hears_of_it_the_next_worker_sends_it(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str, *, after: bool
) -> None:
    killed_at(monkeypatch, sending, name, after=after)
    assert not mail.letters
    for _ in range(3):
        clock.moves(seconds=CLAIM.total_seconds() + 1)
        send_missed()
    assert len(to(mail, live_cast.bob)) == 1


@pytest.mark.parametrize(
    ("place", "name", "after", "arrived"),
    [
        (sending, "hand_over_begins", True, 0),
        (Post, "send", False, 0),
        (Post, "send", True, 1),
        (sending, "end", False, 1),
    ],
)
def test_killed_while_it_is_sent_it_is_not_sent_again_and_the_digest_has_it(
    live_cast: Cast,
    mail: MailServer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    *,
    after: bool,
    arrived: int,
) -> None:
    killed_at(monkeypatch, place, name, after=after)
    for _ in range(4):
        clock.moves(hours=13)
        send_missed()
    assert len(to(mail, live_cast.bob)) == arrived
    assert states() == ["unknown"]
    assert Notice.objects.get().mailed_at is None


def test_what_may_have_been_sent_is_nobodys_to_claim(live_cast: Cast, clock: Clock) -> None:
    sending.begin_letters(timezone.now())
    MissedLetter.objects.update(state="sending", claimed_at=timezone.now())
    clock.moves(seconds=CLAIM.total_seconds() + 1)
    assert sending.claim(timezone.now()) == []


def test_several_workers_at_once_send_one(live_cast: Cast, mail: MailServer) -> None:
    together = threading.Barrier(4)

    def works() -> None:
        together.wait()
        try:
            send_missed()
        finally:
            connection.close()

    workers = [threading.Thread(target=works) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(to(mail, live_cast.bob)) == MissedLetter.objects.count() == 1


def test_a_claim_that_was_taken_over_is_left_alone(
    live_cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose: Callable[..., Any] = vars(sending)["compose"]

    def slowly(*args: Any) -> Any:
        monkeypatch.setattr(sending, "compose", compose)
        clock.moves(seconds=CLAIM.total_seconds() + 1)
        send_missed()  # Another worker, meanwhile.
        return compose(*args)

    monkeypatch.setattr(sending, "compose", slowly)
    send_missed()
    assert len(to(mail, live_cast.bob)) == 1


def test_while_the_mail_server_is_away_it_waits_and_then_goes_out_once(
    live_cast: Cast, mail: MailServer, clock: Clock
) -> None:
    mail.goes_away()
    for _ in range(5):
        assert send_missed() == 0
        clock.moves(minutes=5)
    assert states() == ["waiting"]
    says(live_cast.lena, live_cast.supper, "Bread, @bob")
    mail.comes_back()
    clock.moves(hours=1)
    assert (send_missed(), send_missed(), len(mail.letters)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.REFUSED, "refused"), (Outcome.UNKNOWN, "unknown"), (Outcome.LATER, "waiting")]
)
def test_what_the_mail_server_said_is_written_down(
    live_cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, state: str
) -> None:
    handed_over = []

    def takes(_: Post, letter: object) -> Outcome:
        handed_over.append(letter)
        return outcome

    monkeypatch.setattr(Post, "send", takes)
    send_missed()
    assert states() == [state]
    clock.moves(days=1, hours=1)
    send_missed()
    assert len(handed_over) == (2 if outcome is Outcome.LATER else 1)
    assert Notice.objects.get().mailed_at is None
