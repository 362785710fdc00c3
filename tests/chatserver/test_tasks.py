"""One-off work is done once it is committed, whatever becomes of a worker, and is shown where it fails."""

import logging
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chatserver import jobs, tasks
from chatserver.jobs import Crew, Job
from chatserver.models import JobRun
from chatserver.task_backend import NEWS
from chatserver.tasks import TRIES, do_waiting_tasks, take_back_lost_tasks
from members.mail import Outcome, Post, send_soon
from tests import chores
from tests.cast import Cast
from tests.servers import Roundtable
from tests.speaking import session_of

SECONDS = 20.0


def browser_of(cast: Cast, who: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(getattr(cast, who))
    return client


def asks_for_a_code(address: str = "alice@example.org") -> None:
    send_soon(address, "Your code: 12345678", "sign_in_code", code="12345678", page="http://localhost/")


def time_passes(minutes: int) -> None:
    for row in DBTaskResult.objects.all():
        row.run_after = min(row.run_after, timezone.now()) - timedelta(minutes=minutes)
        row.started_at = row.started_at and row.started_at - timedelta(minutes=minutes)
        row.save()


def wait_until(is_true: Any) -> None:
    until = time.monotonic() + SECONDS
    while not is_true():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_letter_leaves_with_the_commit_and_not_without() -> None:
    crew = Crew()
    crew.begin()
    try:
        with transaction.atomic():
            asks_for_a_code("bob@example.org")
            transaction.set_rollback(True)
        with transaction.atomic():
            asks_for_a_code()
            assert not mail.outbox
        wait_until(lambda: mail.outbox)
        wait_until(lambda: not DBTaskResult.objects.exists())
    finally:
        crew.leave(SECONDS)
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert not any(thread.is_alive() for thread in crew.threads)


@pytest.mark.django_db(transaction=True)
def test_the_workers_are_woken_by_the_commit_and_not_before() -> None:
    NEWS.clear()
    with transaction.atomic():
        asks_for_a_code()
        assert not NEWS.is_set()
    assert NEWS.is_set()


def test_who_reads_the_table_finds_neither_address_nor_code(db: None) -> None:
    asks_for_a_code()
    row = DBTaskResult.objects.values().get()
    assert not any(word in str(row) for word in ("alice", "12345678", "sign_in_code"))
    asks_for_a_code("")
    do_waiting_tasks()
    assert ([letter.to for letter in mail.outbox], DBTaskResult.objects.count()) == ([["alice@example.org"]], 0)


def test_a_letter_is_tried_again_while_the_mail_server_is_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asks_for_a_code()
    with monkeypatch.context() as away:
        away.setattr(Post, "send", lambda *_: Outcome.LATER)
        do_waiting_tasks()
        do_waiting_tasks()  # not before its pause is over
    assert len(DBTaskResult.objects.get().worker_ids) == 1
    time_passes(minutes=1)
    do_waiting_tasks()
    assert (len(mail.outbox), DBTaskResult.objects.count()) == (1, 0)


def test_a_letter_that_its_address_refuses_is_not_tried_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asks_for_a_code()
    monkeypatch.setattr(Post, "send", lambda *_: Outcome.REFUSED)
    do_waiting_tasks()
    assert not DBTaskResult.objects.exists()


def test_a_task_that_fails_is_given_up_shown_and_tried_again_by_hand(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chores.fail.enqueue("a secret")
    pauses = []
    for _ in range(TRIES):
        do_waiting_tasks()
        pauses.append(DBTaskResult.objects.get().run_after - timezone.now())
        time_passes(minutes=30)
    assert pauses == sorted(pauses)
    do_waiting_tasks()
    row = DBTaskResult.objects.get()
    assert (row.status, len(row.worker_ids), "secret" in row.traceback) == ("FAILED", TRIES, False)
    assert "secret" not in caplog.text

    mo = browser_of(cast, "mo")
    page = mo.get("/work/").content.decode()
    assert "ZeroDivisionError" in page
    assert "secret" not in page
    assert 'roundtable_failed{work="fail"} 1' in mo.get("/metrics").content.decode()
    assert browser_of(cast, "lena").post(f"/work/{row.pk}/again").status_code == 403
    assert mo.post(f"/work/{row.pk}/again").status_code == 302
    assert mo.post(f"/work/{row.pk}/again").status_code == 404
    do_waiting_tasks()
    row.refresh_from_db()
    assert (row.status, len(row.worker_ids)) == ("READY", 1)


def test_what_failed_long_ago_is_forgotten(db: None) -> None:
    chores.fail.enqueue("")
    chores.fail.enqueue("")
    rows = list(DBTaskResult.objects.all())
    for row, days in zip(rows, (6, 8), strict=True):
        DBTaskResult.objects.filter(pk=row.pk).update(
            status="FAILED", finished_at=timezone.now() - timedelta(days=days)
        )
    tasks.forget_failed_tasks()
    assert DBTaskResult.objects.get() == rows[0]


@pytest.mark.django_db(transaction=True)
def test_several_workers_do_no_task_twice(tmp_path: Path) -> None:
    for number in range(40):
        chores.write.enqueue(str(tmp_path / "done"), str(number))

    def work() -> None:
        try:
            do_waiting_tasks()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work) for _ in range(4)]:
            done.result(SECONDS)
    done_words = (tmp_path / "done").read_text().split()
    assert sorted(done_words, key=int) == [str(number) for number in range(40)]


