"""Fixtures that every test may ask for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches

from chatserver import env
from events.ear import EAR
from members.community.facts import MEMORY, the_community
from members.complaints import actions as complaints
from members.invitations import asking
from members.limits import Limits
from moderation import newcomers, outside, screens, urgent, words
from notifications.push import sending
from rooms.actions import direct, files
from tests.cast import Cast, assemble
from tests.letters import MailServer
from tests.scenes import Scene

THE_CAST = Scene(assemble)


@pytest.fixture(autouse=True)
def fresh_allowances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pays for what an earlier test posted or uploaded."""
    monkeypatch.setattr(files, "uploading", Limits(files.uploading.allowance))
    monkeypatch.setattr(screens, "posting", Limits(screens.posting.allowance))
    monkeypatch.setattr(newcomers, "LATELY", newcomers.Lately())
    monkeypatch.setattr(direct, "beginning", Limits(direct.beginning.allowance))
    monkeypatch.setattr(outside, "from_one_place", Limits(outside.from_one_place.allowance))
    for name in ("from_one_place", "for_one_address"):
        for module in (asking, complaints):
            monkeypatch.setattr(module, name, Limits(getattr(module, name).allowance))
    monkeypatch.setattr(urgent, "raising", Limits(urgent.raising.allowance))
    monkeypatch.setattr(sending, "trying", Limits(sending.trying.allowance))


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Each test has its own rooms, under numbers that an earlier one may have used."""
    caches["catch_up"].clear()
    MEMORY.forget()
    words.MEMORY.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in a database that forgets everything after the test."""
    return on_a_server_that_runs(THE_CAST.put_in_place())


@pytest.fixture
def live_cast(transactional_db: None) -> Cast:
    """The cast, in a database with real commits: what sockets and threads need."""
    return on_a_server_that_runs(assemble())


def on_a_server_that_runs(cast: Cast) -> Cast:
    """It has read who the community is, and which words are watched; queries are counted as a page among others makes them."""
    the_community()
    words.MEMORY.fresh()
    return cast


@pytest.fixture
async def delivery(transactional_db: None) -> AsyncIterator[None]:
    """Ends what a test's loop began: the ear starts by itself with the first socket."""
    yield
    for task in list(getattr(EAR, "tasks", ())):
        task.cancel()
    EAR.loop = None


@pytest.fixture
def tasks_at_once(settings: Any) -> None:
    """What is left behind for later is done when the test looks: letters are there."""
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def mail(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """Letters leave by SMTP, and arrive here."""
    with MailServer() as server:
        monkeypatch.setenv("MAIL_URL", server.url)
        settings.MAILERS = {"default": env.mailer("MAIL_URL", kept_in=Path("unused"))}
        yield server
