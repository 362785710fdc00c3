"""What members and moderators do about what is not right: report, take in hand, decide, close."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from events.catalogue import Because, CaseChanged, CaseClosed, PowerUsed
from events.publish import publish
from frontend.text import clean, names_mentioned
from members import permissions
from members.actions import silence, suspend
from members.mail import send_soon
from members.models import Member
from members.permissions import allow
from members.refusals import BadRequest, NotAllowed, NotHere, Refused
from members.screens import Draft, pass_screens
from moderation.access import case_for, decision_for, held_case
from moderation.models import Case, Decision, Entry, Ground, Report
from rooms.access import member_for, message_for, room_for, standing_in
from rooms.actions.moderating import (
    hide_message,
    lock_by_moderator,
    restore_message,
    silence_in_group,
    take_down_message,
)
from rooms.actions.moving import move_back, move_message
from rooms.models import Message

LONGEST_WORDS = 600
LONGEST_REASON = 300
LONGEST_DAYS = 365


class MovedOn(Refused):
    """Another moderator has done something about the case since this one looked."""

    code = "moved_on"
    status = 409
    words = "Somebody else has done something about this case meanwhile. Look at it again, then decide."


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that is reported: `kind` is message, member or room."""

    kind: str
    pk: int

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.pk}"


def file_report(
    member: Member, subject: Subject, ground: str, words: str = "", *, answered: frozenset[str] = frozenset()
) -> Report:
    """Say that something is not right. Said twice, it is one report with the later words. Raises NotHere, BadRequest."""
    words = checked(words, LONGEST_WORDS, "words")
    if ground not in Ground.values:
        raise BadRequest("Choose what is not right about it.", field="ground")
    pass_screens(Draft(member, words, "report"))
    with transaction.atomic():
        allow(permissions.may_report(member, timezone.now()))
        facts = facts_about(member, subject)
        return add_report(held_case(subject.key), facts, by=member, ground=ground, words=words)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case keeps of the thing that is reported."""

    message: int | None = None
    room: int | None = None
    group: int | None = None
    about: int | None = None
    quoted: str = ""


def facts_about(member: Member, subject: Subject) -> Facts:
    """Of a thing that this member may see; nobody reports what they cannot see. Raises NotHere."""
    match subject.kind:
        case "message":
            message = message_for(member, subject.pk)
            return Facts(message.pk, message.room_id, message.room.group_id, message.author_id, as_it_stands(message))
        case "member":
            return Facts(about=member_for(member, subject.pk).pk)
        case "room":
            room = room_for(member, subject.pk)
            return Facts(
                room=room.pk, group=room.group_id, about=room.opened_by_id, quoted=f"{room.name}\n{room.about}"
            )
    raise BadRequest("That cannot be reported.", field="subject")


def as_it_stands(message: Message) -> str:
    return "" if message.is_removed else message.text


def add_report(
    case: Case,
    facts: Facts,
    *,
    by: Member | None,
    ground: str,
    words: str,
    address: str = "",
    place: str = "",
    is_told: bool = False,
) -> Report:
    """Add a report to its locked case, which opens again if it was closed. `is_told`: moderators hear of it otherwise."""
    case.message_id, case.room_id, case.group_id, case.about_id = facts.message, facts.room, facts.group, facts.about
    cannot_wait_now = case.priority < priority_of(ground) == Case.Priority.AT_ONCE
    is_new = case.state == Case.State.CLOSED or not case.reports.exists() or cannot_wait_now
    if case.state == Case.State.CLOSED:
        open_again(case)
    case.priority = max(case.priority, priority_of(ground))
    report, _ = Report.objects.update_or_create(
        case=case,
        by=by,
        address=address,
        answered_at=None,
        defaults={"ground": ground, "words": words, "place": place, "quoted": facts.quoted},
    )
    tell(case, Entry.Kind.REPORTED, by, Ground(ground).label)
    save(case, is_new=is_new and not is_told)
    return report


def priority_of(ground: str) -> int:
    """What cannot wait, and what should not wait long."""
    if ground in (Ground.PATIENT, Ground.DANGER):
        return Case.Priority.AT_ONCE
    return Case.Priority.SOON if ground in (Ground.UNKIND, Ground.PRIVATE, Ground.UNSAFE) else Case.Priority.USUAL


def tell(case: Case, kind: str, by: Member | None = None, words: str = "") -> None:
    """A line for the case's history."""
    Entry.objects.create(case=case, kind=kind, by=by, words=words)


def save(case: Case, *, is_new: bool = False) -> None:
    """Keep a locked case, under its next version, and let open queues know."""
    case.version += 1
    case.save()
    publish(CaseChanged(case=case.pk, is_new=is_new, at_once=case.priority == Case.Priority.AT_ONCE))


