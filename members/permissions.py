"""Who may do what: pure functions of loaded objects.

Each answers with the reason against it, in words for the person, or with an empty string when nothing speaks
against it; `allow` turns a reason into a refusal. The protocols name just the facts that a rule looks at, so that
nothing here imports a higher floor.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from django.utils.timezone import localtime

from members.refusals import NotAllowed


class Person(Protocol):
    pk: int
    role: str
    is_active: bool
    suspended_until: datetime | None
    silenced_until: datetime | None
    held_until: datetime | None
    restricted_at: datetime | None


class Belonging(Protocol):
    """A membership of the group that the room is in."""

    role: str
    silenced_until: datetime | None
    is_barred: bool
    """One of two people in a direct conversation does not let the other write."""

    @property
    def group_closed_at(self) -> datetime | None: ...


class Place(Protocol):
    """A room."""

    locked_at: datetime | None
    archived_at: datetime | None
    held_at: datetime | None
    opened_by_id: int | None
    refuses_mail: bool


class Words(Protocol):
    """A message."""

    author_id: int
    removed_at: datetime | None
    hidden_at: datetime | None


class Joinable(Protocol):
    """A working group."""

    kind: str
    closed_at: datetime | None


class Proposal(Protocol):
    """Other house rules, proposed."""

    closes_at: datetime
    answered_at: datetime | None


def allow(reason_against: str) -> None:
    """Go on when there is no reason against; otherwise raise NotAllowed with it."""
    if reason_against:
        raise NotAllowed(reason_against)


def is_suspended(person: Person, now: datetime) -> bool:
    return not person.is_active or (person.suspended_until is not None and person.suspended_until > now)


MODERATORS = ("moderator", "administrator")


def is_moderator(person: Person) -> bool:
    return person.role in MODERATORS


def is_administrator(person: Person) -> bool:
    """Who runs the community: also the few who may know the real names."""
    return person.role == "administrator"


def may_keep_lists(person: Person) -> str:
    """Organisations and professions: moderators and administrators."""
    return "" if is_moderator(person) else "Only moderators keep these lists."


def may_bring_back(person: Person) -> str:
    """Who has left, and letting them in again."""
    return "" if is_administrator(person) else "Only administrators can do that."


def may_look_after_work(person: Person) -> str:
    """See what the server has to do, and have it try again: moderators and administrators."""
    return "" if is_moderator(person) else "Only moderators and administrators can do that."


RANKS = ("member", "moderator", "administrator")


def may_change_community(person: Person) -> str:
    """What it is called and for, its house rules, and whether people may ask to join."""
    return "" if person.role == "administrator" else "Only administrators can change the community."


def may_speak(person: Person, now: datetime) -> str:
    """Put words before the whole community: who is neither suspended nor silenced, nor has restricted the use of their data."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot write for now."
    if person.restricted_at:
        return "You have restricted the use of your data, so you cannot write. You lift that on the page Your data."
    if person.silenced_until and person.silenced_until > now:
        return f"You cannot write until {said(person.silenced_until)}. The notice about it says why, and how to appeal."
    return ""


def may_propose_rules(person: Person, now: datetime) -> str:
    """Any member who may put words before the community: that the house rules say something else."""
    return may_speak(person, now)


def may_take_stance(person: Person, proposal: Proposal, now: datetime) -> str:
    """Any member who may put words before the community, while the proposal is open: agree, have a concern, object."""
    if proposal.answered_at or proposal.closes_at <= now:
        return "This proposal is closed. What was said to it can be read."
    return may_speak(person, now)


def may_answer_proposal(person: Person, proposal: Proposal, now: datetime) -> str:
    """Administrators, once everybody had their time to say what they think: put it into force, or not."""
    if is_suspended(person, now) or not is_administrator(person):
        return "Only administrators put house rules into force."
    if proposal.answered_at:
        return "This proposal has been answered."
    if proposal.closes_at > now:
        return f"It is open until {said(proposal.closes_at)}: until then members say what they think."
    return ""


def may_answer_complaints(person: Person, now: datetime) -> str:
    """See who complains about how data about them is used, and answer: administrators."""
    if is_suspended(person, now) or not is_administrator(person):
        return "Only administrators can do that."
    return ""


def may_keep_by_law(person: Person, about: int | None, now: datetime) -> str:
    """See what the law requires to be kept, ask for it and for its end, decline: administrators. `about`: a member it is on."""
    if is_suspended(person, now) or not is_administrator(person):
        return "Only administrators can do that."
    return "This concerns you, so other administrators see to it." if person.pk == about else ""


