"""Every event: what happened, as ids, numbers, times and plain words. Never model objects.

An action publishes an event inside its transaction; `chatserver/reactions.py` says who reacts. An event in a room
carries the version that the change took.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and cannot be undone, only followed by something else."""


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """With all that its frame says, so that telling it needs no second look at the database."""

    room: int
    group: int
    version: int
    message: int
    author: int
    mentioned: tuple[int, ...]
    mentions_everyone: bool
    room_name: str
    replied_to: int | None
    """The author of the message that this one replies to."""
    client_id: str
    posted_at: datetime
    html: str
    """The message as every reader of the whole history sees it."""
    oldest_shown: int
    """The place of the oldest words in it: of the message that it answers, if any."""
    direct_to: tuple[int, ...]
    """In a direct conversation, all others in it: whatever is said there is said to them."""


@dataclass(frozen=True, slots=True)
class HeldPostsAnswered(Event):
    """Posts of one member that waited for a look were declined, or taken back by their author."""

    member: int
    client_ids: tuple[str, ...]
    state: str
    """One of rooms.models.HeldPost.State."""
    words: str
    """Why, for the author."""


@dataclass(frozen=True, slots=True)
class WaitingChanged(Event):
    """A post begins to wait for a moderator's look, or waits no longer, whoever answered it."""


@dataclass(frozen=True, slots=True)
class MessageChanged(Event):
    """The common part of all that can happen to a message once it stands."""

    room: int
    group: int
    version: int
    message: int


@dataclass(frozen=True, slots=True)
class MessageEdited(MessageChanged):
    author: int
    mentioned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MessageRemoved(MessageChanged):
    pass


@dataclass(frozen=True, slots=True)
class MessageHidden(MessageChanged):
    """Taken from every screen by whoever may, with its words kept for a while: it can be restored in its place."""


@dataclass(frozen=True, slots=True)
class MessageRestored(MessageChanged):
    pass


@dataclass(frozen=True, slots=True)
class MessageMoved(MessageChanged):
    """A moderator moved a message to another room, or back: here is what stands in its place, or that it is back in it.

    In the room where it came to stand it is a MessagePosted.
    """


@dataclass(frozen=True, slots=True)
class MessagesChanged(Event):
    """Many messages of one room at once: hidden or restored in one act, with the replies that quote them."""

    room: int
    group: int
    changed: tuple[tuple[int, int], ...]
    """Version and message, by version."""


@dataclass(frozen=True, slots=True)
class QuoteChanged(MessageChanged):
    """A reply, whose first line shows the words it answers: those were edited or removed."""


@dataclass(frozen=True, slots=True)
class MessagePinned(MessageChanged):
    """Pinned, or taken down from the pins."""


@dataclass(frozen=True, slots=True)
class ReactionSet(MessageChanged):
    """A reaction given or taken back."""


@dataclass(frozen=True, slots=True)
class NameErased(MessageChanged):
    """A member was erased: their name is gone from a message that they wrote, or that mentions them."""


@dataclass(frozen=True, slots=True)
class FilesDiscarded(Event):
    """Files that nobody may have any longer: taken back, never posted, or removed with their message."""

    files: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoomOpened(Event):
    room: int
    group: int


@dataclass(frozen=True, slots=True)
class RoomChanged(Event):
    """Renamed, described, locked, unlocked, archived or brought back."""

    room: int
    group: int
    version: int


@dataclass(frozen=True, slots=True)
class RetentionSet(Event):
    """A room will keep its messages for a time, and clear older ones."""

    room: int
    group: int
    by: int


@dataclass(frozen=True, slots=True)
class RoomRead(Event):
    member: int
    room: int
    version: int


@dataclass(frozen=True, slots=True)
class MembershipBegan(Event):
    group: int
    member: int


@dataclass(frozen=True, slots=True)
class MembershipEnded(Event):
    group: int
    member: int


@dataclass(frozen=True, slots=True)
class HistoryOpened(Event):
    """What a group kept from newcomers is open to all who belong."""

    group: int


@dataclass(frozen=True, slots=True)
class JoinRequested(Event):
    group: int
    member: int


@dataclass(frozen=True, slots=True)
class JoinRequestAnswered(Event):
    group: int
    member: int
    by: int | None
    """Who answered; None where the member came in by another door."""
    accepted: bool


@dataclass(frozen=True, slots=True)
class CommunityRequested(Event):
    """Somebody who is no member asks to become one."""

    request: int


@dataclass(frozen=True, slots=True)
class CommunityRequestAnswered(Event):
    request: int


@dataclass(frozen=True, slots=True)
class MemberAdded(Event):
    """Somebody was brought into a group who had not asked."""

    group: int
    member: int
    by: int