def held(moderator: Member, case_id: int, version: int) -> Case:
    """The case, locked, if it still stands as this moderator saw it. Raises NotHere, MovedOn."""
    case = case_for(moderator, case_id, locked=True)
    if case.version != version:
        raise MovedOn
    return case


def held_open(moderator: Member, case_id: int, version: int) -> Case:
    """The same, to do something about it. Raises NotAllowed too: for a closed case, and for one's own."""
    case = held(moderator, case_id, version)
    allow(permissions.may_decide(moderator, concerned_in(case), timezone.now()))
    if case.state == Case.State.CLOSED:
        raise NotAllowed("This case is closed. Open it again first.")
    return case


@transaction.atomic
def take_case(moderator: Member, case_id: int, version: int) -> Case:
    """Take a case in hand, so that nobody else need look. Raises NotHere, NotAllowed, MovedOn."""
    case = held_open(moderator, case_id, version)
    case.state, case.taken_by = Case.State.TAKEN, moderator
    case.first_look_at = case.first_look_at or timezone.now()
    tell(case, Entry.Kind.TAKEN, moderator)
    save(case)
    return case


@transaction.atomic
def release_case(moderator: Member, case_id: int, version: int) -> Case:
    """Give a case back for another moderator. Raises NotHere, NotAllowed, MovedOn."""
    case = held_open(moderator, case_id, version)
    case.state, case.taken_by = Case.State.OPEN, None
    tell(case, Entry.Kind.RELEASED, moderator)
    save(case)
    return case


@transaction.atomic
def set_priority(moderator: Member, case_id: int, version: int, priority: int) -> Case:
    """Say how soon a case has to be looked at. Raises NotHere, NotAllowed, MovedOn, BadRequest."""
    if priority not in Case.Priority.values:
        raise BadRequest("Choose how soon.", field="priority")
    case = held_open(moderator, case_id, version)
    case.priority = priority
    tell(case, Entry.Kind.PRIORITY, moderator, Case.Priority(priority).label)
    save(case)
    return case


@transaction.atomic
def reopen_case(moderator: Member, case_id: int, version: int) -> Case:
    """Look at a closed case again. Raises NotHere, NotAllowed, MovedOn."""
    case = held(moderator, case_id, version)
    allow(permissions.may_decide(moderator, concerned_in(case), timezone.now()))
    if case.state != Case.State.CLOSED:
        raise NotAllowed("This case is open.")
    open_again(case, moderator)
    save(case)
    return case


def open_again(case: Case, by: Member | None = None) -> None:
    case.state, case.outcome, case.taken_by, case.closed_at = Case.State.OPEN, "", None, None
    case.opened_at = timezone.now()
    tell(case, Entry.Kind.OPENED_AGAIN, by)


@transaction.atomic
def add_note(moderator: Member, case_id: int, words: str, *, answered: frozenset[str] = frozenset()) -> Case:
    """Write something down for the other moderators. Raises NotHere, BadRequest."""
    words = checked(words, LONGEST_WORDS, "words", is_needed=True)
    pass_screens(Draft(moderator, words, "report"))
    case = case_for(moderator, case_id, locked=True)
    tell(case, Entry.Kind.NOTE, moderator, words)
    save(case)
    return case


@transaction.atomic
def close_case(moderator: Member, case_id: int, version: int, *, words: str = "") -> Case:
    """End a case; who reported it hears whether a moderator acted. Raises NotHere, NotAllowed, MovedOn."""
    case = held_open(moderator, case_id, version)
    close(case, moderator, checked(words, LONGEST_WORDS, "words"))
    return case


def close(case: Case, moderator: Member, words: str = "", *, outcome: str = "") -> None:
    """`outcome`: where it is not what the decisions on the case say."""
    now = timezone.now()
    acted = case.decisions.filter(made_at__gte=case.opened_at).exists()
    case.outcome = outcome or (Case.Outcome.ACTED if acted else Case.Outcome.NO_ACTION)
    case.state, case.closed_at, case.first_look_at = Case.State.CLOSED, now, case.first_look_at or now
    case.priority = Case.Priority.USUAL
    tell(case, Entry.Kind.CLOSED, moderator, words)
    save(case)
    waiting = case.reports.filter(answered_at=None)
    for report in waiting.exclude(address=""):
        write_outcome(case, report.address)
    reporters = tuple(waiting.exclude(by=None).order_by("by").values_list("by_id", flat=True).distinct())
    # Once they have been written to, nothing needs the addresses any more.
    waiting.update(answered_at=now, address="")
    publish(CaseClosed(case=case.pk, reporters=reporters, outcome=case.outcome))


def write_outcome(case: Case, address: str) -> None:
    """To somebody without an account who wished to hear of it: whether a moderator acted, and nothing about anybody."""
    send_soon(
        address,
        f"What became of your report {case.ticket}",
        "report_outcome",
        ticket=case.ticket,
        outcome=case.get_outcome_display(),
    )


