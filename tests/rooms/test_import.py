"""Conversations held elsewhere: imported whole, in order, once, and as far as they got before somebody pulled the plug."""

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from members.models import Member
from rooms.models import Membership, Mention, Message, Reading, Room, WorkingGroup
from tests.cast import Cast
from tests.servers import ROOT, Roundtable

REAL = ROOT.parent / "shared" / "data" / "conversations.jsonl.gz"
NOON = 1_600_000_000


def said(number: int, *, room: str = "Tea", **fields: Any) -> dict[str, Any]:
    """One message, a minute later than the one before it."""
    return {
        "group": "Kitchen",
        "room": room,
        "id": number,
        "author": number % 5,
        "sent_at": NOON + 60 * number,
        "body": f"Sentence *{number}*.",
    } | fields


def file_of(folder: Path, *messages: dict[str, Any] | bytes) -> Path:
    """A file with a line for each, whatever it is."""
    path = folder / "said.jsonl"
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in messages)
    )
    return path


def run_import(path: Path, capsys: pytest.CaptureFixture[str], **options: str) -> tuple[str, str]:
    """What the command says: its closing line, and its complaints."""
    call_command("import_conversations", str(path), **options)
    output = capsys.readouterr()
    return output.out.strip(), output.err


def assert_whole(rooms: Iterable[Room]) -> None:
    """Places from one up without a gap, in order of time, and the room knows the last of them."""
    for room in rooms:
        messages = list(room.messages.order_by("created_version"))
        assert [message.created_version for message in messages] == list(range(1, room.version + 1)), room
        assert [message.version for message in messages] == list(range(1, room.version + 1)), room
        times = [message.posted_at for message in messages]
        assert times == sorted(times)
        assert room.last_message_at == times[-1]


@pytest.mark.django_db
def test_a_muddled_file_becomes_rooms_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages = [said(number, room=room) for number, room in enumerate(["Tea", "Soup / “cold”", "日本茶 🍵"] * 400)]
    random.Random(1).shuffle(messages)
    assert run_import(file_of(tmp_path, *messages), capsys)[0] == (
        "1,200 messages imported, 0 already there, 0 bad lines."
    )
    group = WorkingGroup.objects.get(name="Kitchen")
    assert {room.name: room.version for room in group.rooms.all()} == {
        "Tea": 400,
        "Soup / “cold”": 400,
        "日本茶 🍵": 400,
    }
    assert_whole(group.rooms.all())
    author = Member.objects.get(handle="member-3")
    assert (author.display_name, author.has_usable_password()) == ("Member 3", False)
    joined = Membership.objects.get(member=author, group=group).joined_at
    assert joined == author.messages.order_by("posted_at")[0].posted_at
    assert group.memberships.count() == 5
    message = author.messages.order_by("posted_at")[0]
    assert "<em>3</em>" in message.safe_html


@pytest.mark.django_db
def test_the_same_again_doubles_nothing_and_what_is_new_comes_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = [said(number) for number in range(2, 30)]
    run_import(file_of(tmp_path, *messages), capsys)
    room = Room.objects.get(name="Tea")
    Room.objects.filter(pk=room.pk).update(name="Teas of the world")
    Membership.objects.get(member__handle="member-4").delete()
    assert run_import(file_of(tmp_path, *messages), capsys)[0] == (
        "0 messages imported, 28 already there, 0 bad lines."
    )
    assert Room.objects.get() == room
    assert Membership.objects.count() == 4, "who left must not be brought back"

    Room.objects.filter(pk=room.pk).update(name="Tea")
    assert run_import(file_of(tmp_path, *messages, said(30), said(1), said(1)), capsys)[0] == (
        "2 messages imported, 29 already there, 0 bad lines."
    )
    room.refresh_from_db()
    assert room.version == 30
    assert list(room.messages.order_by("created_version").values_list("text", flat=True))[-2:] == [
        "Sentence *1*.",
        "Sentence *30*.",
    ]
    assert room.last_message_at.timestamp() == NOON + 60 * 30


@pytest.mark.django_db
def test_bad_lines_are_told_by_number_and_never_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without = said(8)
    del without["author"]
    bad: dict[str, dict[str, Any] | bytes] = {
        "not JSON": b"{secret",
        "not UTF-8": b'{"body": "secret \xff"}',
        "not a JSON object": b'["secret"]',
        "author is missing": without,
        "author is not a whole number": said(1, author="secret"),
        "id is not a whole number": said(1, id=True),
        "id is negative": said(1, id=-1),
        "id is too large": said(1, id=2**63),
        "body is not text": said(1, body=7),
        "body is blank": said(1, body=" \u200b&nbsp;\x00"),
        "body is longer than 10,000 characters": said(1, body="secret" * 1_700),
        "room is blank": said(1, room=" "),
        "room is longer than 80 characters": said(1, room="secret" * 14),
        "group is longer than 80 characters": said(1, group="secret" * 14),
        "sent_at is not a time between 1990 and now": said(1, sent_at=99_999_999_999),
        "longer than 1,000,000 bytes": b'{"secret": "' + b"x" * 3_000_000 + b'"}',
        "id is that of another message above": said(0, body="secret"),
    }
    summary, complaints = run_import(file_of(tmp_path, said(0), *bad.values(), b"", said(99)), capsys)
    assert summary == f"2 messages imported, 0 already there, {len(bad)} bad lines."
    assert complaints.splitlines() == [f"Line {number}: {fault}." for number, fault in enumerate(bad, 2)]
    assert "secret" not in complaints

    assert "Lines 1 to 40: not JSON." in run_import(file_of(tmp_path, *[b"{"] * 40), capsys)[1]


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no file \S+\.$"):
        call_command("import_conversations", str(tmp_path / "nothing.jsonl"))
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b"\n".join(json.dumps(said(number)).encode() for number in range(99)))[:-40])
    with pytest.raises(CommandError, match=r"cut\.jsonl\.gz is damaged or incomplete"):
        call_command("import_conversations", str(cut))
    assert not Message.objects.exists()