def may_agree_by_law(person: Person, asked_by: int, about: int | None, now: datetime) -> str:
    """Another administrator than the one who asks, whom it does not concern: that a legal hold begins, and that it ends."""
    if person.pk == asked_by:
        return "Another administrator has to agree to this, not you."
    return may_keep_by_law(person, about, now)


def may_give_role(person: Person, role: str) -> str:
    """Nobody gives a role above their own, nor changes what was given from there."""
    if role in RANKS and RANKS.index(role) <= RANKS.index(person.role):
        return ""
    return "You cannot give a role above your own."


def may_invite(person: Person, role: str, now: datetime) -> str:
    """Invite to the community: moderators and administrators. Leaders invite to their groups, `may_invite_to_group`."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot invite for now."
    if not is_moderator(person):
        return "Only moderators and administrators invite to the community. Group leaders invite to their own groups."
    return may_give_role(person, role)


def may_invite_to_group(person: Person, belonging: Belonging, role: str, now: datetime) -> str:
    """Invite to a group, and so to the community: whoever adds members there, and no role above their own."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot invite for now."
    return may_add_members(person, belonging) or may_give_role(person, role)


def may_answer_newcomers(person: Person) -> str:
    """See who asks to join the community, and answer."""
    return "" if is_moderator(person) else "Only moderators and administrators can do that."


def may_be_told_at_once(*, is_shared: bool) -> str:
    """Be told in one's browser as soon as something concerns one: everybody, on computers of their own."""
    return "Not on a computer that others use too: what appears on it would be for them to see." if is_shared else ""


def may_watch_mail(person: Person) -> str:
    """What became of the mail to members, and sending a digest again: moderators and administrators. Never its words."""
    return "" if is_moderator(person) else "Only moderators and administrators can do that."


def may_post(person: Person, belonging: Belonging, room: Place, now: datetime) -> str:
    """Members of the group post in its open rooms; leaders and moderators in locked ones too."""
    if room.archived_at:
        return "This room is archived. It can be read, and no longer written in."
    if room.locked_at and not may_lead(person, belonging):
        return "This room is locked: only group leaders and moderators write in it."
    return may_write(person, belonging, now)


def may_begin_by_mail(room: Place) -> str:
    """Who posts in a room does so by mail too, where it takes new messages that way. Answers always go there."""
    return "This room takes no new messages by mail. Write them on its page." if room.refuses_mail else ""


def waits_for_a_look(person: Person, belonging: Belonging, room: Place, now: datetime, *, everywhere: bool) -> str:
    """Why what this person posts here waits for a moderator's look; empty where it does not.

    Leaders and moderators look themselves. `everywhere`: the whole community's posts wait.
    """
    if is_moderator(person):
        return ""
    if person.held_until and person.held_until > now:
        return (
            f"What you post waits for a moderator's look until {said(person.held_until)}. The notice about it says why."
        )
    if may_lead(person, belonging):
        return ""
    if room.held_at:
        return "New messages in this room wait for a moderator's look."
    return "New messages wait for a moderator's look just now, everywhere in the community." if everywhere else ""


def may_slow(person: Person, belonging: Belonging, now: datetime) -> str:
    """Leaders, and moderators who belong to the group: how often each member writes in a room."""
    if may_lead(person, belonging):
        return may_write(person, belonging, now)
    return "Only group leaders and moderators can slow a room."


def may_hold(person: Person, other: Person, now: datetime) -> str:
    """Have what somebody posts wait for a look: moderators, and not of one another."""
    if reason := may_moderate(person, now):
        return reason
    return "What moderators and administrators write does not wait." if is_moderator(other) else ""


def may_write(person: Person, belonging: Belonging, now: datetime) -> str:
    """Whether this person may put words before others at all."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot write for now."
    if person.restricted_at:
        return "You have restricted the use of your data, so you cannot write. You lift that on the page Your data."
    if belonging.group_closed_at:
        return "This group is closed. It can be read, and no longer written in."
    if belonging.is_barred:
        return "You cannot write to this person."
    if person.silenced_until and person.silenced_until > now:
        return f"You cannot write until {said(person.silenced_until)}. The notice about it says why, and how to appeal."
    if belonging.silenced_until and belonging.silenced_until > now:
        return f"You cannot write in this group until {said(belonging.silenced_until)}."
    return ""


def said(moment: datetime) -> str:
    """A moment by the community's clock, in words."""
    return f"{localtime(moment):%-d %B, %H:%M}"


