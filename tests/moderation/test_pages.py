"""The pages of moderation, through real doors: reporting, the queue, a case, what the author and the others read."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from chatserver.tasks import do_waiting_tasks
from members.models import Member, RulesVersion
from moderation import outside, showing
from moderation.actions import Order, Subject, decide, file_report, take_case
from moderation.models import Case, Decision, Entry
from rooms.actions.direct import open_direct
from rooms.actions.groups import begin_membership
from rooms.models import Message, WorkingGroup
from tests.cast import Cast, person
from tests.letters import MailServer, words_of
from tests.speaking import brings, edits, posts, session_of

HIDE = {"act": "hide", "ground": "unkind", "reason": "Words that belittle somebody.", "words": "Say it kindly."}


def asks(member: Member | None, address: str, form: Mapping[str, object] | None = None) -> HttpResponse:
    client = Client(headers={"host": "localhost"})
    if member:
        client.cookies["session"] = session_of(member)
    found = client.get(address) if form is None else client.post(address, form)
    assert isinstance(found, HttpResponse)
    return found


def reads(member: Member | None, address: str) -> str:
    found = asks(member, address)
    assert found.status_code == 200, (address, found)
    return " ".join(found.content.decode().split())


@pytest.fixture
def message(cast: Cast) -> Message:
    return posts(cast.alice, cast.supper, "Bob cannot cook")


@pytest.fixture
def case(cast: Cast, message: Message) -> Case:
    return file_report(cast.bob, Subject("message", message.pk), "unkind", "That hurt.").case


def test_from_a_report_to_what_everybody_reads(cast: Cast, message: Message) -> None:
    assert "Bob cannot cook" in reads(cast.bob, f"/messages/{message.pk}/report")
    thanked = asks(cast.bob, f"/messages/{message.pk}/report", {"ground": "unkind", "words": "That hurt."})
    assert b"Thank you" in thanked.content
    case = Case.objects.get()
    assert 'A message by <b dir="auto">Alice</b>' in reads(cast.mo, "/moderation/")
    page = f"/moderation/cases/{case.pk}/"
    for words in ("Bob cannot cook", "That hurt.", "Bob"):
        assert words in reads(cast.mo, page)
    decided = asks(cast.mo, f"{page}decide", {**HIDE, "version": case.version, "step": "do"})
    assert decided.status_code == 302
    room = reads(cast.bob, f"/rooms/{cast.supper.pk}/")
    assert "Bob cannot cook" not in room
    assert "This message is hidden." in room
    number = Decision.objects.get().number
    told = reads(cast.alice, f"/decisions/{number}/")
    for words in ("A moderator hid a message of yours", "Bob cannot cook", "Say it kindly.", HIDE["reason"]):
        assert words in told
    assert "Bob</" not in told
    assert "A moderator acted on it" in reads(cast.bob, "/you/decisions/")


def test_a_report_that_says_nothing_comes_back_with_what_was_typed(cast: Cast, message: Message) -> None:
    answer = asks(cast.bob, f"/messages/{message.pk}/report", {"ground": "", "words": "That hurt."})
    assert answer.status_code == 400
    assert b"That hurt." in answer.content
    assert not Case.objects.exists()


def test_a_member_and_a_room_are_reported_from_their_pages(cast: Cast) -> None:
    assert f"/members/{cast.alice.pk}/report" in reads(cast.bob, f"/members/{cast.alice.pk}/")
    assert f"/rooms/{cast.supper.pk}/report" in reads(cast.bob, f"/rooms/{cast.supper.pk}/about/")
    for address in (f"/members/{cast.alice.pk}/report", f"/rooms/{cast.supper.pk}/report"):
        assert asks(cast.bob, address, {"ground": "other", "words": ""}).status_code == 200
    assert set(Case.objects.values_list("key", flat=True)) == {f"member:{cast.alice.pk}", f"room:{cast.supper.pk}"}
    for case in Case.objects.all():
        reads(cast.mo, f"/moderation/cases/{case.pk}/")


def test_what_is_hidden_is_read_by_its_author_alone(cast: Cast, case: Case) -> None:
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Why"))
    page = f"/decisions/{Decision.objects.get().number}/"
    assert "Bob cannot cook" in reads(cast.alice, page)
    assert "Bob cannot cook" not in reads(cast.mo, page)
    for member in (cast.bob, cast.lena, cast.charlie):
        assert asks(member, page).status_code == 404


def test_why_leads_the_author_to_the_decision_and_the_others_to_the_record(
    cast: Cast, message: Message, case: Case
) -> None:
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Why"))
    why = f"/messages/{message.pk}/why"
    assert asks(cast.alice, why)["Location"] == f"/decisions/{Decision.objects.get().number}/"
    assert asks(cast.bob, why)["Location"] == "/record/"
    assert asks(cast.charlie, why).status_code == 404


def test_a_decision_leads_to_the_house_rules_as_they_stood_then(cast: Cast, case: Case) -> None:
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Why"))
    number = Decision.objects.get().number
    assert 'href="/rules/"' in reads(cast.alice, f"/decisions/{number}/")
    made_at = Decision.objects.get().made_at
    for version, from_at in ((1, made_at - timedelta(days=9)), (2, made_at + timedelta(days=1))):
        RulesVersion.objects.create(number=version, text="Be kind.", why="Why", role="administrator", from_at=from_at)
    page = reads(cast.alice, f"/decisions/{number}/")
    assert ('href="/rules/1/"' in page, 'href="/rules/2/"' in page) == (True, False)


def test_who_looked_at_an_older_case_decides_nothing_and_loses_no_word(cast: Cast, case: Case) -> None:
    ola = person("ola", role="moderator")
    take_case(ola, case.pk, case.version)
    answer = asks(cast.mo, f"/moderation/cases/{case.pk}/decide", {**HIDE, "version": case.version, "step": "do"})
    assert answer.status_code == 409
    for words in (
        b"Somebody else has done something",
        b"Words that belittle somebody.",
        b"Say it kindly.",
        b"Ola has it",
    ):
        assert words in answer.content
    assert not Decision.objects.exists()


def test_a_moderator_sees_first_what_the_person_will_read(cast: Cast, case: Case) -> None:
    answer = asks(cast.mo, f"/moderation/cases/{case.pk}/decide", {**HIDE, "version": case.version, "step": "preview"})
    said = " ".join(answer.content.decode().split())
    assert "A moderator hid a message of yours" in said
    assert not Decision.objects.exists()


@pytest.mark.parametrize("reason", ["Alice belittles people.", "Ask @bob."])
def test_a_reason_that_names_somebody_is_not_put_into_the_record(cast: Cast, case: Case, reason: str) -> None:
    form = {**HIDE, "reason": reason, "version": case.version, "step": "do"}
    answer = asks(cast.mo, f"/moderation/cases/{case.pk}/decide", form)
    assert answer.status_code == 400
    assert b"names somebody" in answer.content
    assert not Decision.objects.exists()


def does(member: Member, case: Case, to: str, **form: object) -> int:
    case.refresh_from_db()
    return asks(member, f"/moderation/cases/{case.pk}/{to}", {"version": case.version, **form}).status_code


def test_the_steps_of_a_case_stand_in_its_history(cast: Cast, case: Case) -> None:
    for step, form in (
        ("take", {}),
        ("priority", {"priority": "2"}),
        ("note", {"note": "I have written to her."}),
        ("release", {}),
        ("close", {"note": "They have made up."}),
        ("open", {}),
    ):
        assert does(cast.mo, case, step, **form) == 302
    kinds = list(case.entries.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["reported", "taken", "priority", "note", "released", "closed", "opened_again"]
    page = reads(cast.mo, f"/moderation/cases/{case.pk}/")
    assert "I have written to her." in page
    assert "They have made up." in page


def test_nothing_is_done_about_a_closed_case_before_it_is_opened_again(cast: Cast, case: Case) -> None:
    assert does(cast.mo, case, "close") == 302
    for step in ("take", "release", "close", "look"):
        assert does(cast.mo, case, step) == 403
    assert does(cast.mo, case, "decide", **HIDE, step="do") == 403
    assert not Decision.objects.exists()


def test_what_was_edited_stands_beside_what_was_reported(cast: Cast, message: Message, case: Case) -> None:
    edits(cast.alice, message, "Bob cooks well")
    page = reads(cast.mo, f"/moderation/cases/{case.pk}/")
    assert "Bob cannot cook" in page
    assert "Bob cooks well" in page


def test_what_was_said_around_it_is_for_who_has_the_case_in_hand_and_that_they_looked_is_written_down(
    cast: Cast,
) -> None:
    outside_moderator = person("ola", role="moderator")
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    said = [posts(cast.bob, cast.supper, f"Number {number}.") for number in range(13)]
    case = file_report(cast.bob, Subject("message", said[6].pk), "other").case
    page = f"/moderation/cases/{case.pk}/"
    assert "Number 5." not in reads(outside_moderator, page)
    assert does(outside_moderator, case, "look") == 403
    assert does(outside_moderator, case, "take") == 302
    assert "Number 5." not in reads(outside_moderator, page)
    assert does(outside_moderator, case, "look") == 302
    shown = reads(outside_moderator, page)
    assert [number for number in range(13) if f"Number {number}." in shown] == list(range(1, 12))
    assert case.entries.filter(kind=Entry.Kind.LOOKED_AROUND, by=outside_moderator).count() == 1
    assert "Number 5." not in reads(cast.mo, page)


def test_nobody_looks_into_a_direct_conversation_alone(cast: Cast) -> None:
    ola = person("ola", role="moderator")
    room = open_direct(cast.alice, [cast.bob.pk])
    posts(cast.bob, room, "A secret")
    hurtful = posts(cast.alice, room, "You cannot cook")
    case = file_report(cast.bob, Subject("message", hurtful.pk), "unkind").case
    page = f"/moderation/cases/{case.pk}/"
    does(cast.mo, case, "take")
    assert does(cast.mo, case, "look") == 403
    assert does(cast.mo, case, "ask") == 302
    assert does(cast.mo, case, "agree") == 403
    assert does(cast.mo, case, "look") == 403
    assert "do you agree" in reads(ola, page).lower()
    assert does(ola, case, "agree") == 302
    assert "A secret" not in reads(cast.mo, page)
    assert does(cast.mo, case, "look") == 302
    assert "A secret" in reads(cast.mo, page)
    assert "A secret" not in reads(ola, page)


def test_who_is_no_longer_a_moderator_sees_nothing_more(cast: Cast, case: Case) -> None:
    does(cast.mo, case, "take")
    Member.objects.filter(pk=cast.mo.pk).update(role=Member.Role.MEMBER)
    for address in ("/moderation/", f"/moderation/cases/{case.pk}/", "/moderation/decisions/"):
        answer = asks(cast.mo, address)
        assert answer.status_code == 403
        assert b"Only moderators can do that" in answer.content
    assert does(cast.mo, case, "decide", **HIDE, step="do") == 403


def test_a_moderator_finds_no_case_about_themselves(cast: Cast) -> None:
    mine = posts(cast.mo, cast.supper, "Nobody can cook")
    case = file_report(cast.bob, Subject("message", mine.pk), "unkind", "Mo again").case
    assert f"/moderation/cases/{case.pk}/" not in reads(cast.mo, "/moderation/")
    assert asks(cast.mo, f"/moderation/cases/{case.pk}/").status_code == 404


def test_a_file_of_what_was_reported_is_open_to_moderators_outside_the_group(cast: Cast) -> None:
    ola = person("ola", role="moderator")
    report = brings(cast.alice, cast.supper)
    message = posts(cast.alice, cast.supper, "", files=[report])
    other = brings(cast.alice, cast.supper, "Other.pdf")
    case = file_report(cast.bob, Subject("message", message.pk), "other").case
    address = f"/moderation/cases/{case.pk}/files/{report.pk}/"
    assert address in reads(ola, f"/moderation/cases/{case.pk}/")
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(ola)
    assert b"".join(client.get(address)).startswith(b"%PDF")
    assert asks(ola, f"/moderation/cases/{case.pk}/files/{other.pk}/").status_code == 404
    assert asks(cast.bob, address).status_code == 403


def test_decisions_are_taken_back_from_their_list(cast: Cast, message: Message, case: Case) -> None:
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Why"))
    number = Decision.objects.get().number
    assert asks(cast.mo, f"/moderation/decisions/{number}/undo", {"reason": ""}).status_code == 400
    assert asks(cast.mo, f"/moderation/decisions/{number}/undo", {"reason": "It was a quotation."}).status_code == 302
    message.refresh_from_db()
    assert message.hidden_at is None
    assert "This was taken back" in reads(cast.alice, f"/decisions/{number}/")
    assert asks(cast.bob, f"/moderation/decisions/{number}/undo", {"reason": "x"}).status_code == 403


# From outside ---------------------------------------------------------------------------------------------------------

FORM = {"place": "A photo of my mother", "ground": "private", "words": "She is on it.", "address": "nora@example.org"}


def test_somebody_without_an_account_reports_and_hears_the_outcome(cast: Cast, mail: MailServer) -> None:
    thanked = asks(None, "/report/", FORM)
    case = Case.objects.get()
    assert thanked["Location"].endswith(case.ticket)
    assert case.ticket in reads(None, thanked["Location"])
    page = reads(cast.mo, f"/moderation/cases/{case.pk}/")
    assert "A photo of my mother" in page
    assert "She is on it." in page
    assert "nora@example.org" not in page
    assert does(cast.mo, case, "close") == 302
    do_waiting_tasks()
    letter = mail.letter_to("nora@example.org", about=case.ticket)
    assert "A moderator looked, and saw no need to act" in words_of(letter)
    assert case.reports.get().address == ""


def test_a_program_that_fills_in_everything_is_thanked_and_not_heard(cast: Cast) -> None:
    assert asks(None, "/report/", {**FORM, "website": "https://x.example"}).status_code == 302
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "change", [{"place": "", "words": " "}, {"ground": "rude"}, {"address": "nora"}, {"words": "x" * 601}]
)
def test_what_is_not_understood_comes_back_to_who_wrote_it(cast: Cast, change: dict[str, str]) -> None:
    answer = asks(None, "/report/", {**FORM, **change})
    assert answer.status_code == 400
    assert b"nora" in answer.content
    assert not Case.objects.exists()


def test_many_reports_from_one_place_are_slowed_down(cast: Cast) -> None:
    codes = [asks(None, "/report/", FORM).status_code for _ in range(outside.from_one_place.allowance.burst + 1)]
    assert codes[-1] == 429
    assert set(codes[:-1]) == {302}


def test_an_address_is_taken_for_what_it_leads_to_only_where_all_could_look(cast: Cast, message: Message) -> None:
    asks(None, "/report/", {**FORM, "place": f"/messages/{message.pk}/"})
    assert Case.objects.get().message == message
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    secret = posts(cast.alice, open_direct(cast.alice, [cast.bob.pk]), "A secret")
    for number in (message.pk, secret.pk):
        asks(None, "/report/", {**FORM, "place": f"/messages/{number}/"})
    assert [case.message for case in Case.objects.order_by("pk")[1:]] == [None, None]


# The record -----------------------------------------------------------------------------------------------------------


def two_weeks_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the record; sessions would end."""
    shown_before = showing.shown_before

    def later(now: datetime) -> datetime:
        return shown_before(now + timedelta(days=14))

    monkeypatch.setattr(showing, "shown_before", later)


def test_the_record_says_what_was_done_and_never_to_whom(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Words that belittle somebody.", "To her alone"))
    assert "Words that belittle somebody." not in reads(cast.charlie, "/record/")
    two_weeks_pass(monkeypatch)
    page = reads(cast.charlie, "/record/")
    for words in (
        "A moderator hid a message",
        "Words that belittle somebody.",
        "a small or private group",
        "hid a message: 1",
    ):
        assert words in page
    for words in ("Alice", "Bob", "Workshop", "To her alone", "cannot cook", "That hurt"):
        assert words not in page


def test_a_large_open_group_is_named(cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        begin_membership(person(f"guest{number}"), cast.workshop)
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Words that belittle somebody."))
    two_weeks_pass(monkeypatch)
    assert "Workshop" in reads(cast.charlie, "/record/")
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    assert "Workshop" not in reads(cast.charlie, "/record/")