def test_mentions_reach_those_who_belong_and_nobody_else(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = [
        said(1, group="Workshop", body="Ask @member-2, @Member-3 and @member-1234; not `@member-4`, nor @alice."),
        *[said(number, group="Workshop") for number in (2, 3, 4)],
        said(8, group="Elsewhere", body="Hello @member-2"),
    ]
    run_import(file_of(tmp_path, *messages), capsys)
    assert WorkingGroup.objects.count() == 2
    named = Mention.objects.filter(message__text__startswith="Ask").values_list("member__handle", flat=True)
    assert set(named) == {"member-2", "member-3"}
    assert Mention.objects.count() == 2


def test_who_is_to_look_on_belongs_to_every_group_with_all_of_it_read(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = [said(number, group=f"Group {number % 3}", room=f"Room {number % 7}") for number in range(99)]
    path = file_of(tmp_path, *messages[:50])
    run_import(path, capsys, join="charlie")
    run_import(file_of(tmp_path, *messages), capsys, join="@charlie")
    assert Membership.objects.filter(member=cast.charlie).count() == 3
    assert {reading.room: reading.version for reading in Reading.objects.filter(member=cast.charlie)} == {
        room: room.version for room in Room.objects.filter(group__name__startswith="Group")
    }
    with pytest.raises(CommandError, match="no member nobody"):
        run_import(path, capsys, join="nobody")


def test_nothing_old_is_put_into_a_group_that_keeps_it_from_newcomers(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_import(file_of(tmp_path, said(1)), capsys)
    WorkingGroup.objects.update(history=WorkingGroup.History.FROM_JOINING)
    with pytest.raises(CommandError, match="keeps its history"):
        run_import(file_of(tmp_path, said(1), said(2)), capsys)
    assert Message.objects.count() == 1


def test_nobody_is_taken_for_an_imported_author(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Member.objects.filter(pk=cast.charlie.pk).update(handle="member-1")
    with pytest.raises(CommandError, match="handle member-1"):
        run_import(file_of(tmp_path, said(1)), capsys)


# In a process of its own ------------------------------------------------------------------------------------------------


class Elsewhere:
    """The command in a process and a database of its own."""

    def __init__(self) -> None:
        self.place = Roundtable()
        self.place.prepare()

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **self.place.popen_options(),
        )

    def run(self, *words: str) -> str:
        process = self.start(*words)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return output.strip()

    def ask(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.place.folder / "roundtable.sqlite3", timeout=20)) as database:
            return database.execute(sql).fetchall()


GAPS = """SELECT r.id FROM rooms_room r LEFT JOIN rooms_message m ON m.room_id = r.id GROUP BY r.id
          HAVING count(m.id) != r.version OR max(m.created_version) != r.version OR max(m.posted_at) != r.last_message_at"""


def test_killed_half_way_it_is_whole_as_far_as_it_goes_and_goes_on(tmp_path: Path) -> None:
    elsewhere = Elsewhere()
    path = file_of(tmp_path, *[said(number, room=f"Room {number % 12}") for number in range(5_000)])
    process = elsewhere.start("import_conversations", str(path))
    while elsewhere.ask("SELECT count(*) FROM rooms_message") < [(1_000,)]:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    [(stored,)] = elsewhere.ask("SELECT count(*) FROM rooms_message")
    assert 1_000 <= stored < 5_000
    assert elsewhere.ask(GAPS) == []
    assert elsewhere.run("import_conversations", str(path)) == (
        f"{5_000 - stored:,} messages imported, {stored:,} already there, 0 bad lines."
    )
    assert elsewhere.ask(GAPS) == []
    assert elsewhere.ask("SELECT count(*), sum(version) FROM rooms_room") == [(12, 5_000)]


def test_ten_times_as_much_needs_no_more_memory(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        elsewhere = Elsewhere()
        long = "A long sentence, as people write them. " * 240
        path = file_of(folder, *[said(number, room=f"Room {number % 40}", body=long) for number in range(count)])
        process = elsewhere.start("import_conversations", str(path))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        assert output.startswith(f"{count:,} messages imported")
        return usage.ru_maxrss // 1024

    assert peak(3_500) - peak(350) < 20


@pytest.mark.django_db
@pytest.mark.skipif(not REAL.exists(), reason="the real conversations are kept beside the project, and not everywhere")
def test_what_people_really_wrote_comes_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with gzip.open(REAL) as file:
        real = [line for line, _ in zip(file, range(3_000), strict=False)]
    path = tmp_path / "real.jsonl"
    path.write_bytes(b"".join(real))
    began = timezone.now()
    summary, complaints = run_import(path, capsys)
    assert "Line" not in complaints
    assert summary == "3,000 messages imported, 0 already there, 0 bad lines."
    assert Message.objects.count() == 3_000
    assert_whole(Room.objects.all())
    assert not Room.objects.filter(moved_at__lt=began).exists()
    assert run_import(path, capsys)[0] == "0 messages imported, 3,000 already there, 0 bad lines."
