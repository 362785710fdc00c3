"""The ear: order, gaps and audiences, without a database."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from events.ear import Ear
from events.frames import Envelope, Frame


class Paper:
    """A listener that writes down what it is sent."""

    def __init__(self, member: int, session: str = "s") -> None:
        self.member, self.session = member, session
        self.groups: set[int] = set()
        self.rooms: set[int] = set()
        self.frames: list[dict[str, object]] = []
        self.closed = 0

    def write(self, frame: Frame) -> None:
        self.frames.append(json.loads(frame.text))

    def beat(self, frame: Frame) -> None:
        self.write(frame)

    def close(self, code: int) -> None:
        self.closed = code

    @property
    def versions(self) -> list[object]:
        return [frame["version"] for frame in self.frames if frame["kind"] in ("message.posted", "room.changes")]


class Archive:
    """A House that has every version up to `newest`."""

    def __init__(self) -> None:
        self.newest = 0
        self.asked: list[tuple[int, int]] = []

    async def changes_since(self, room: int, version: int) -> tuple[int, Frame]:
        self.asked.append((room, version))
        return self.newest, Frame.of("room.changes", room=room, after=version, version=self.newest)

    async def be_sure(self) -> None: ...

    def readers_changed(self, group: int, room: int) -> None: ...

    def presence_heard(self, origin: str, group: int, room: int, members: list[int], count: int) -> None: ...


@pytest.fixture
async def archive() -> Archive:
    return Archive()


@pytest.fixture
async def ear(archive: Archive) -> AsyncIterator[Ear]:
    ear = Ear()
    ear.start(archive)
    yield ear
    for task in list(ear.tasks):
        task.cancel()


def posted(version: int, *, room: int = 1, group: int = 1, author: int = 9, mentions: tuple[int, ...] = ()) -> Envelope:
    text = Frame.of("message.posted", room=room, version=version).text
    return Envelope(
        to="room", origin="", group=group, room=room, version=version, text=text, name="Supper", posted=1,
        author=author, mentions=list(mentions), everyone=False,
    )  # fmt: skip


def reader(ear: Ear, member: int = 1, floor: int = 0) -> Paper:
    """Somebody who has room 1 of group 1 open, level with version 0, and reads what is above a floor."""
    paper = Paper(member)
    ear.admit(paper, {1})
    ear.open_room(paper, 1, 1, floor)
    ear.heads.setdefault(1, 0)
    return paper


async def test_whose_reading_begins_above_the_oldest_words_of_a_frame_hears_only_the_version(
    ear: Ear, archive: Archive
) -> None:
    alice, newcomer = reader(ear), reader(ear, 2, floor=3)
    ear.hear(posted(1) | {"oldest_shown": 4})
    ear.hear(posted(2) | {"oldest_shown": 3})
    ear.hear(posted(3))  # Nobody said what it shows.
    ear.hear(posted(5) | {"oldest_shown": 2})  # Comes early,
    ear.hear(posted(4) | {"oldest_shown": 4})
    assert alice.versions == [1, 2, 3, 4, 5]
    assert newcomer.versions == [1, 4]
    assert [frame["rooms"] for frame in newcomer.frames if frame["kind"] == "heartbeat"] == [
        {"1": 2},
        {"1": 3},
        {"1": 5},
    ]


async def test_the_archive_is_not_told_to_whose_reading_begins_later(
    ear: Ear, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, newcomer = reader(ear), reader(ear, 2, floor=3)
    archive.newest = 7
    await ear.catch_up(1)
    assert alice.versions == [7]
    assert newcomer.frames == [{"kind": "heartbeat", "rooms": {"1": 7}}]


async def test_an_opened_history_sends_for_those_alone_from_whom_it_was_kept(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, newcomer, behind = reader(ear), reader(ear, 2, floor=3), reader(ear, 3, floor=3)
    ear.open_room(behind, 1, 3, 3)
    ear.open_room(newcomer, 1, 2, 3)
    monkeypatch.setattr(
        behind, "write", lambda frame: ear.dismiss(behind)
    )  # As a socket does that fell too far behind.
    ear.hear({"to": "history", "group": 1})
    assert alice.frames == []
    assert [(frame["room"], frame["refetch"]) for frame in newcomer.frames] == [(1, True), (2, True)]
    ear.hear(posted(1) | {"oldest_shown": 1})  # Until they come back with a page drawn anew, it stays kept from them.
    assert newcomer.frames[-1] == {"kind": "heartbeat", "rooms": {"1": 1}}


async def test_the_last_reader_of_a_room_may_fall_behind(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = reader(ear)
    monkeypatch.setattr(behind, "write", lambda frame: ear.dismiss(behind))
    ear.hear(posted(1))
    assert ear.heads == {}


async def test_a_room_opened_anew_forgets_an_earlier_floor(ear: Ear) -> None:
    bob = reader(ear, floor=3)
    ear.open_room(bob, 1, 1, 0)
    ear.hear(posted(1) | {"oldest_shown": 1})
    ear.close_room(bob, 1)
    assert (bob.versions, dict(ear.floors)) == ([1], {})


async def test_frames_are_delivered_in_the_order_of_versions(ear: Ear) -> None:
    alice = reader(ear)
    for version in (1, 3, 4, 2):
        ear.hear(posted(version))
    assert alice.versions == [1, 2, 3, 4]


async def test_a_frame_that_comes_twice_is_delivered_once(ear: Ear) -> None:
    alice = reader(ear)
    for version in (1, 1, 2, 1):
        ear.hear(posted(version))
    assert alice.versions == [1, 2]


async def test_a_gap_is_filled_from_the_database(ear: Ear, archive: Archive) -> None:
    alice = reader(ear)
    ear.hear(posted(1))
    archive.newest = 3
    ear.hear(posted(3))
    assert alice.versions == [1]
    await asyncio.sleep(0.4)
    assert archive.asked == [(1, 1)]
    assert alice.versions == [1, 3]
    ear.hear(posted(4))
    assert alice.versions == [1, 3, 4]


async def test_who_has_the_room_not_open_hears_that_it_moved_once_a_second(ear: Ear) -> None:
    bob = Paper(2)
    ear.admit(bob, {1})
    for version in (1, 2, 3):
        ear.hear(posted(version, mentions=(2,) if version == 3 else ()))
    assert [(frame["posted"], frame["mentions_me"]) for frame in bob.frames] == [(1, False)]
    await asyncio.sleep(1.1)
    assert [(frame["posted"], frame["mentions_me"]) for frame in bob.frames] == [(1, False), (2, True)]


async def test_ones_own_message_does_not_count_as_new(ear: Ear) -> None:
    bob = Paper(2)
    ear.admit(bob, {1})
    ear.hear(posted(1, author=2))
    assert [frame["posted"] for frame in bob.frames] == [0]


async def test_another_groups_member_hears_nothing(ear: Ear) -> None:
    charlie = Paper(3)
    ear.admit(charlie, {2})
    reader(ear)
    ear.hear(posted(1))
    assert charlie.frames == []


async def test_who_loses_access_hears_nothing_more_of_what_was_under_way(ear: Ear) -> None:
    papers = [reader(ear, member) for member in range(1, 900)]
    ear.hear(posted(1))  # Some hundreds are written at once, the rest in the loop's next turns.
    ear.hear(Envelope(to="access", origin="", member=899, group=1, began=False))
    await asyncio.sleep(0.05)
    assert [frame["kind"] for frame in papers[-1].frames] == ["access.ended"]
    assert papers[-2].versions == [1]


async def test_of_more_than_ten_sockets_the_oldest_closes(ear: Ear) -> None:
    tabs = [reader(ear) for _ in range(11)]
    assert [tab.closed for tab in tabs] == [4010] + [0] * 10


async def test_the_end_of_a_session_closes_its_sockets_alone(ear: Ear) -> None:
    here, elsewhere = Paper(1, "here"), Paper(1, "elsewhere")
    ear.admit(here, {1})
    ear.admit(elsewhere, {1})
    ear.hear(Envelope(to="session", origin="", member=1, session="here"))
    assert (here.closed, elsewhere.closed) == (4001, 0)


async def test_nothing_is_remembered_of_who_went(ear: Ear) -> None:
    alice = reader(ear)
    ear.dismiss(alice)
    assert not any((ear.listeners, ear.by_member, ear.by_group, ear.by_room, ear.heads, ear.early, ear.group_of))


@pytest.mark.parametrize("length", [1, 125, 126, 65535, 65536])
def test_a_frame_on_the_wire_has_the_header_of_its_length(length: int) -> None:
    raw = Frame("x" * length).websocket_bytes
    header = {1: b"\x81\x01", 125: b"\x81\x7d", 126: b"\x81\x7e\x00\x7e", 65535: b"\x81\x7e\xff\xff"}
    assert raw.startswith(header.get(length, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"))
    assert raw.endswith(b"x" * length)