def said_shortly(moment: datetime) -> str:
    """The same for a moment of today."""
    return f"{localtime(moment):%H:%M:%S}"


def may_edit(person: Person, belonging: Belonging, room: Place, message: Words, now: datetime) -> str:
    """One's own words, while they stand and while one could still post there."""
    if message.author_id != person.pk:
        return "Only its author can change a message."
    if message.removed_at or message.hidden_at:
        return "This message was removed."
    return may_post(person, belonging, room, now)


def may_remove(person: Person, message: Words) -> str:
    """One's own words, always: also where one may no longer write."""
    return "" if message.author_id == person.pk else "Only its author can remove a message."


def may_pin(person: Person, belonging: Belonging, room: Place, message: Words, now: datetime) -> str:
    """Anybody who could post here: the group governs itself, and the pin names who set it."""
    if message.removed_at or message.hidden_at:
        return "A removed message cannot be pinned."
    return may_post(person, belonging, room, now)


def may_react(person: Person, belonging: Belonging, room: Place, message: Words, now: datetime) -> str:
    """Members of the group, in locked rooms too."""
    if message.removed_at or message.hidden_at:
        return "This message was removed."
    if room.archived_at:
        return "This room is archived."
    return may_write(person, belonging, now)


def may_lead(person: Person, belonging: Belonging) -> bool:
    """Leaders of the group, and moderators who belong to it."""
    return belonging.role == "leader" or is_moderator(person)


def may_open_room(person: Person, belonging: Belonging, now: datetime) -> str:
    """Any member of the group."""
    return may_write(person, belonging, now)


def may_change_room(person: Person, belonging: Belonging, room: Place, now: datetime) -> str:
    """Whoever opened it, leaders and moderators: name and about."""
    if room.opened_by_id == person.pk or may_lead(person, belonging):
        return may_write(person, belonging, now)
    return "Only whoever opened the room, group leaders and moderators can change it."


def may_close_room(person: Person, belonging: Belonging, now: datetime) -> str:
    """Leaders, and moderators who belong to the group: lock and archive a room."""
    if may_lead(person, belonging):
        return may_write(person, belonging, now)
    return "Only group leaders and moderators can lock or archive a room."


def may_set_retention(person: Person, belonging: Belonging, now: datetime) -> str:
    """Leaders, and moderators who belong to the group: how long a room keeps its messages."""
    if may_lead(person, belonging):
        return may_write(person, belonging, now)
    return "Only group leaders and moderators can say how long messages are kept."


def may_start_group(person: Person, now: datetime) -> str:
    """Moderators and administrators, for whoever asks them: so that two groups are not started for one purpose."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot start a group for now."
    return "" if is_moderator(person) else "Moderators start working groups. Tell one of them what yours is for."


def may_join(person: Person, group: Joinable, now: datetime) -> str:
    """Anybody joins an open group."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot join a group for now."
    if group.closed_at:
        return "This group is closed."
    if group.kind == "open":
        return ""
    if group.kind == "by_request":
        return "This group is joined by request: ask its leaders."
    return "This group is private: its leaders invite its members."


def may_ask_to_join(person: Person, group: Joinable, now: datetime) -> str:
    """Anybody asks the leaders of a group that is joined by request."""
    if is_suspended(person, now):
        return "Your account is suspended, so you cannot join a group for now."
    if group.closed_at:
        return "This group is closed."
    if group.kind == "open":
        return "This group is open: join it without asking."
    return "" if group.kind == "by_request" else "This group is private: its leaders invite its members."


def may_add_members(person: Person, belonging: Belonging) -> str:
    """Leaders, and moderators who belong to the group: add members, and answer who asks to join."""
    return "" if may_lead(person, belonging) else "Only group leaders and moderators can do that."


def may_change_group(person: Person, belonging: Belonging, now: datetime) -> str:
    """Leaders and moderators who belong to it: what it is called and for, how one joins it, and what is then open to read."""
    if may_lead(person, belonging):
        return may_write(person, belonging, now)
    return "Only group leaders and moderators can change the group."


def may_close_group(person: Person, belonging: Belonging) -> str:
    """Leaders, and moderators who belong to it: close the group, or open it again."""
    return "" if may_lead(person, belonging) else "Only group leaders and moderators can close the group."


def may_settle_term(belonging: Belonging) -> str:
    """A leader alone says whether they go on for another term, or to whom they hand over."""
    return "" if belonging.role == "leader" else "Only a leader of the group can do that."