@dataclass(frozen=True, slots=True)
class LeaderNamed(Event):
    group: int
    member: int
    by: int


@dataclass(frozen=True, slots=True)
class MemberLeft(Event):
    """Left the community, by their own wish."""

    member: int


@dataclass(frozen=True, slots=True)
class ClockChanged(Event):
    """A member lives by another time zone from now on."""

    member: int


@dataclass(frozen=True, slots=True)
class DemonstrationFilled(Event):
    """An empty site got its demonstration community, all at once and with nobody there yet."""


@dataclass(frozen=True, slots=True)
class NoticesChanged(Event):
    """Some members' notices were recorded, seen or withdrawn."""

    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SignedOut(Event):
    member: int
    session: str
    """A digest of the session's key, never the key itself."""


@dataclass(frozen=True, slots=True)
class CommunityChanged(Event):
    """The community began, or somebody said anew what it is called, is for, and looks like, or how hospital numbers look."""


@dataclass(frozen=True, slots=True)
class RulesProposed(Event):
    """A member proposes other house rules."""

    proposal: int
    by: int


@dataclass(frozen=True, slots=True)
class ComplaintMade(Event):
    """Somebody complains about how data about them is used."""

    complaint: int


@dataclass(frozen=True, slots=True)
class ComplaintDue(Event):
    """Most of the time in which a complaint should be answered is gone."""

    complaint: int


@dataclass(frozen=True, slots=True)
class ComplaintAnswered(Event):
    complaint: int


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    invitation: int
    member: int


@dataclass(frozen=True, slots=True)
class Because:
    """Why somebody uses power over others: what the public record says of it. Never what was said, nor who reported it."""

    by: int | None
    """The member who decides; None where the operator of the server does."""
    role: str
    """As what they do: "moderator", "group leader", "administrator", "member", "operator"."""
    ground: str
    """The rule: one of moderation.models.Ground."""
    reason: str
    """For the record, which all members read."""
    words: str = ""
    """For the person concerned alone, beside the reason."""
    case: int | None = None
    undoes: int | None = None
    """The number of the decision that this one takes back."""


@dataclass(frozen=True, slots=True)
class PowerUsed(Event):
    """Somebody used power over others. Whatever does so publishes this in its own transaction, whose RECORD writes it down:
    so nothing can be hidden, silenced or locked by anybody without a row in the record.
    """

    act: str
    """What was done: one of moderation.models.Act."""
    because: Because
    about: int | None = None
    """The member concerned."""
    group: int | None = None
    room: int | None = None
    message: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PowerUsedOnMany(Event):
    """The same done to many in one act. Each stands in the record for itself."""

    act: str
    because: Because
    on: tuple[tuple[int, int, int, int], ...]
    """Of each message: its author, group, room and id."""
    undoing: tuple[int, ...] = ()
    """The numbers of the decisions that these take back, one for each."""


@dataclass(frozen=True, slots=True)
class WatchedWordsChanged(Event):
    """A word is watched from now on, or no longer."""


@dataclass(frozen=True, slots=True)
class DecisionRecorded(Event):
    """A use of power stands in the record; of many in one act the first about each member is told."""

    decision: int
    """Its number there."""
    act: str
    about: int | None
    by: int | None
    message: int | None


@dataclass(frozen=True, slots=True)
class CaseChanged(Event):
    """Something was reported, or a moderator did something about a report."""

    case: int
    is_new: bool
    """Opened, for the first time or again, or become what cannot wait."""
    at_once: bool
    """Whether it cannot wait: moderators hear of it wherever they are."""


@dataclass(frozen=True, slots=True)
class CaseClosed(Event):
    """Who reported it hears the outcome."""

    case: int
    reporters: tuple[int, ...]
    outcome: str
    """One of moderation.models.Case.Outcome."""


@dataclass(frozen=True, slots=True)
class SeatDrawn(Event):
    """A member was drawn by lot for the panel that hears an appeal."""

    appeal: int
    decision: int
    member: int


@dataclass(frozen=True, slots=True)
class PatientFlagged(Event):
    """Somebody said that a message names a patient; it is hidden, and a guardian has to look."""

    slip: int
    message: int
    by: int


@dataclass(frozen=True, slots=True)
class SlipSettled(Event):
    """A guardian restored what was flagged, or has it purged: the others need not look any more."""

    slip: int


@dataclass(frozen=True, slots=True)
class SlipRunsOut(Event):
    """Much of the time is gone in which a breach has to be reported, and nobody has written down what comes of it."""

    slip: int


@dataclass(frozen=True, slots=True)
class SlipOutcomeRecorded(Event):
    """What comes of it is written down: the clock has stopped."""

    slip: int
