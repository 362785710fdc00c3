"""What was hidden for thirty days goes for good, unless somebody may still need it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chatserver.jobs import JOBS
from members.refusals import NotAllowed
from moderation.actions import Order, Subject, close_case, decide, file_report, undo
from moderation.appeals.hearing import appeal_against, why_not
from moderation.hidden import forget_quoted, remove_long_hidden
from moderation.models import Appeal, Case, Decision, Report
from moderation.slips.flagging import flag_patient
from notifications.models import Notice
from rooms.models import Message
from tests.cast import Cast
from tests.moderation.test_appeals import decided
from tests.moderation.test_pages import reads
from tests.speaking import posts


def hidden_for(days: int) -> None:
    Message.objects.exclude(hidden_at=None).update(hidden_at=timezone.now() - timedelta(days=days))


def test_what_was_hidden_for_thirty_days_is_removed_by_the_house(cast: Cast) -> None:
    message, hiding = decided(cast)
    hidden_for(29)
    assert remove_long_hidden() == 0
    hidden_for(30)
    assert remove_long_hidden() == 1
    message.refresh_from_db()
    assert message.removed_at
    assert message.text == ""
    last = Decision.objects.latest("number")
    assert (last.act, last.role, last.by, last.ground, last.about) == (
        "remove",
        "the house",
        None,
        "unkind",
        cast.alice,
    )
    assert why_not(last)
    assert Notice.objects.filter(member=cast.alice, decision=last).exists()
    assert "The house removed a message of yours for good" in reads(cast.alice, f"/decisions/{last.number}/")
    with pytest.raises(NotAllowed):
        undo(cast.mo, hiding.number, "It was fine.")
    assert remove_long_hidden() == 0


def test_not_while_an_appeal_is_heard(cast: Cast) -> None:
    _, hiding = decided(cast)
    appeal_against(cast.alice, hiding.number, "It was a joke.")
    hidden_for(40)
    assert remove_long_hidden() == 0
    Appeal.objects.update(ended_at=timezone.now(), outcome=Appeal.Outcome.UPHELD)
    assert remove_long_hidden() == 1


def test_not_while_a_case_about_it_is_open(cast: Cast) -> None:
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    case = file_report(cast.bob, Subject("message", message.pk), "unkind").case
    case = decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "It belittles."), and_close=False)
    hidden_for(40)
    assert remove_long_hidden() == 0
    close_case(cast.mo, case.pk, case.version)
    assert remove_long_hidden() == 1


def test_not_while_a_guardian_has_it_in_hand(cast: Cast) -> None:
    slip = flag_patient(cast.bob, posts(cast.alice, cast.supper, "Jane of ward 4").pk)
    Case.objects.update(state=Case.State.CLOSED, closed_at=timezone.now())
    hidden_for(40)
    assert remove_long_hidden() == 0
    type(slip).objects.update(state="restored", outcome="no_slip")
    assert remove_long_hidden() == 1


def test_many_go_in_one_act_that_tells_their_author_once(cast: Cast) -> None:
    for _ in range(3):
        decided(cast)
    hidden_for(40)
    told = Notice.objects.filter(member=cast.alice).count()
    assert remove_long_hidden(most=2) == 2
    assert Notice.objects.filter(member=cast.alice).count() == told + 1
    assert remove_long_hidden(most=2) == 1


def test_what_reports_quoted_is_forgotten_thirty_days_after_the_case(cast: Cast) -> None:
    decided(cast)
    assert Report.objects.get().quoted
    for days, quoted in ((29, "Bob cannot cook"), (30, "")):
        Case.objects.update(closed_at=timezone.now() - timedelta(days=days))
        forget_quoted()
        assert Report.objects.get().quoted == quoted
    assert forget_quoted() == 0


def test_an_open_case_keeps_what_was_quoted(cast: Cast) -> None:
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    file_report(cast.bob, Subject("message", message.pk), "unkind")
    Report.objects.update(made_at=timezone.now() - timedelta(days=90))
    assert forget_quoted() == 0


def test_the_clock_does_both() -> None:
    assert {"remove_long_hidden", "forget_quoted"} <= {job.name for job in JOBS}