def may_remove_member(person: Person, belonging: Belonging, other: Belonging) -> str:
    """Leaders remove members. A leader is removed by nobody but moderators: leaders are equals."""
    if reason := may_add_members(person, belonging):
        return reason
    if other.role == "leader" and not is_moderator(person):
        return "A group leader cannot remove another. Ask a moderator."
    return ""


def may_lead_on(person: Person, belonging: Belonging, other: Belonging, *, is_self: bool) -> str:
    """Name a leader: leaders do. Take it back: the leader themselves, or a moderator."""
    if reason := may_add_members(person, belonging):
        return reason
    if other.role == "leader" and not is_self and not is_moderator(person):
        return "A leader steps down themselves, or a moderator takes it back."
    return ""


def may_report(person: Person, now: datetime) -> str:
    """Whatever somebody may see they may report, also where they may not write."""
    return "Your account is suspended. Use the form for people without an account." if is_suspended(person, now) else ""


def may_flag_patient(person: Person, now: datetime) -> str:
    """Whatever somebody may read they may flag as naming a patient: also the author, and who may not write."""
    return "Your account is suspended. Use the form for people without an account." if is_suspended(person, now) else ""


def may_guard(person: Person, now: datetime) -> str:
    """Guardians look at what may name a patient, and have it purged: moderators and administrators."""
    if is_suspended(person, now) or not is_moderator(person):
        return "Only guardians can do that: moderators and administrators."
    return ""


def may_restore_flagged(person: Person, concerned: Collection[int], now: datetime) -> str:
    """A guardian who neither wrote nor flagged it. To purge it any guardian is enough: that harms nobody by waiting less."""
    if reason := may_guard(person, now):
        return reason
    return "You wrote or flagged this, so another guardian decides whether it stands." if person.pk in concerned else ""


def may_moderate(person: Person, now: datetime) -> str:
    """Look at what was reported, and decide: moderators and administrators."""
    if is_suspended(person, now) or not is_moderator(person):
        return "Only moderators can do that."
    return ""


def may_decide(person: Person, concerned: Collection[int], now: datetime) -> str:
    """Nobody decides on their own case. `concerned`: who wrote what was reported, and who reported it."""
    if reason := may_moderate(person, now):
        return reason
    return "This case concerns you, so another moderator decides it." if person.pk in concerned else ""


def may_hide(person: Person, belonging: Belonging, concerned: Collection[int], now: datetime) -> str:
    """Take a message of their group from every screen, and show it again: leaders, and moderators who belong to it.

    `concerned`: who wrote it, and who reported it.
    """
    if not may_lead(person, belonging):
        return "Only group leaders and moderators can hide a message. Report it, and one of them looks at it."
    if person.pk in concerned:
        return "This message concerns you, so somebody else decides about it."
    return may_write(person, belonging, now)


def may_move(person: Person, belonging: Belonging, room: Place, now: datetime) -> str:
    """Put a message into this room, where it belongs: moderators who belong to the group, and could post in the room."""
    return may_moderate(person, now) or may_post(person, belonging, room, now)


class Handled(Protocol):
    """A case."""

    taken_by_id: int | None


def may_look_around(person: Person, case: Handled, *, is_direct: bool, is_agreed: bool) -> str:
    """What was said around a reported message: whoever has the case in hand. In a direct conversation once another
    moderator has agreed.
    """
    if case.taken_by_id != person.pk:
        return "Take the case in hand first."
    if is_direct and not is_agreed:
        return "This is a direct conversation. Another moderator has to agree first."
    return ""


def may_agree(person: Person, asked_by: int, concerned: Collection[int], now: datetime) -> str:
    """Another moderator than the one who asks, whom the matter does not concern."""
    if person.pk == asked_by:
        return "Another moderator has to agree to this, not you."
    return may_decide(person, concerned, now)


def may_appeal(person: Person, about: int | None, made_at: datetime, now: datetime) -> str:
    """Whom a decision is about, also while they are silenced or suspended, within thirty days."""
    if about != person.pk:
        return "Only the person whom a decision is about can appeal against it."
    if now - made_at > APPEAL_WITHIN:
        return f"An appeal is made within {APPEAL_WITHIN.days} days of the decision. Those are over."
    return ""


def may_hear_appeals(person: Person, now: datetime) -> str:
    """Be drawn for a panel: any member who offered to, and nobody who is suspended."""
    return "Your account is suspended, so you cannot hear appeals for now." if is_suspended(person, now) else ""


APPEAL_WITHIN = timedelta(days=30)
FREE_EDIT = timedelta(minutes=2)
"""An edit this soon after posting is a typing slip: no mark, but kept in the history all the same."""
