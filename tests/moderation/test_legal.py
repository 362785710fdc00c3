"""A legal hold: begun and ended by two, told to nobody, and stronger than everything that destroys."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatserver.jobs import work_once
from events.catalogue import Because
from members.erasure import ask_to_be_erased, erase_due, finish_erasures
from members.models import Erasure, Member
from members.permissions import may_agree_by_law
from members.refusals import BadRequest, NotAllowed, NotHere, Refused
from moderation import legal
from moderation.hidden import remove_long_hidden
from moderation.home import piles_for
from moderation.models import Decision, LegalHold
from notifications.models import Notice
from rooms.actions.files import sweep_files
from rooms.actions.groups import leave_group
from rooms.actions.moderating import hide_message, take_down_message
from rooms.actions.retention import ROWS_KEPT, clear_old_messages, forget_cleared
from rooms.actions.waiting import ANSWERED_KEPT, forget_answered, take_back_held
from rooms.files.storage import files_storage
from rooms.models import File, HeldPost, Membership, Message, Room, SetAside, WorkingGroup
from rooms.preserving import destroy_set_aside
from tests.cast import Cast, person
from tests.moderation.destroyers import destroyers
from tests.moderation.test_pages import asks, reads
from tests.speaking import brings, edits, posts, removes

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "legal-hold.md").read_text(encoding="utf-8")
BECAUSE = Because(by=None, role="moderator", ground="other", reason="Why")
SOUP, BROTH = "Soup with leeks", "Soup without leeks"


@pytest.fixture
def ada(cast: Cast) -> Member:
    return person("ada", role=Member.Role.ADMINISTRATOR)


@pytest.fixture
def carl(cast: Cast) -> Member:
    return person("carl", role=Member.Role.ADMINISTRATOR)


def held(ada: Member, carl: Member, who: str, kind: str = "member") -> LegalHold:
    return legal.agree_to_hold(carl, legal.ask_for_hold(ada, kind, who, "The inquiry of May").pk)


def ended(ada: Member, carl: Member, hold: LegalHold) -> None:
    legal.agree_to_end(ada, legal.ask_to_end(carl, hold.pk).pk)


def kept() -> list[str]:
    return sorted(SetAside.objects.values_list("text", flat=True))


# --- Two people ---


def test_one_asks_and_another_agrees_to_begin_it_and_to_end_it(cast: Cast, ada: Member, carl: Member) -> None:
    hold = legal.ask_for_hold(ada, "member", "@alice", "The inquiry of May")
    assert not Member.objects.get(pk=cast.alice.pk).preserved_at
    with pytest.raises(NotAllowed):
        legal.agree_to_hold(ada, hold.pk)
    assert not Member.objects.get(pk=cast.alice.pk).preserved_at
    legal.agree_to_hold(carl, hold.pk)
    assert Member.objects.get(pk=cast.alice.pk).preserved_at

    legal.ask_to_end(carl, hold.pk)
    with pytest.raises(NotAllowed):
        legal.agree_to_end(carl, hold.pk)
    assert Member.objects.get(pk=cast.alice.pk).preserved_at
    legal.agree_to_end(ada, hold.pk)
    assert not Member.objects.get(pk=cast.alice.pk).preserved_at


def test_not_even_the_database_takes_one_for_two(cast: Cast, ada: Member) -> None:
    for people in ({"agreed_by": ada}, {"state": "ended", "end_asked_by": ada, "closed_by": ada}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LegalHold.objects.create(member=cast.alice, reason="Why", asked_by=ada, **people)


def test_whom_it_concerns_has_no_part_in_it_and_sees_nothing_of_it(cast: Cast, ada: Member, carl: Member) -> None:
    with pytest.raises(NotAllowed):
        legal.ask_for_hold(ada, "member", "ada", "Me")
    hold = legal.ask_for_hold(ada, "member", "carl", "The inquiry of May")
    for step in legal.STEPS.values():
        with pytest.raises(NotHere):
            step(carl, hold.pk)
    assert may_agree_by_law(carl, ada.pk, carl.pk, timezone.now())
    assert "inquiry of May" not in reads(carl, "/moderation/legal-holds/")
    assert [pile.words for pile in piles_for(carl)] == []
    assert mail.outbox == []  # There is no other administrator yet.


def test_a_step_that_somebody_else_has_taken_meanwhile_is_not_taken_again(
    cast: Cast, ada: Member, carl: Member
) -> None:
    hold = held(ada, carl, "alice")
    for step in ("agree", "decline", "agree-to-end", "go-on"):
        with pytest.raises(NotAllowed, match="meanwhile"):
            legal.STEPS[step](carl, hold.pk)
    legal.ask_to_end(carl, hold.pk)
    legal.go_on(ada, hold.pk)
    assert Member.objects.get(pk=cast.alice.pk).preserved_at
    declined = legal.decline_hold(carl, legal.ask_for_hold(ada, "group", "workshop", "The same").pk)
    assert (declined.state, WorkingGroup.objects.get().preserved_at) == ("declined", None)


def test_what_is_asked_for_is_checked(cast: Cast, ada: Member, carl: Member) -> None:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    held(ada, carl, "Workshop", "group")
    for kind, who, reason, field in (
        ("member", "nobody", "Why", "who"),
        ("group", "Garden", "Why", "who"),
        ("group", "Workshop", "Again", "who"),
        ("member", "alice", " ", "reason"),
        ("room", "Supper", "Why", "kind"),
    ):
        with pytest.raises(BadRequest) as refused:
            legal.ask_for_hold(ada, kind, who, reason)
        assert refused.value.field == field
    with pytest.raises(Refused):
        legal.ask_for_hold(ada, "member", "alice", "About NHS number 943 476 5919")
    for member in (cast.mo, cast.lena):
        with pytest.raises(NotAllowed):
            legal.ask_for_hold(member, "member", "alice", "Why")


def test_every_step_stands_in_the_record_and_tells_nobody_whom_it_is_about(
    cast: Cast, ada: Member, carl: Member
) -> None:
    ended(ada, carl, held(ada, carl, "alice"))
    legal.decline_hold(carl, legal.ask_for_hold(ada, "member", "bob", "The claim of June").pk)
    again = held(ada, carl, "bob")
    legal.ask_to_end(ada, again.pk)
    legal.go_on(carl, again.pk)
    acts = ["ask", "hold", "ask_end", "end", "ask", "decline", "ask", "hold", "ask_end", "go_on"]
    decisions = list(Decision.objects.order_by("number"))
    assert [each.act for each in decisions] == [f"legal_{act}" for act in acts]
    assert {(each.role, each.about, each.group) for each in decisions} == {("administrator", None, None)}
    page = reads(cast.mo, "/moderation/decisions/")
    assert "agreed to a legal hold, which began" in page
    for sealed in (page, *(each.sealed for each in decisions)):
        assert not any(words in sealed for words in ("Alice", "alice", "Bob", "inquiry", "claim"))
    assert not Notice.objects.filter(member__in=[cast.alice, cast.bob]).exists()


def test_a_step_that_cannot_be_recorded_does_not_happen(
    cast: Cast, ada: Member, carl: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = legal.ask_for_hold(ada, "member", "alice", "The inquiry of May")

    def fail(*_: Any) -> None:
        raise OSError("The record cannot be written.")

    monkeypatch.setattr("moderation.record.held_head", fail)
    with pytest.raises(OSError, match="cannot be written"):
        legal.agree_to_hold(carl, hold.pk)
    assert not Member.objects.get(pk=cast.alice.pk).preserved_at
    assert LegalHold.objects.get().state == "asked"


@pytest.mark.usefixtures("tasks_at_once")
def test_the_page_leads_through_all_of_it_and_keeps_what_was_typed(cast: Cast, ada: Member, carl: Member) -> None:
    page = "/moderation/legal-holds/"
    typed = {"kind": "member", "who": "alise", "reason": "The inquiry of May"}
    refused = asks(ada, f"{page}ask", typed)
    assert refused.status_code == 400
    assert all(words in refused.content.decode() for words in ("No member has that name", "alise", "inquiry of May"))
    asks(ada, f"{page}ask", typed | {"who": "alice"})
    assert [each.to for each in mail.outbox] == [["carl@example.org"]]
    assert ("Agree: begin it" in reads(ada, page), "Take back" in reads(ada, page)) == (False, True)
    assert "Legal holds to agree to" in reads(carl, "/moderation/")
    hold = LegalHold.objects.get()
    assert "Agree: begin it" in reads(carl, page)
    asks(carl, f"{page}{hold.pk}/agree", {})
    assert asks(carl, f"{page}{hold.pk}/agree", {}).status_code == 403
    assert asks(carl, f"{page}{hold.pk}/nonsense", {}).status_code == 404
    asks(carl, f"{page}{hold.pk}/end", {})
    assert "Legal holds to end" in reads(ada, "/moderation/")
    asks(ada, f"{page}{hold.pk}/agree-to-end", {})
    over = reads(ada, page)
    assert all(words in over for words in ("Nothing is held.", 'What <span dir="auto">Alice', "Ended"))


# --- What destroys, under a hold and after it ---


def of_author(cast: Cast, message: Message) -> None:
    removes(cast.alice, message)


def of_moderator(cast: Cast, message: Message) -> None:
    take_down_message(message.pk, BECAUSE)


def of_thirty_days(cast: Cast, message: Message) -> None:
    hide_message(message.pk, BECAUSE)
    Message.objects.filter(pk=message.pk).update(hidden_at=timezone.now() - timedelta(days=31))
    assert remove_long_hidden() == 1


def of_room(cast: Cast, message: Message) -> None:
    """Also the row, long after."""
    Message.objects.filter(pk=message.pk).update(posted_at=timezone.now() - timedelta(days=400))
    Room.objects.update(keep_months=6, keep_from=timezone.localdate())
    assert clear_old_messages() == 1
    sweep_files()
    forget_cleared(timezone.now() + ROWS_KEPT)
    assert Message.objects.filter(pk=message.pk).exists() is File.objects.exists()


def of_erasure(cast: Cast, message: Message) -> None:
    ask_to_be_erased(cast.alice, messages="remove")
    Erasure.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    erase_due()


@pytest.mark.parametrize("kind", ["member", "group", "nothing"])
@pytest.mark.parametrize("destroy", [of_author, of_moderator, of_thirty_days, of_room, of_erasure])
def test_what_removes_a_message_leaves_its_words_and_files_until_the_hold_ends(
    cast: Cast, ada: Member, carl: Member, destroy: Callable[[Cast, Message], None], kind: str
) -> None:
    message = posts(cast.alice, cast.supper, SOUP, files=[brings(cast.alice, cast.supper, "Recipe.pdf")])
    edits(cast.alice, message, BROTH)
    stored = File.objects.get().stored_name
    hold = held(ada, carl, {"member": "alice", "group": "Workshop"}[kind], kind) if kind != "nothing" else None

    destroy(cast, message)
    sweep_files()

    # Whoever reads sees no difference.
    assert not Message.objects.exclude(text="").exists()
    assert SOUP not in reads(cast.bob, f"/rooms/{cast.supper.pk}/")
    assert not File.objects.exclude(name="", discarded_at__isnull=False).exists()
    if hold:
        assert {SOUP, BROTH, "Recipe.pdf"} <= set(kept())
        assert files_storage().exists(stored)
        assert destroy_set_aside() == 0
        ended(ada, carl, hold)
        work_once()
    assert (kept(), File.objects.exists(), files_storage().exists(stored)) == ([], False, False)


def waiting(cast: Cast, text: str) -> HeldPost:
    return HeldPost.objects.create(room=cast.supper, author=cast.alice, client_id=uuid4(), text=text, code="held")


def test_posts_that_waited_are_kept_too(cast: Cast, ada: Member, carl: Member) -> None:
    hold = held(ada, carl, "alice")
    take_back_held(cast.alice, waiting(cast, "Taken back").pk)
    waiting(cast, "Declined")
    HeldPost.objects.update(answered_at=timezone.now() - ANSWERED_KEPT - timedelta(days=1))
    waiting(cast, "Still waiting")
    forget_answered()
    of_erasure(cast, Message())
    assert HeldPost.objects.count() == 0
    assert {"Taken back", "Declined", "Still waiting"} <= set(kept())
    ended(ada, carl, hold)
    work_once()
    assert kept() == []


def test_who_belonged_is_kept_and_so_is_as_what_they_wrote_it(cast: Cast, ada: Member, carl: Member) -> None:
    held(ada, carl, "Workshop", "group")
    posts(cast.alice, cast.supper, "@bob Soup")
    leave_group(cast.bob, cast.workshop.pk)
    assert (Membership.objects.filter(member=cast.bob).exists(), kept()) == (False, ["Member"])
    ask_to_be_erased(cast.alice, messages="keep")
    Erasure.objects.update(due_at=timezone.now())
    erase_due()
    assert Message.objects.get().text == "@bob Soup"
    assert kept() == ["Diabetes specialist midwife · St Example's", "Member", "Member"]


def test_the_words_of_others_are_kept_as_they_were_before_a_handle_in_them_was_replaced(
    cast: Cast, ada: Member, carl: Member
) -> None:
    held(ada, carl, "bob")
    posts(cast.bob, cast.supper, "@alice cannot cook")
    of_erasure(cast, Message())
    assert (Message.objects.get().text, kept()) == ("@former-member cannot cook", ["@alice cannot cook"])


def test_what_no_hold_covers_goes_as_ever(cast: Cast, ada: Member, carl: Member) -> None:
    both = held(ada, carl, "alice"), held(ada, carl, "Workshop", "group")
    garden = WorkingGroup.objects.create(name="Garden", slug="garden")
    shed = Room.objects.create(group=garden, name="Shed")
    Membership.objects.create(member=cast.bob, group=garden)
    removes(cast.bob, posts(cast.bob, shed, "Not this"))
    removes(cast.alice, posts(cast.alice, cast.supper, "This"))
    assert kept() == ["This"]
    # Another hold covers it still.
    ended(ada, carl, both[0])
    assert (destroy_set_aside(), kept()) == (0, ["This"])
    ended(ada, carl, both[1])
    assert (destroy_set_aside(), kept()) == (1, [])


# --- Being erased meanwhile ---


@pytest.mark.usefixtures("tasks_at_once")
@pytest.mark.parametrize("kind", ["member", "group"])
def test_who_is_erased_is_told_what_is_kept_and_when_it_has_gone(
    cast: Cast, ada: Member, carl: Member, kind: str
) -> None:
    hold = held(ada, carl, {"member": "alice", "group": "Workshop"}[kind], kind)
    posts(cast.alice, cast.supper, SOUP)
    mail.outbox.clear()
    of_erasure(cast, Message())
    asked, told = mail.outbox
    assert "law" not in str(asked.body)
    assert "kept because the law requires it" in str(told.body)
    assert SOUP in kept()
    left = Member.objects.get(pk=cast.alice.pk)
    assert (left.display_name, left.email) == ("Former member", f"former-{left.pk}@erased.invalid")
    assert Erasure.objects.values_list("kept_name", "kept_address").get() == ("Alice", "alice@example.org")
    finish_erasures()
    assert len(mail.outbox) == 2

    ended(ada, carl, hold)
    work_once()
    finish_erasures()
    assert [(each.to, each.subject) for each in mail.outbox if each.to == ["alice@example.org"]][2:] == [
        (["alice@example.org"], "The rest has gone too")
    ]
    assert (kept(), Erasure.objects.values_list("kept_name", "kept_address").get()) == ([], ("", ""))


@pytest.mark.usefixtures("tasks_at_once")
def test_who_is_erased_without_a_hold_leaves_neither_name_nor_address(cast: Cast) -> None:
    of_erasure(cast, Message())
    assert Erasure.objects.values_list("kept_name", "kept_address").get() == ("", "")
    assert "last letter" in str(mail.outbox[-1].body)


# --- Nothing is forgotten ---


def test_every_place_that_destroys_has_its_row() -> None:
    listed = {
        name
        for line in PAGE.splitlines()
        if line.startswith("| `")
        for name in line.split("|")[1].replace("`", "").replace(" ", "").split(",")
    }
    floors = tuple(name.removesuffix("*") for name in listed if name.endswith(".*"))
    found = {name for name in destroyers() if not name.startswith(floors)}
    assert found == {name for name in listed if not name.endswith(".*")}
    assert len(destroyers()) > len(found)


# --- Handing it over ---


def handed_over(hold: LegalHold) -> list[tuple[str, str, bool]]:
    out = StringIO()
    call_command("legal_hold", str(hold.pk), stdout=out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    return [(row["what"], row["text"], row["stands"]) for row in rows]


def test_all_that_a_hold_covers_can_be_handed_over_and_nothing_else(cast: Cast, ada: Member, carl: Member) -> None:
    posts(cast.bob, cast.supper, "Salad")
    message = posts(cast.alice, cast.supper, SOUP)
    with pytest.raises(CommandError, match="no legal hold in force"):
        call_command("legal_hold", str(legal.ask_for_hold(ada, "group", "Workshop", "The inquiry of May").pk))
    hold = held(ada, carl, "@alice")
    edits(cast.alice, message, BROTH)
    assert handed_over(hold) == [("wording", SOUP, True), ("message", BROTH, True)]
    brought = brings(cast.alice, cast.supper, "Menu.pdf")
    posts(cast.alice, cast.supper, "", files=[brought])
    removes(cast.alice, message)
    assert handed_over(hold) == [("file", "Menu.pdf", True), ("message", BROTH, False), ("wording", SOUP, False)]
    ended(ada, carl, hold)
    with pytest.raises(CommandError, match="no legal hold in force"):
        handed_over(hold)