def test_who_was_taken_for_dead_does_not_end_a_task_that_another_has(db: None, tmp_path: Path) -> None:
    chores.write.enqueue(str(tmp_path / "done"), "x")
    slow = tasks.claim()
    assert slow
    take_back_lost_tasks()
    assert DBTaskResult.objects.get().status == "RUNNING"
    time_passes(minutes=3)
    take_back_lost_tasks()
    time_passes(minutes=3)
    assert tasks.claim()
    tasks.do(slow)
    assert DBTaskResult.objects.get().status == "RUNNING"


@pytest.mark.timeout(180)
def test_a_task_whose_worker_is_killed_is_finished_by_another(tmp_path: Path) -> None:
    done = tmp_path / "done"
    with Roundtable(WORK_IN_WEB="0") as server:

        def said(words: str) -> None:
            server.run("-c", f"import django; django.setup(); from tests import chores; {words}")

        def worker() -> subprocess.Popen[bytes]:
            return subprocess.Popen([sys.executable, "manage.py", "work"], **server.popen_options())

        server.settings["DJANGO_SETTINGS_MODULE"] = "chatserver.settings"
        said(f"chores.fall_asleep_at_first.enqueue({str(done)!r})")
        time.sleep(2)
        assert not done.exists(), "the web process was not to work"
        first = worker()
        try:
            wait_until(done.exists)
        finally:
            first.kill()
            first.wait()
        said(
            "from django_tasks_db.models import DBTaskResult as Row; from datetime import timedelta;"
            "row = Row.objects.get(); assert row.status == 'RUNNING';"
            "Row.objects.update(started_at=row.started_at - timedelta(minutes=3))"
        )
        second = worker()
        try:
            wait_until(lambda: "done" in done.read_text())
        finally:
            second.terminate()
            assert second.wait(SECONDS) == 0
    assert done.read_text().split() == ["begun", "begun", "done"]


# The clock, its page and its numbers ------------------------------------------------------------------------------


def test_a_job_leaves_behind_when_it_ran_and_whether_it_failed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def sweep_leaves() -> None:
        if is_broken:
            raise ZeroDivisionError("a secret")

    monkeypatch.setattr("chatserver.work.JOBS", (Job(3, sweep_leaves),))
    is_broken = True
    jobs.attempt(Job(3, sweep_leaves))
    assert JobRun.objects.get().error == "ZeroDivisionError"
    page = browser_of(cast, "mo").get("/work/").content.decode()
    assert "Sweep leaves" in page
    assert "ZeroDivisionError" in page
    assert (
        'roundtable_job_failing{work="sweep_leaves"} 1'
        in Client(headers={"host": "localhost"}).get("/metrics").content.decode()
    )
    is_broken = False
    jobs.attempt(Job(3, sweep_leaves))
    noted = JobRun.objects.get()
    assert noted.error == ""
    jobs.attempt(Job(3, sweep_leaves))
    assert JobRun.objects.get().began_at == noted.began_at, "not every few seconds"


def test_the_clock_goes_on_when_a_job_fails() -> None:
    rest, turns = threading.Event(), []

    def breaks() -> None:
        raise ZeroDivisionError

    def counts() -> None:
        turns.append(1)
        rest.set()

    jobs_of_test = (Job(3, breaks), Job(3, counts))
    with pytest.MonkeyPatch.context() as without:
        without.setattr(jobs, "note", lambda run: None)
        without.setattr(jobs, "in_its_time_zone", lambda: timezone.override("UTC"))
        jobs.work_forever(rest, jobs_of_test)
    assert turns


@pytest.mark.parametrize(
    ("token", "asked", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "192.0.2.7"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, 404),
        ("open sesame", {}, 404),
        ("open sesame", {"HTTP_AUTHORIZATION": "Bearer sesame"}, 404),
        ("open sesame", {"HTTP_AUTHORIZATION": "Bearer open sesame", "REMOTE_ADDR": "192.0.2.7"}, 200),
    ],
)
def test_numbers_are_for_this_computer_or_whoever_knows_the_token(
    cast: Cast, settings: Any, token: str, asked: dict[str, Any], status: int
) -> None:
    settings.METRICS_TOKEN = token
    asks_for_a_code()
    found = Client(headers={"host": "localhost"}).get("/metrics", **asked)
    assert found.status_code == status
    assert (b'roundtable_waiting{work="deliver_letter"} 1' in found.content) == (status == 200)
