"""From a report to a decision, and what stands in the record of it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation.actions import (
    MovedOn,
    Order,
    Subject,
    add_note,
    close_case,
    decide,
    file_report,
    release_case,
    take_case,
    undo,
)
from moderation.models import Case, Decision, RecordHead
from notifications.actions import unseen_notices
from notifications.models import Notice
from rooms.models import Message
from tests.cast import Cast, person
from tests.speaking import edits, posts, removes

HIDE = Order("hide", "unkind", "Words that belittle somebody.", "Please say it another way.")


def reported(cast: Cast, text: str = "Bob cannot cook") -> tuple[Message, Case]:
    """Alice wrote something, and Bob reports it."""
    message = posts(cast.alice, cast.supper, text)
    return message, file_report(cast.bob, Subject("message", message.pk), "unkind", "That hurt.").case


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def test_a_report_is_a_case_that_moderators_hear_of(cast: Cast) -> None:
    message, case = reported(cast)
    assert (case.message_id, case.about_id, case.state, case.priority) == (message.pk, cast.alice.pk, "open", 1)
    assert case.reports.get().quoted == "Bob cannot cook"
    assert kinds(cast.mo) == ["case"]
    assert kinds(cast.alice) == []


def test_many_reports_of_one_thing_are_one_case(cast: Cast) -> None:
    message, case = reported(cast)
    again = file_report(cast.lena, Subject("message", message.pk), "other")
    file_report(cast.bob, Subject("message", message.pk), "private", "It is about my kitchen.")
    assert again.case == case
    assert case.reports.count() == 2
    assert case.reports.get(by=cast.bob).words == "It is about my kitchen."
    assert kinds(cast.mo) == ["case"]


def test_nobody_reports_what_they_cannot_see(cast: Cast) -> None:
    message = posts(cast.alice, cast.supper, "Soup")
    for subject in (Subject("message", message.pk), Subject("room", cast.supper.pk), Subject("message", 999_999)):
        with pytest.raises(NotHere):
            file_report(cast.charlie, subject, "unkind")
    assert not Case.objects.exists()


@pytest.mark.parametrize(("ground", "words"), [("rude", ""), ("other", "x" * 601)])
def test_a_report_that_is_not_understood_is_refused(cast: Cast, ground: str, words: str) -> None:
    with pytest.raises(BadRequest):
        file_report(cast.bob, Subject("room", cast.supper.pk), ground, words)


def test_a_moderator_hides_what_was_reported_and_everybody_concerned_hears_why(cast: Cast) -> None:
    message, case = reported(cast)
    decide(cast.mo, case.pk, case.version, HIDE)
    message.refresh_from_db()
    case.refresh_from_db()
    decision = Decision.objects.get()
    assert message.hidden_at
    assert message.text == "Bob cannot cook"
    assert (case.state, case.outcome) == ("closed", "acted")
    assert (decision.act, decision.role, decision.ground, decision.about_id) == (
        "hide",
        "moderator",
        "unkind",
        cast.alice.pk,
    )
    assert kinds(cast.alice) == ["decision"]
    assert kinds(cast.bob) == ["outcome"]
    assert kinds(cast.mo) == []
    assert "Bob cannot cook" not in decision.sealed


def test_the_words_as_they_were_reported_stay_with_the_case(cast: Cast) -> None:
    message, case = reported(cast)
    edits(cast.alice, message, "Bob cooks well")
    assert case.reports.get().quoted == "Bob cannot cook"
    removes(cast.alice, message)
    assert case.reports.get().quoted == "Bob cannot cook"


def test_a_closed_case_opens_again_when_it_is_reported_again(cast: Cast) -> None:
    message, case = reported(cast)
    close_case(cast.mo, case.pk, case.version)
    assert Case.objects.get().outcome == "no_action"
    file_report(cast.lena, Subject("message", message.pk), "unkind")
    again = Case.objects.get()
    assert (again.state, again.outcome, again.closed_at) == ("open", "", None)
    assert kinds(cast.mo) == ["case"]
    assert [entry.kind for entry in again.entries.order_by("pk")] == ["reported", "closed", "opened_again", "reported"]


@pytest.mark.parametrize("who", ["bob", "lena", "charlie"])
def test_who_is_no_moderator_finds_no_case(cast: Cast, who: str) -> None:
    _, case = reported(cast)
    member = getattr(cast, who)
    for act in (take_case, release_case, close_case):
        with pytest.raises(NotHere):
            act(member, case.pk, case.version)
    with pytest.raises(NotHere):
        decide(member, case.pk, case.version, HIDE)
    with pytest.raises(NotHere):
        add_note(member, case.pk, "Hm")
    assert Case.objects.get().version == case.version


def test_nobody_decides_on_their_own_case(cast: Cast) -> None:
    other = person("ola", role="moderator")
    mine = posts(cast.mo, cast.supper, "Nobody can cook")
    case = file_report(cast.bob, Subject("message", mine.pk), "unkind").case
    assert kinds(cast.mo) == []
    with pytest.raises(NotHere):
        decide(cast.mo, case.pk, case.version, HIDE)
    reporting = posts(cast.alice, cast.supper, "Mo cannot cook")
    reported_by_mo = file_report(cast.mo, Subject("message", reporting.pk), "unkind").case
    with pytest.raises(NotAllowed, match="concerns you"):
        close_case(cast.mo, reported_by_mo.pk, reported_by_mo.version)
    decide(other, case.pk, case.version, HIDE)
    mine.refresh_from_db()
    assert mine.hidden_at


def test_two_moderators_do_not_decide_at_once(cast: Cast) -> None:
    other = person("ola", role="moderator")
    _, case = reported(cast)
    seen = case.version
    take_case(other, case.pk, seen)
    with pytest.raises(MovedOn):
        decide(cast.mo, case.pk, seen, HIDE)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "order",
    [
        Order("hide", "unkind", ""),
        Order("shout", "unkind", "Why"),
        Order("hide", "rude", "Why"),
        Order("silence", "unkind", "Why", days=0),
        Order("suspend", "unkind", "Why", days=366),
        Order("hide", "unkind", "x" * 301),
    ],
)
def test_an_order_that_says_too_little_changes_nothing(cast: Cast, order: Order) -> None:
    message, case = reported(cast)
    with pytest.raises(BadRequest):
        decide(cast.mo, case.pk, case.version, order)
    message.refresh_from_db()
    assert message.hidden_at is None
    assert not Decision.objects.exists()


def test_who_was_silenced_reads_and_does_not_write(cast: Cast) -> None:
    _, case = reported(cast)
    decide(cast.mo, case.pk, case.version, Order("silence", "unkind", "Three times this week.", days=2))
    with pytest.raises(NotAllowed, match="You cannot write in this group until"):
        posts(cast.alice, cast.supper, "Soup")
    undo(cast.mo, Decision.objects.get().number, "It was somebody else.")
    posts(cast.alice, cast.supper, "Soup")
    assert [decision.act for decision in Decision.objects.order_by("number")] == ["silence", "end_silence"]


def test_who_was_silenced_everywhere_writes_nowhere(cast: Cast) -> None:
    _, case = reported(cast)
    decide(cast.mo, case.pk, case.version, Order("silence_everywhere", "unkind", "Three times this week.", days=2))
    cast.alice.refresh_from_db()
    with pytest.raises(NotAllowed, match="You cannot write until"):
        posts(cast.alice, cast.supper, "Soup")
    undo(cast.mo, Decision.objects.get().number, "It was somebody else.")
    cast.alice.refresh_from_db()
    posts(cast.alice, cast.supper, "Soup")


def test_what_was_hidden_comes_back_in_its_place(cast: Cast) -> None:
    message, case = reported(cast)
    posts(cast.bob, cast.supper, "Later")
    decide(cast.mo, case.pk, case.version, HIDE)
    undo(cast.mo, Decision.objects.get().number, "It was a quotation.")
    message.refresh_from_db()
    assert message.hidden_at is None
    assert message.created_version == 1
    assert Decision.objects.get(act="restore").undoes_id == Decision.objects.get(act="hide").number
    with pytest.raises(NotAllowed, match="already"):
        undo(cast.mo, Decision.objects.get(act="hide").number, "Once more.")


def test_what_was_removed_for_good_does_not_come_back(cast: Cast) -> None:
    message, case = reported(cast)
    decide(cast.mo, case.pk, case.version, Order("remove", "unkind", "It cannot stay."))
    message.refresh_from_db()
    assert message.text == ""
    with pytest.raises(NotAllowed, match="cannot be taken back"):
        undo(cast.mo, Decision.objects.get().number, "A mistake.")


def test_an_administrator_is_neither_silenced_nor_suspended(cast: Cast) -> None:
    ada = person("ada", role="administrator")
    case = file_report(cast.bob, Subject("member", ada.pk), "unkind").case
    with pytest.raises(NotAllowed, match="administrator"):
        decide(cast.mo, case.pk, case.version, Order("suspend", "unkind", "Why", days=1))
    ada.refresh_from_db()
    assert ada.suspended_until is None


def test_a_mention_in_a_hidden_message_does_not_count_until_it_is_restored(cast: Cast) -> None:
    _, case = reported(cast, "@lena cannot cook")
    assert unseen_notices(cast.lena).count() == 1
    decide(cast.mo, case.pk, case.version, HIDE)
    assert unseen_notices(cast.lena).count() == 0
    undo(cast.mo, Decision.objects.get().number, "She can.")
    assert unseen_notices(cast.lena).count() == 1


def record_of_three(cast: Cast) -> None:
    for text in ("One", "Two", "Three"):
        _, case = reported(cast, text)
        decide(cast.mo, case.pk, case.version, HIDE)


def test_the_record_is_whole_as_long_as_nobody_touches_it(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    record_of_three(cast)
    call_command("verify_record")
    assert "3 decisions, and every seal holds" in capsys.readouterr().out


def test_a_decision_taken_out_of_the_record_is_missed(cast: Cast) -> None:
    record_of_three(cast)
    Decision.objects.filter(number=2).delete()
    with pytest.raises(CommandError, match="2 is missing"):
        call_command("verify_record")


def test_the_last_decision_is_missed_too(cast: Cast) -> None:
    record_of_three(cast)
    Decision.objects.filter(number=3).delete()
    with pytest.raises(CommandError, match="ends at 2 and should end at 3"):
        call_command("verify_record")


def test_a_decision_that_never_was_is_found(cast: Cast) -> None:
    record_of_three(cast)
    last = Decision.objects.get(number=3)
    last.pk, last.reason = 4, "Another"
    last.save(force_insert=True)
    RecordHead.objects.update(number=4)
    with pytest.raises(CommandError, match="Decision 4 was changed"):
        call_command("verify_record")


@pytest.mark.parametrize(
    "change", [{"reason": "Nothing"}, {"seal": "0" * 64}, {"by": None}, {"made_at": timezone.now()}]
)
def test_the_database_refuses_to_change_a_decision(cast: Cast, change: dict[str, object]) -> None:
    record_of_three(cast)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Decision.objects.filter(number=2).update(**change)


def test_a_decision_whose_message_is_no_longer_kept_stays_whole(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    record_of_three(cast)
    message = Decision.objects.get(number=2).message
    assert message
    Notice.objects.filter(message=message).delete()
    message.delete()
    assert Decision.objects.get(number=2).message is None
    call_command("verify_record")
    assert "every seal holds" in capsys.readouterr().out
