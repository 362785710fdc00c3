"""What a guardian does about what was flagged: look, restore, have it purged, write down what comes of it."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from events.catalogue import Because, MessageRestored, SlipOutcomeRecorded, SlipRunsOut, SlipSettled
from events.publish import publish
from members import permissions
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed
from members.screens import Draft, pass_screens
from moderation.access import held_case, held_slip, slip_for
from moderation.actions import LONGEST_REASON, checked, close, save, tell
from moderation.models import TIME_TO_REPORT, Case, Decision, Entry, Ground, Slip
from moderation.slips.purging import begin_purge
from rooms.access import message_of_nobody
from rooms.actions.moderating import restore_message

RESTORED = "A guardian looked: it names no patient. Thank you for the care of whoever asked."
PURGED = (
    "A guardian has looked: it could have told who a patient is, so it was removed, with every copy that we know of. "
    "Nothing is held against you. You can write it again without what points to a person."
)


@transaction.atomic
def look_at(guardian: Member, slip_id: int) -> Slip:
    """See the hidden words. Each look stands in the history of the case. Raises NotHere."""
    slip = slip_for(guardian, slip_id)
    case = held_case(slip.case.key)
    tell(case, Entry.Kind.LOOKED, guardian)
    case.first_look_at = case.first_look_at or timezone.now()
    save(case)
    return slip


@transaction.atomic
def restore_flagged(guardian: Member, slip_id: int) -> Slip:
    """Show it again: it named no patient. Raises NotHere, NotAllowed."""
    case, slip = held(guardian, slip_id)
    allow(permissions.may_restore_flagged(guardian, concerned_in(slip), timezone.now()))
    if slip.state == Slip.State.RESTORED:
        return slip
    if slip.state != Slip.State.OPEN:
        raise NotAllowed("This was removed for good. It cannot be restored.")
    if slip.has_hidden and slip.message and slip.message.removed_at is None:
        restore_message(slip.message.pk, because(guardian, case, RESTORED, undoes=hidden_by(slip)))
    settle_restored(slip.pk, guardian)
    tell(case, Entry.Kind.DECIDED, guardian, Slip.State.RESTORED.label)
    close(case, guardian, outcome=Case.Outcome.NO_ACTION)
    slip.refresh_from_db()
    return slip


def note_restored(event: MessageRestored) -> None:
    """RECORD: a moderator showed it again by taking the decision back."""
    for slip in Slip.objects.filter(message=event.message, state=Slip.State.OPEN, has_hidden=True):
        settle_restored(slip.pk, None)


def settle_restored(slip_id: int, guardian: Member | None) -> None:
    """The clock stops by itself: there was no slip. Nothing is kept by which the words could be found."""
    now = timezone.now()
    Slip.objects.filter(pk=slip_id).update(
        state=Slip.State.RESTORED,
        settled_by=guardian,
        settled_at=now,
        traces=[],
        outcome=Slip.Outcome.NO_SLIP,
        outcome_by=guardian,
        outcome_at=now,
    )
    publish(SlipSettled(slip=slip_id))


@transaction.atomic
def purge_flagged(guardian: Member, slip_id: int, quoting: Collection[int] = ()) -> Slip:
    """Have it removed with every copy: the words themselves at once, the copies as a task. Raises NotHere, NotAllowed.

    `quoting`: other messages that repeat its words, and lose what they repeat.
    """
    case, slip = held(guardian, slip_id)
    allow(permissions.may_guard(guardian, timezone.now()))
    if slip.state in (Slip.State.PURGING, Slip.State.PURGED):
        return slip
    if slip.state != Slip.State.OPEN:
        raise NotAllowed("This was restored. Somebody has to flag it again first.")
    slip.state, slip.settled_by, slip.settled_at = Slip.State.PURGING, guardian, timezone.now()
    begin_purge(slip, because(guardian, case, PURGED), quoting)
    tell(case, Entry.Kind.DECIDED, guardian, Slip.State.PURGING.label)
    close(case, guardian, outcome=Case.Outcome.ACTED)
    publish(SlipSettled(slip=slip.pk))
    return slip


@transaction.atomic
def record_outcome(guardian: Member, slip_id: int, outcome: str, words: str) -> Slip:
    """Write down what comes of it: reported to whom, or why no report was needed. The clock stops. Raises NotHere, BadRequest."""
    words = checked(words, LONGEST_REASON, "words", is_needed=True)
    if outcome not in (Slip.Outcome.REPORTED, Slip.Outcome.NO_NEED):
        raise BadRequest("Choose whether it was reported.", field="outcome")
    pass_screens(Draft(guardian, words))
    case, slip = held(guardian, slip_id)
    if slip.outcome:
        raise NotAllowed("What came of this is written down already.")
    slip.outcome, slip.outcome_words = outcome, words
    slip.outcome_by, slip.outcome_at = guardian, timezone.now()
    slip.save(update_fields=["outcome", "outcome_words", "outcome_by", "outcome_at"])
    tell(case, Entry.Kind.OUTCOME, guardian, slip.get_outcome_display())
    save(case)
    publish(SlipOutcomeRecorded(slip=slip.pk))
    return slip


def remind_guardians() -> None:
    """Tell them when half of the time is gone, three quarters, and all of it, while nothing is written down."""
    now = timezone.now()
    for number, part in enumerate((0.5, 0.75, 1.0), start=1):
        due = Slip.objects.filter(outcome="", reminded__lt=number, flagged_at__lte=now - part * TIME_TO_REPORT)
        for slip_id in list(due.values_list("pk", flat=True)):
            with transaction.atomic():
                if Slip.objects.filter(pk=slip_id, outcome="", reminded__lt=number).update(reminded=number):
                    publish(SlipRunsOut(slip=slip_id))


def held(guardian: Member, slip_id: int) -> tuple[Case, Slip]:
    """A slip as it stands, with its case and its message's room locked before it. Raises NotHere."""
    found = slip_for(guardian, slip_id)
    case = held_case(found.case.key)
    message_of_nobody(found.number)  # for its lock
    slip = held_slip(slip_id)
    assert slip  # slips are never deleted
    return case, slip


def concerned_in(slip: Slip) -> set[int]:
    """Who wrote it, and who flagged it."""
    reporters = slip.case.reports.filter(ground=Ground.PATIENT).exclude(by=None).values_list("by_id", flat=True)
    return {slip.case.about_id, slip.flagged_by_id, *reporters} - {None}  # type: ignore[return-value]


def hidden_by(slip: Slip) -> int | None:
    """The number of the decision that hid it, unless another has taken it back."""
    decisions = Decision.objects.filter(case=slip.case, message=slip.number, act="hide", undone_by=None)
    return decisions.order_by("-number").values_list("number", flat=True).first()


def because(guardian: Member, case: Case, words: str, *, undoes: int | None = None) -> Because:
    return Because(
        by=guardian.pk,
        role="guardian",
        ground=Ground.PATIENT,
        reason="A guardian looked: it names no patient."
        if words == RESTORED
        else "A guardian looked: it could tell who a patient is.",
        words=words,
        case=case.pk,
        undoes=undoes,
    )
