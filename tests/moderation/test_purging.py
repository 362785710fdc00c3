"""A purge reaches every place that can hold a message's words, and goes on where it was cut off."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.cache import caches
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db.models import BinaryField, CharField, JSONField, TextField
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from chatserver import env
from members import copies, purging
from members.copies import ask_for_copy, make_waiting_copies
from members.mail import send_soon
from members.models import DataCopy
from members.traces import holds, resembles, traces_of
from moderation.actions import Subject, add_note, file_report
from moderation.models import Case, Decision, PurgeStep, Slip
from moderation.slips.flagging import flag_patient
from moderation.slips.purging import carry_on, carry_on_purges
from moderation.slips.settling import purge_flagged
from notifications.models import Notice
from rooms.actions.messages import set_reaction
from rooms.catch_up import changes_since
from rooms.commands import SetReaction
from rooms.files.storage import files_storage
from rooms.models import File, HeldPost, Message, Room, SetAside, WorkingGroup
from rooms.purging import without_quotations
from tests import samples
from tests.cast import Cast
from tests.moderation.test_slips import kinds
from tests.rooms.test_pages import browser, text_of
from tests.speaking import brings, edits, posts, removes

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "patient-slip.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
THIRD_PARTY = {"auth", "contenttypes", "account", "mfa", "socialaccount"}
NEEDLE = "Smithson"
WORDS = f"Jane {NEEDLE} of 3 Mill Lane comes at 34 weeks on Friday"


def columns() -> set[str]:
    """Every column that can hold somebody's words: `rooms.Message.text`."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TextField | CharField | JSONField | BinaryField)
        and not field.choices
        and model._meta.app_label not in THIRD_PARTY
    }


def test_every_column_of_words_has_its_row_and_every_row_its_column() -> None:
    listed = [
        f"{place.split('`')[1]}.{name.strip()}"
        for place, _ in ROWS
        if "`:" in place
        for name in place.split(":")[1].split(",")
    ]
    assert set(listed) == columns()
    assert {place.strip("`") for place, _ in ROWS if place.startswith("`auth`")} == {
        "auth`, `contenttypes`, `account`, `mfa`, `socialaccount"
    }


def test_every_purger_is_in_a_row_and_every_purger_in_a_row_is_called() -> None:
    called = [*site.PURGED_AT_ONCE, *site.PURGED_AFTER]
    assert all(callable(import_string(name)) for name in called)
    named = {part for part in PAGE.split("`") if ".purge_" in part}
    assert named == set(called)


def test_every_place_where_bytes_lie_has_its_row() -> None:
    places = {f'STORAGES["{name}"]' for name in site.STORAGES} | {f'CACHES["{name}"]' for name in site.CACHES}
    places |= {name for name in dir(site) if name.endswith("_FOLDER")} | {"LOGGING"}
    assert {place.strip("`") for place, _ in ROWS if "`:" not in place and not place.startswith("`auth`")} == places


# --- Traces ---


def test_words_are_found_again_without_being_kept() -> None:
    traces = traces_of(WORDS, "Jane scan.png")
    assert NEEDLE.lower() not in json.dumps(sorted(traces)).lower()
    for text in (
        f"Hi,\n> *{WORDS.upper()}*",
        f"<p>Jane <b>{NEEDLE}</b> of 3<br>Mill Lane comes",
        "look: JANE, scan.png",
    ):
        assert resembles(traces, text), text
    assert holds(traces, f"> {WORDS}")
    for text in ("", "Mill Lane is closed", "Jane comes", f"{NEEDLE} has a recipe for soup"):
        assert not resembles(traces, text), text
    assert not holds(traces, "Somebody comes at 34 weeks")
    assert traces_of("Thanks") == frozenset()
    assert not holds(frozenset(), "Anything")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"> {WORDS}\n\nPoor thing", "Poor thing"),
        (f"Yes\n> Jane {NEEDLE} of 3\n> Mill Lane\n\nand\n> Soup\n\nNo", "Yes\n\nand\n> Soup\n\nNo"),
        (f"She means {WORDS}", ""),
        ("> Soup is ready\n\nIt comes at 34 weeks", "> Soup is ready\n\nIt comes at 34 weeks"),
    ],
)
def test_a_quotation_goes_and_the_words_around_it_stay(text: str, left: str) -> None:
    assert without_quotations(text, traces_of(WORDS)) == left