def concerned_in(case: Case) -> set[int]:
    """Whose case it is: who did it, and who reported it."""
    reporters = case.reports.exclude(by=None).values_list("by_id", flat=True)
    return {case.about_id, *reporters} - {None}  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Order:
    """What a moderator decides: an act, the rule it rests on, what the record says, what the person reads, for how long,
    and to which room a message is moved.
    """

    act: str
    ground: str
    reason: str
    words: str = ""
    days: int = 0
    to: int | None = None
    answered: frozenset[str] = frozenset()
    """Questions of the screens to which the moderator has said: go on."""


@transaction.atomic
def decide(moderator: Member, case_id: int, version: int, order: Order, *, and_close: bool = True) -> Case:
    """Act on a case. Raises NotHere, NotAllowed for one's own case, MovedOn, BadRequest."""
    order = checked_order(moderator, order)
    case = held_open(moderator, case_id, version)
    name_nobody(order.reason, case.about)
    because = because_of(moderator, order, case=case.pk)
    ACTS[order.act](case, order, because)
    tell(case, Entry.Kind.DECIDED, moderator, case.decisions.order_by("-number")[:1].get().get_act_display())
    if and_close:
        close(case, moderator)
    else:
        case.state, case.taken_by = Case.State.TAKEN, moderator
        save(case)
    return case


def because_of(moderator: Member, order: Order, *, case: int | None = None) -> Because:
    return Because(
        by=moderator.pk,
        role=moderator.get_role_display().lower(),
        ground=order.ground,
        reason=order.reason,
        words=order.words,
        case=case,
    )


def name_nobody(reason: str, about: Member | None) -> None:
    """All members read the reason, and the record shall shame nobody. Raises BadRequest where it plainly names somebody."""
    is_name = about is not None and about.display_name.casefold() in reason.casefold()
    if is_name or names_mentioned(reason):
        raise BadRequest("The reason names somebody, and all members read it. Say it without a name.", field="reason")


def checked_order(moderator: Member, order: Order) -> Order:
    if order.act not in ACTS:
        raise BadRequest("Choose what to do.", field="act")
    if order.ground not in Ground.values:
        raise BadRequest("Choose the rule that this rests on.", field="ground")
    if order.act in FOR_A_TIME and not 1 <= order.days <= LONGEST_DAYS:
        raise BadRequest(f"Say for how many days, from 1 to {LONGEST_DAYS}.", field="days")
    if order.act == "move":
        heed_room_chosen(moderator, order)
    reason = checked(order.reason, LONGEST_REASON, "reason", is_needed=True)
    words = checked(order.words, LONGEST_WORDS, "words")
    pass_screens(Draft(moderator, f"{reason}\n\n{words}", "report"))
    return replace(order, reason=reason, words=words)


def heed_room_chosen(moderator: Member, order: Order) -> None:
    """Where a message is to be moved: a room that the moderator reads and could post in. Raises BadRequest, NotAllowed."""
    try:
        standing = standing_in(moderator, room_moved_to(order))
    except NotHere:
        raise BadRequest("Choose the room where it belongs.", field="to") from None
    allow(permissions.may_move(standing.member, standing.membership, standing.room, timezone.now()))


def room_moved_to(order: Order) -> int:
    if order.to is None:
        raise BadRequest("Choose the room where it belongs.", field="to")
    return order.to


def checked(words: str, longest: int, field: str, *, is_needed: bool = False) -> str:
    words = clean(words).strip()
    if len(words) > longest:
        raise BadRequest(f"That is over the limit of {longest} characters.", code="too_long", field=field)
    if is_needed and not words:
        raise BadRequest("Say why, in a few words.", code="blank", field=field)
    return words


def until(order: Order) -> datetime:
    return timezone.now() + timedelta(days=order.days)


def the_message(case: Case) -> int:
    if case.message_id is None:
        raise NotAllowed("There is no message here to do that with.")
    return case.message_id


def the_person(case: Case) -> Member:
    if case.about is None:
        raise NotAllowed("There is no member here to do that with.")
    if permissions.is_administrator(case.about):
        raise NotAllowed(
            "An administrator cannot be silenced or suspended. Ask another administrator to take the role back."
        )
    return case.about


def hide(case: Case, order: Order, because: Because) -> None:
    hide_message(the_message(case), because)


def remove(case: Case, order: Order, because: Because) -> None:
    take_down_message(the_message(case), because)


def warn(case: Case, order: Order, because: Because) -> None:
    """Words to the person, who can appeal against them as against anything else. Nothing else changes."""
    if case.about_id is None:
        raise NotAllowed("There is no member here to warn.")
    publish(PowerUsed(act="warn", because=because, about=case.about_id, group=case.group_id, message=case.message_id))


