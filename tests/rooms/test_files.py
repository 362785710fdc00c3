"""Files: brought, posted, fetched and gone, through the doors that browsers use."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from members.limits import Allowance, Limits
from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere, TooFast, TryAgain
from rooms.actions import files
from rooms.actions.files import sweep_files
from rooms.actions.groups import leave_group
from rooms.actions.rooms import lock_room
from rooms.doors import carry_out
from rooms.files.storage import files_storage
from rooms.models import File, Membership, Message, Room
from tests import samples
from tests.cast import Cast
from tests.rooms.test_closed_history import FROM_JOINING, choose, join
from tests.rooms.test_pages import browser, text_of
from tests.speaking import brings, edits, posts, removes

LATER = timedelta(days=3)


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    """Each test has a storage of its own."""
    own = {**settings.STORAGES["files"], "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "files": own}


def stored() -> list[Path]:
    """What lies in the storage."""
    return [path for path in Path(files_storage().path("")).rglob("*") if path.is_file()]


def sends(
    client: Client,
    room: Room,
    name: str = "Report.pdf",
    content: bytes = samples.PDF,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """A file, as the composer sends it."""
    headers = {"X-File-Name": quote(name), **(headers or {})}
    return client.post(f"/rooms/{room.pk}/files", content, content_type="application/octet-stream", headers=headers)


def post_frame(room: Room, *wanted: object, text: str = "") -> dict[str, Any]:
    return {
        "kind": "message.post",
        "client_id": str(uuid4()),
        "room": room.pk,
        "text": text,
        "files": list(wanted),
        "answered": ["picture_of_somebody"],
    }


def body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer)


def opens(member: Member | None, file: File, small: str = "") -> int:
    """What somebody's browser hears at the file's address."""
    answer = browser(member).get(f"/files/{file.pk}/{small}")
    body(answer)
    return int(answer.status_code)


# Bringing and posting -----------------------------------------------------------------------------------------------------


def test_a_document_is_brought_posted_and_fetched_as_it_was(cast: Cast) -> None:
    content = samples.document("docx")
    answer = sends(browser(cast.alice), cast.supper, "Job description.docx", content).json()
    assert (answer["name"], answer["picture"]) == ("Job description.docx", None)
    assert answer["about"].startswith("Word document, ")
    carry_out(cast.alice, post_frame(cast.supper, {"id": answer["id"]}))
    page = text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")
    assert f'<a class="document" href="/files/{answer["id"]}/" download>' in page
    assert body(browser(cast.bob).get(f"/files/{answer['id']}/")) == content


def test_a_picture_is_shown_small_with_its_size_and_its_description(cast: Cast) -> None:
    photo = brings(cast.alice, cast.supper, "Pump.png", samples.picture(size=(1360, 680)))
    carry_out(cast.alice, post_frame(cast.supper, {"id": photo.pk, "description": "A pump <b>beside</b> a phone"}))
    page = text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")
    assert (
        f'src="/files/{photo.pk}/small" width="340" height="170" alt="A pump &lt;b&gt;beside&lt;/b&gt; a phone"' in page
    )
    small = browser(cast.bob).get(f"/files/{photo.pk}/small")
    with samples.opened(body(small)) as picture:
        assert (small.headers["Content-Type"], picture.size) == ("image/webp", (640, 320))


def test_sent_again_a_message_with_files_is_the_first_one(cast: Cast) -> None:
    report = brings(cast.alice, cast.supper)
    command = post_frame(cast.supper, {"id": report.pk})
    first, again = carry_out(cast.alice, command), carry_out(cast.alice, command)
    assert first == again
    assert list(Message.objects.get().files.all()) == [report]


def test_a_message_needs_words_or_files(cast: Cast) -> None:
    with pytest.raises(BadRequest, match="no words"):
        carry_out(cast.alice, post_frame(cast.supper))


@pytest.mark.parametrize("wanted", ["7", [7], [{"id": "7"}], [{"id": True}], [{}], [{"id": 1, "description": 5}]])
def test_files_are_a_list_of_ids_with_descriptions(cast: Cast, wanted: object) -> None:
    with pytest.raises(BadRequest):
        carry_out(cast.alice, {**post_frame(cast.supper, text="x"), "files": wanted})


def test_only_so_many_files_come_with_a_message(cast: Cast, settings: Settings) -> None:
    settings.FILES_A_MESSAGE = 1
    two = [{"id": brings(cast.alice, cast.supper).pk} for _ in range(2)]
    with pytest.raises(BadRequest, match="at most 1"):
        carry_out(cast.alice, post_frame(cast.supper, *two))


def test_nobody_posts_a_file_that_is_not_theirs_of_this_room_and_new(cast: Cast) -> None:
    other = Room.objects.create(group=cast.workshop, name="Breakfast", opened_by=cast.alice)
    posted = brings(cast.alice, cast.supper)
    posts(cast.alice, cast.supper, "Mine", files=[posted])
    for file in (brings(cast.bob, cast.supper), brings(cast.alice, other), posted):
        with pytest.raises(BadRequest) as refused:
            posts(cast.alice, cast.supper, "With it", files=[brings(cast.alice, cast.supper), file])
        assert refused.value.code == "file_gone"
    assert Message.objects.count() == 1
    assert File.objects.filter(message__isnull=False).count() == 1


def test_an_edit_keeps_the_files(cast: Cast) -> None:
    report = brings(cast.alice, cast.supper)
    message = posts(cast.alice, cast.supper, "Report", files=[report])
    edits(cast.alice, message, "The report")
    assert f"/files/{report.pk}/" in text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")


def test_files_cost_no_query_for_each_message(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        message = posts(cast.alice, cast.supper, f"{number} @bob", files=[brings(cast.alice, cast.supper)])
        carry_out(cast.bob, {"kind": "message.pin", "message": message.pk, "on": True})
    client = browser(cast.bob)
    for address in (f"/rooms/{cast.supper.pk}/", f"/rooms/{cast.supper.pk}/pinned/"):
        with django_assert_max_num_queries(12):
            assert client.get(address).content.count(b"Report.pdf") >= 6


def test_a_message_without_files_costs_nothing_for_them(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(7) as asked:
        posts(cast.alice, cast.supper, "Soup")
    assert not any("rooms_file" in query["sql"] for query in asked.captured_queries)


def test_names_and_descriptions_pass_the_screens(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr("members.screens.screens", lambda: [lambda draft: heard.append(draft.text)])
    report = brings(cast.alice, cast.supper, "../Plan\u202e.pdf")
    carry_out(cast.alice, post_frame(cast.supper, {"id": report.pk, "description": " Of\nthe ward "}, text="Look"))
    assert heard == ["Plan.pdf", "Look\nOf the ward"]


# Who gets in --------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_posted_is_its_uploaders_alone(cast: Cast) -> None:
    photo = brings(cast.alice, cast.supper, "Pump.png", samples.picture())
    for small in ("", "small"):
        assert [opens(who, photo, small) for who in (cast.alice, cast.bob, cast.lena, cast.mo, cast.charlie)] == [
            200, 404, 404, 404, 404,
        ]  # fmt: skip


def test_a_posted_file_is_for_who_may_read_the_room_for_as_long_as_they_may(cast: Cast) -> None:
    photo = brings(cast.alice, cast.supper, "Pump.png", samples.picture())
    posts(cast.alice, cast.supper, "", files=[photo])
    for small in ("", "small"):
        assert [opens(who, photo, small) for who in (cast.alice, cast.bob, cast.charlie, None)] == [200, 200, 404, 302]
    leave_group(cast.bob, cast.workshop.pk)
    leave_group(cast.alice, cast.workshop.pk)
    assert [opens(who, photo) for who in (cast.alice, cast.bob)] == [404, 404]


def test_what_somebody_brought_before_they_left_is_out_of_their_reach(cast: Cast) -> None:
    report = brings(cast.bob, cast.supper)
    leave_group(cast.bob, cast.workshop.pk)
    assert opens(cast.bob, report) == 404


def test_a_file_from_before_they_joined_is_closed_with_its_message(cast: Cast) -> None:
    choose(cast, FROM_JOINING)
    before = brings(cast.alice, cast.supper)
    posts(cast.alice, cast.supper, "", files=[before])
    zoe = join(cast)
    since = brings(cast.alice, cast.supper)
    posts(cast.alice, cast.supper, "", files=[since])
    assert [opens(who, file) for file in (before, since) for who in (cast.bob, zoe)] == [200, 404, 200, 200]


@pytest.mark.parametrize("state", ["removed_at", "hidden_at"])
def test_the_files_of_a_message_that_is_gone_are_nobodys(cast: Cast, state: str) -> None:
    report = brings(cast.alice, cast.supper)
    message = posts(cast.alice, cast.supper, "Report", files=[report])
    assert opens(cast.bob, report) == 200
    Message.objects.filter(pk=message.pk).update(**{state: timezone.now()})
    assert [opens(who, report) for who in (cast.alice, cast.bob, cast.lena, cast.mo)] == [404] * 4
    assert f"/files/{report.pk}/" not in text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")


def test_who_may_not_post_brings_nothing_and_is_told_so_before_anything_is_unpacked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "spooled", lambda content: pytest.fail("It was read."))
    lock_room(cast.lena, cast.supper.pk, on=True)
    Membership.objects.filter(member=cast.mo).update(silenced_until=timezone.now() + LATER)
    for who, refusal in ((cast.charlie, NotHere), (cast.bob, NotAllowed), (cast.mo, NotAllowed)):
        with pytest.raises(refusal):
            brings(who, cast.supper)
    assert not File.objects.exists()


def test_a_stranger_and_a_page_of_somebody_elses_are_answered_in_json(cast: Cast) -> None:
    report = brings(cast.bob, cast.supper)
    left_open = {"X-Member": str(cast.alice.pk)}
    for client in (browser(None), browser(cast.bob)):
        for answer in (
            sends(client, cast.supper, headers=left_open),
            client.post(f"/files/{report.pk}/take-back", headers=left_open),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert File.objects.count() == 1


# How it comes out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "served"),
    [
        ("Rép\"or't.pdf", samples.PDF, ("application/pdf", "attachment; filename*=utf-8''R%C3%A9p%22or%27t.pdf")),
        ("notes.txt", b"Plain", ("text/plain", 'attachment; filename="notes.txt"')),
        ("Pump.gif", samples.picture("GIF"), ("image/png", 'inline; filename="Pump.png"')),
    ],
)
def test_a_file_is_never_a_page_of_ours(cast: Cast, name: str, content: bytes, served: tuple[str, str]) -> None:
    file = brings(cast.alice, cast.supper, name, content)
    answer = browser(cast.alice).get(f"/files/{file.pk}/", headers={"Accept-Encoding": "gzip"})
    body(answer)
    headers = answer.headers
    assert (headers["Content-Type"], headers["Content-Disposition"]) == served
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Content-Length"] == str(file.size)
    assert "Content-Encoding" not in headers


def test_what_a_browser_kept_it_may_show_only_while_it_still_may(cast: Cast) -> None:
    report = brings(cast.alice, cast.supper)
    posts(cast.alice, cast.supper, "", files=[report])
    bob = browser(cast.bob)
    answer = bob.get(f"/files/{report.pk}/")
    body(answer)
    kept = {"If-None-Match": answer.headers["ETag"]}
    assert bob.get(f"/files/{report.pk}/", headers=kept).status_code == 304
    leave_group(cast.bob, cast.workshop.pk)
    assert bob.get(f"/files/{report.pk}/", headers=kept).status_code == 404


def test_nothing_can_be_told_from_where_a_file_lies(cast: Cast) -> None:
    brings(cast.alice, cast.supper, "Ward 7.pdf")
    [path] = stored()
    assert (len(path.name), path.suffix, "ard" in path.name) == (40, "", False)


# How much -----------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused_before_it_is_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "spooled", lambda content: pytest.fail("It was read."))
    monkeypatch.setattr(files, "most_bytes", lambda: 10)
    answer = sends(browser(cast.alice), cast.supper)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_so_much_a_day_and_so_many_a_minute(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOADS_MB_A_DAY = 1
    brings(cast.alice, cast.supper, content=samples.PDF + bytes(2**19))
    with pytest.raises(NotAllowed, match="1 MB within a day"):
        brings(cast.alice, cast.supper, content=samples.PDF + bytes(2**19))
    File.objects.update(uploaded_at=timezone.now() - timedelta(days=1, minutes=1))
    brings(cast.alice, cast.supper, content=samples.PDF + bytes(2**19))
    monkeypatch.setattr(files, "uploading", Limits(Allowance(burst=1, a_minute=1)))
    brings(cast.bob, cast.supper)
    with pytest.raises(TooFast):
        brings(cast.bob, cast.supper)


def test_a_full_disk_takes_nothing_and_leaves_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def is_full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", is_full)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(TryAgain):
        brings(cast.alice, cast.supper)
    assert not File.objects.exists()


# What goes ----------------------------------------------------------------------------------------------------------------


def test_a_removed_message_takes_its_files_along(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = brings(cast.alice, cast.supper, "Pump.png", samples.picture())
    message = posts(cast.alice, cast.supper, "Look", files=[photo, brings(cast.alice, cast.supper)])
    assert len(stored()) == 3
    with django_capture_on_commit_callbacks(execute=True):
        removes(cast.alice, message)
    assert (stored(), File.objects.count()) == ([], 0)


def test_a_server_that_dies_before_it_has_deleted_does_so_later(cast: Cast) -> None:
    report = brings(cast.alice, cast.supper, "Ward 7.pdf")
    removes(cast.alice, posts(cast.alice, cast.supper, "Look", files=[report]))  # Nothing is told after this.
    assert opens(cast.alice, report) == 404
    assert (len(stored()), File.objects.get().name) == (1, "")
    sweep_files()
    assert (stored(), File.objects.count()) == ([], 0)


def test_what_nobody_posted_is_swept_in_time_and_nothing_else(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Kept", files=[brings(cast.alice, cast.supper, "Kept.pdf")])
    brings(cast.alice, cast.supper, "Forgotten.pdf")
    sweep_files()
    assert len(stored()) == 2
    sweep_files(timezone.now() + LATER)
    assert [file.name for file in File.objects.all()] == ["Kept.pdf"]
    assert len(stored()) == 1


def test_a_file_is_taken_back_by_its_uploader_until_it_is_posted(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    report = brings(cast.alice, cast.supper)
    address = f"/files/{report.pk}/take-back"
    assert browser(cast.bob).post(address).json()["code"] == "not_here"
    assert opens(cast.alice, report) == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert browser(cast.alice).post(address).json() == {"kind": "done"}
        assert opens(cast.alice, report) == 404  # At once, before anything is deleted.
    assert stored() == []
    posted = brings(cast.alice, cast.supper)
    posts(cast.alice, cast.supper, "", files=[posted])
    assert browser(cast.alice).post(f"/files/{posted.pk}/take-back").status_code == 404
    assert opens(cast.bob, posted) == 200


# Without JavaScript -------------------------------------------------------------------------------------------------------


def test_the_form_posts_files_with_the_words(cast: Cast) -> None:
    sent = [SimpleUploadedFile("Report.pdf", samples.PDF), SimpleUploadedFile("Pump.png", samples.picture())]
    answer = browser(cast.alice).post(f"/rooms/{cast.supper.pk}/messages", {"text": "Both", "files": sent})
    assert (answer.status_code, "Is this a screen or a person?" in answer.content.decode()) == (409, True)
    again = {"text": "Both", "file": File.objects.values_list("pk", flat=True), "answered": "picture_of_somebody"}
    answer = browser(cast.alice).post(f"/rooms/{cast.supper.pk}/messages", again)
    assert answer.status_code == 302
    assert [file.name for file in Message.objects.get().files.order_by("pk")] == ["Report.pdf", "Pump.png"]


def test_a_form_that_is_refused_keeps_the_words_and_what_came_of_the_files(cast: Cast) -> None:
    alice = browser(cast.alice)
    sent = [SimpleUploadedFile("Report.pdf", samples.PDF), SimpleUploadedFile("evil.html", b"<html>")]
    answer = alice.post(f"/rooms/{cast.supper.pk}/messages", {"text": "Both of them", "files": sent})
    page = answer.content.decode()
    report = File.objects.get()
    assert (answer.status_code, "Both of them" in page, "cannot be shared" in page) == (400, True, True)
    assert f'name="file" value="{report.pk}" checked' in page
    alice.post(f"/rooms/{cast.supper.pk}/messages", {"text": "Both of them", "file": report.pk})
    assert list(Message.objects.get().files.all()) == [report]