# --- Everywhere ---


@pytest.fixture
def everywhere(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Message:
    """Alice named a patient, and the words lie wherever they can lie."""
    settings.MAIL_FOLDER = tmp_path / "mail"
    settings.COPIES_FOLDER = tmp_path / "copies"
    settings.MAILERS = {"default": env.mailer("NO_SUCH_VARIABLE", kept_in=settings.MAIL_FOLDER)}
    settings.STORAGES = {**site.STORAGES, "files": env.files_storage("NO_SUCH_VARIABLE", folder=tmp_path / "files")}
    picture = brings(cast.alice, cast.supper, f"Jane {NEEDLE} scan.png", samples.picture())
    said = posts(cast.alice, cast.supper, f"@bob {WORDS}, born in May", files=[picture])
    edits(cast.alice, said, f"@bob {WORDS}")
    File.objects.update(description=f"The scan of Jane {NEEDLE} at Mill Lane")
    set_reaction(cast.lena, SetReaction(said.pk, "thanks", on=True))
    posts(cast.bob, cast.supper, "Oh", reply_to=said.pk)
    quoting = posts(cast.lena, cast.supper, f"> {WORDS}\n\nPoor thing")
    edits(cast.lena, quoting, f"> {WORDS}\n\nPoor her")
    file_report(cast.lena, Subject("message", said.pk), "private", f"She wrote that {WORDS}")
    case = file_report(cast.lena, Subject("member", cast.alice.pk), "other", f"Again: {WORDS}").case
    add_note(cast.mo, case.pk, f"It said {WORDS}")
    HeldPost.objects.create(room=cast.supper, author=cast.alice, client_id=uuid4(), text=f"Again: {WORDS}")
    for member in (cast.alice, cast.lena):
        ask_for_copy(member)
    make_waiting_copies()
    send_soon("lena@example.org", "Soup", "not_posted", why="Too long", words=WORDS, about="", left=[])
    send_soon("lena@example.org", "Soup", "not_posted", why="Too long", words="Leeks and potatoes", about="", left=[])
    for words in (f"Alice writes:\n{WORDS}", "Somebody comes at 34 weeks"):
        EmailMultiAlternatives("A letter", words, "us@example.org", ["bob@example.org"]).send()
    changes_since(Room.objects.get(pk=cast.supper.pk), 0, 0)
    said.refresh_from_db()
    return said


def lying_about(folder: Path) -> list[str]:
    """Where the words still are: tables by their columns, files by their names, and what is remembered."""
    found = []
    for model in apps.get_models():
        for row in model._default_manager.values():
            found += [f"{model._meta.label}.{name}" for name, value in row.items() if NEEDLE in str(value)]
    found += [str(file) for file in folder.rglob("*") if file.is_file() and NEEDLE.encode() in file.read_bytes()]
    found += [str(file) for file in folder.rglob("*.zip")]
    in_memory: Any = caches["catch_up"]
    found += ["cache"] if NEEDLE in str(list(in_memory._cache.values())) else []
    return found


def purged(cast: Cast, message: Message) -> Slip:
    """Bob flags it; Mo has it purged, with what repeats it."""
    slip = flag_patient(cast.bob, message.pk)
    page = text_of(browser(cast.mo), f"/patient-slips/{slip.pk}/")
    others = [each.pk for each in Message.objects.exclude(pk=message.pk) if f'name="quoting" value="{each.pk}"' in page]
    assert len(others) == 1
    browser(cast.mo).post(f"/patient-slips/{slip.pk}/purge", {"quoting": others})
    slip.refresh_from_db()
    return slip


def test_after_a_purge_the_words_are_nowhere(cast: Cast, everywhere: Message, tmp_path: Path) -> None:
    before = lying_about(tmp_path)
    assert {place.rpartition("/")[0] or place for place in before} >= {
        *(
            "rooms.Message.text",
            "rooms.Message.html",
            "rooms.Revision.text",
            "rooms.File.name",
            "rooms.File.description",
        ),
        *("moderation.Report.words", "moderation.Report.quoted", "moderation.Entry.words"),
        *(str(tmp_path / "mail"), str(tmp_path / "copies")),
    }
    stored = File.objects.get().stored_names
    slip = purged(cast, everywhere)
    assert slip.state == "purging"
    everywhere.refresh_from_db()
    assert (everywhere.text, everywhere.html, everywhere.revisions.count()) == ("", "", 0)
    carry_on_purges()

    slip.refresh_from_db()
    assert (slip.state, slip.traces, slip.stored) == ("purged", [], [])
    assert lying_about(tmp_path) == []
    assert not any(files_storage().exists(name) for name in stored)
    assert not Notice.objects.filter(message=everywhere).exists()
    # What is of others stays.
    assert Message.objects.filter(text="Poor her").exists()
    assert len(list((tmp_path / "mail").iterdir())) == 1
    assert DBTaskResult.objects.filter(task_path__endswith="deliver_letter").count() == 3
    make_waiting_copies()
    assert DataCopy.objects.exclude(ready_at=None).count() == 2


def test_a_legal_hold_keeps_nothing_that_names_a_patient(cast: Cast, everywhere: Message, tmp_path: Path) -> None:
    WorkingGroup.objects.update(preserved_at=timezone.now())
    removes(cast.bob, posts(cast.bob, cast.supper, f"Is it true that {WORDS}?"))
    removes(cast.bob, posts(cast.bob, cast.supper, "Never mind"))
    assert SetAside.objects.count() == 2
    stored = File.objects.get().stored_names
    purged(cast, everywhere)
    carry_on_purges()
    assert lying_about(tmp_path) == []
    assert not any(files_storage().exists(name) for name in stored)
    assert [each.text for each in SetAside.objects.all()] == ["Never mind"]


def test_the_receipt_says_what_was_removed_where_and_never_the_words(cast: Cast, everywhere: Message) -> None:
    slip = purged(cast, everywhere)
    half = text_of(browser(cast.mo), f"/patient-slips/{slip.pk}/receipt.txt")
    assert "Still to be done: purge kept mail" in half
    carry_on_purges()
    receipt = text_of(browser(cast.mo), f"/patient-slips/{slip.pk}/receipt.txt")
    counts = {line.split(": ")[0]: line.split(": ")[1].split(",")[0] for line in receipt.splitlines() if ": " in line}
    expected = {
        "The message": "1",
        "Earlier wordings": "1",
        "Files, with their names and descriptions": "1",
        "Stored files and small pictures": "2",
        "Notices of it": "1",
        "Quotations in other messages": "1",
        "Copies of their data that members had asked for": "2",
        "Letters and other work in the queue": "1",
        "Kept mail": "1",
    }
    assert {place: counts.get(place) for place in expected} == expected
    assert all(each.seal in receipt for each in Decision.objects.filter(case=slip.case))
    assert "a guardian removed what could tell who a patient is" in receipt
    assert (NEEDLE in receipt, "Alice" in receipt) == (False, False)
    assert kinds(cast.lena)[-1] == "decision"


def test_a_purge_that_is_cut_off_goes_on_where_it_was(
    cast: Cast, everywhere: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = purged(cast, everywhere)
    true, dying = purging.purger_called, ""

    def die(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("moderation.slips.purging.purger_called", lambda asked: die if asked == dying else true(asked))
    done = finished()
    for dying in site.PURGED_AFTER:
        with pytest.raises(KeyboardInterrupt):
            carry_on.call(slip.pk)
        assert [name for name, _ in finished()] == [*site.PURGED_AT_ONCE, *site.PURGED_AFTER][: len(finished())]
        assert (finished()[: len(done)], Slip.objects.get().state) == (done, "purging"), dying
        done = finished()
    dying = ""
    carry_on.call(slip.pk)
    carry_on.call(slip.pk)
    assert finished()[:-1] == done
    assert (lying_about(tmp_path), Slip.objects.get().state) == ([], "purged")


def test_a_place_that_is_away_holds_up_no_other(
    cast: Cast, everywhere: Message, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    slip = purged(cast, everywhere)

    def away(names: object) -> None:
        raise OSError(f"No bucket for Jane {NEEDLE}")

    with monkeypatch.context() as broken:
        broken.setattr("rooms.files.storage.remove", away)
        carry_on_purges()
    assert [step.purger for step in PurgeStep.objects.filter(done_at=None)] == ["rooms.purging.purge_files"]
    assert f"slip {slip.pk} is not finished: OSError" in caplog.text
    assert NEEDLE not in caplog.text
    carry_on_purges()
    assert Slip.objects.get().state == "purged"


def finished() -> list[tuple[str, Any]]:
    """The steps that are done, and when."""
    return list(PurgeStep.objects.exclude(done_at=None).order_by("pk").values_list("purger", "done_at"))


def test_what_dies_in_the_first_transaction_purges_nothing(
    cast: Cast, everywhere: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = flag_patient(cast.bob, everywhere.pk)
    monkeypatch.setattr("moderation.slips.purging.carry_on", None)
    with pytest.raises(AttributeError):
        purge_flagged(cast.mo, slip.pk)
    everywhere.refresh_from_db()
    assert (everywhere.text != "", Slip.objects.get().state, PurgeStep.objects.count()) == (True, "open", 0)


def test_a_purge_leaves_a_task_behind(cast: Cast, everywhere: Message) -> None:
    slip = purged(cast, everywhere)
    task = DBTaskResult.objects.get(task_path__endswith="carry_on")
    assert task.args_kwargs["args"] == [slip.pk]


def test_a_copy_that_is_being_made_while_its_words_go_is_thrown_away(
    cast: Cast, everywhere: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    DataCopy.objects.all().delete()
    for file in (tmp_path / "copies").iterdir():
        file.unlink()
    ask_for_copy(cast.alice)
    slip = flag_patient(cast.bob, everywhere.pk)
    true_write = copies.write

    def write_and_purge(copy: DataCopy, file: Any) -> None:
        true_write(copy, file)
        if not Slip.objects.exclude(state="open").exists():
            purge_flagged(cast.mo, slip.pk)
            carry_on_purges()
            # This system lets a file go while it is written.
            file_at = next((tmp_path / "copies").glob("*.draft"), None) or Path(file.name)
            file_at.touch()

    monkeypatch.setattr(copies, "write", write_and_purge)
    make_waiting_copies()
    [made] = (tmp_path / "copies").iterdir()
    assert made == copies.path_of(DataCopy.objects.get())


def test_a_message_that_its_room_has_forgotten_is_purged_of_what_is_left(cast: Cast, everywhere: Message) -> None:
    slip = flag_patient(cast.bob, everywhere.pk)
    Notice.objects.all().delete()
    File.objects.all().delete()
    everywhere.delete()
    purge_flagged(cast.mo, slip.pk)
    carry_on_purges()
    assert Slip.objects.get().state == "purged"
    assert not Case.objects.get(pk=slip.case_id).reports.filter(words__contains=NEEDLE).exists()


def test_the_record_of_a_purge_names_roles_and_each_author_who_lost_words(cast: Cast, everywhere: Message) -> None:
    purged(cast, everywhere)
    carry_on_purges()
    acts = list(Decision.objects.order_by("number").values_list("act", "role", "about"))
    assert acts == [
        ("hide", "member", cast.alice.pk),
        ("purge", "guardian", cast.alice.pk),
        ("purge", "guardian", cast.lena.pk),
    ]
    call_command("verify_record")