def silence_here(case: Case, order: Order, because: Because) -> None:
    """In the group where it happened."""
    if case.group_id is None:
        raise NotAllowed("This did not happen in a group. Silence them everywhere instead.")
    try:
        silence_in_group(the_person(case).pk, case.group_id, until(order), because)
    except NotHere:
        raise NotAllowed("They do not belong to this group any more. Silence them everywhere instead.") from None


def silence_everywhere(case: Case, order: Order, because: Because) -> None:
    silence(the_person(case), until(order), because)


def suspend_person(case: Case, order: Order, because: Because) -> None:
    suspend(the_person(case), until(order), because)


def lock(case: Case, order: Order, because: Because) -> None:
    # Where its message stands now: it may have been moved since it was reported.
    room = case.message.room_id if case.message else case.room_id
    if room is None:
        raise NotAllowed("There is no room here to lock.")
    lock_by_moderator(room, because, on=True)


def move(case: Case, order: Order, because: Because) -> None:
    move_message(the_message(case), room_moved_to(order), because)


ACTS: Mapping[str, Callable[[Case, Order, Because], None]] = {
    "hide": hide,
    "remove": remove,
    "warn": warn,
    "silence": silence_here,
    "silence_everywhere": silence_everywhere,
    "suspend": suspend_person,
    "lock": lock,
    "move": move,
}
"""What can be decided on a case. `silence_everywhere` stands in the record as silencing, without a group."""
FOR_A_TIME = {"silence", "silence_everywhere", "suspend"}
ACTS_OFFERED: Mapping[str, str] = {
    "hide": "Hide the message: it can be restored",
    "remove": "Remove the message for good",
    "move": "Move the message to another room of the group",
    "warn": "Warn the member",
    "silence": "Silence the member in this group, for some days",
    "silence_everywhere": "Silence the member everywhere, for some days",
    "suspend": "Suspend the member, for some days",
    "lock": "Lock the room",
}
"""As a moderator chooses among them."""


def suits(case: Case, act: str) -> bool:
    """Whether there is something here to do that with."""
    match act:
        case "hide" | "remove":
            return case.message is not None and not case.message.removed_at
        case "move":
            return case.message is not None and not case.message.is_removed
        case "silence":
            return case.about_id is not None and case.group_id is not None
        case "lock":
            return case.room_id is not None
    return case.about_id is not None


@transaction.atomic
def undo(moderator: Member, number: int, reason: str) -> None:
    """Take a decision back, as another decision that names it. Raises NotHere, NotAllowed, BadRequest."""
    reason = checked(reason, LONGEST_REASON, "reason", is_needed=True)
    allow(permissions.may_moderate(moderator, timezone.now()))
    decision = decision_for(moderator, number)
    concerned = {decision.about_id} - {None, decision.by_id}
    allow(permissions.may_decide(moderator, concerned, timezone.now()))  # type: ignore[arg-type]
    back = UNDONE_BY.get(decision.act)
    if back is None:
        raise NotAllowed("This cannot be taken back.")
    if Decision.objects.filter(undoes=decision).exists():
        raise NotAllowed("This has been taken back already.")
    back(
        decision,
        Because(
            by=moderator.pk,
            role=moderator.get_role_display().lower(),
            ground=decision.ground,
            reason=reason,
            case=decision.case_id,
            undoes=decision.number,
        ),
    )


def show_again(decision: Decision, because: Because) -> None:
    if decision.message_id is None:
        raise NotAllowed("The message is gone.")
    restore_message(decision.message_id, because)


def let_write(decision: Decision, because: Because) -> None:
    if decision.about is None:
        raise NotAllowed("The member is gone.")
    if decision.group_id is not None:
        silence_in_group(decision.about.pk, decision.group_id, None, because)
    else:
        silence(decision.about, None, because)


def let_in_again(decision: Decision, because: Because) -> None:
    if decision.about is None:
        raise NotAllowed("The member is gone.")
    suspend(decision.about, None, because)


def unlock(decision: Decision, because: Because) -> None:
    if decision.room_id is None:
        raise NotAllowed("The room is gone.")
    lock_by_moderator(decision.room_id, because, on=False)


def put_back(decision: Decision, because: Because) -> None:
    if decision.message_id is None:
        raise NotAllowed("The message is gone.")
    later = Decision.objects.filter(act="move", message=decision.message_id, number__gt=decision.number, undone_by=None)
    if later.exists():
        raise NotAllowed("It was moved again since. Take that back first.")
    move_back(decision.message_id, because)


UNDONE_BY: Mapping[str, Callable[[Decision, Because], None]] = {
    "hide": show_again,
    "silence": let_write,
    "suspend": let_in_again,
    "lock": unlock,
    "move": put_back,
}
