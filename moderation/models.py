"""Reports, what moderators decide, and the public record of it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from rooms.models import Message, Room, WorkingGroup

MEMBER = settings.AUTH_USER_MODEL

THE_HOUSE = "the house"
"""The role in which the record names what happens by itself, when its time has come."""


class Ground(models.TextChoices):
    """Why something is reported, and which rule a decision rests on, in words for everybody."""

    PATIENT = "patient", "It could tell who a patient is"
    DANGER = "danger", "Somebody may be in danger"
    UNKIND = "unkind", "It hurts, threatens or belittles somebody"
    PRIVATE = "private", "It tells something private about somebody"
    UNSAFE = "unsafe", "It could harm somebody who follows it"
    ADVERT = "advert", "It advertises, or was sent to many"
    OFF_TOPIC = "off_topic", "It belongs somewhere else"
    OTHER = "other", "Something else"


class Act(models.TextChoices):
    """Everything that is done with power over others, as the record names it."""

    HIDE = "hide", "hid a message"
    RESTORE = "restore", "restored a message"
    REMOVE = "remove", "removed a message for good"
    PURGE = "purge", "removed what could tell who a patient is, with every copy"
    WARN = "warn", "warned a member"
    SILENCE = "silence", "silenced a member"
    END_SILENCE = "end_silence", "let a member write again"
    SUSPEND = "suspend", "suspended a member"
    END_SUSPENSION = "end_suspension", "ended a suspension"
    LOCK = "lock", "locked a room"
    UNLOCK = "unlock", "unlocked a room"
    HOLD = "hold", "had new messages wait for a look"
    END_HOLD = "end_hold", "let new messages appear at once again"
    DECLINE = "decline", "did not post messages that waited for a look"
    LET_THROUGH = "let_through", "posted a message after all"
    SLOW = "slow", "slowed a room"
    WATCH = "watch", "had a word watched"
    END_WATCH = "end_watch", "had a word watched no longer"
    SHAPES = "shapes", "said how an organisation's hospital numbers look"
    END_SLOW = "end_slow", "let a room go at its own pace again"
    MOVE = "move", "moved a message to another room of the group"
    MOVE_BACK = "move_back", "moved a message back"
    LEGAL_ASK = "legal_ask", "asked for a legal hold"
    LEGAL_HOLD = "legal_hold", "agreed to a legal hold, which began"
    LEGAL_DECLINE = "legal_decline", "did not agree to a legal hold"
    LEGAL_ASK_END = "legal_ask_end", "asked for the end of a legal hold"
    LEGAL_END = "legal_end", "agreed to the end of a legal hold, which ended"
    LEGAL_GO_ON = "legal_go_on", "did not agree to the end of a legal hold, which goes on"
    UPHOLD = "uphold", "heard an appeal: the decision stands"
    OVERTURN = "overturn", "heard an appeal: the decision was wrong"


ACT_TO_THEM = {
    Act.HIDE: "hid a message of yours",
    Act.RESTORE: "restored a message of yours",
    Act.REMOVE: "removed a message of yours for good",
    Act.WARN: "warned you",
    Act.SILENCE: "silenced you",
    Act.END_SILENCE: "let you write again",
    Act.SUSPEND: "suspended your account",
    Act.END_SUSPENSION: "ended the suspension of your account",
    Act.HOLD: "will look at what you post before others see it",
    Act.END_HOLD: "let what you post appear at once again",
    Act.DECLINE: "did not post what you wrote",
    Act.LET_THROUGH: "posted what you wrote after all",
    Act.MOVE: "moved a message of yours to another room of the group",
    Act.MOVE_BACK: "moved a message of yours back to where it stood",
    Act.UPHOLD: "heard your appeal: the decision stands",
    Act.OVERTURN: "heard your appeal: the decision was wrong",
}
"""What was done, to the member concerned: `A moderator hid a message of yours`."""


class Case(models.Model):
    """One thing that was reported, however often and by whomever. Reported again, it opens again.

    `version` rises with every change; a moderator's act names the version they looked at, so that two cannot decide at once.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waiting"
        TAKEN = "taken", "Being looked at"
        CLOSED = "closed", "Closed"

    class Priority(models.IntegerChoices):
        USUAL = 0, "In the usual time"
        SOON = 1, "Soon"
        AT_ONCE = 2, "At once"

    class Outcome(models.TextChoices):
        ACTED = "acted", "A moderator acted on it"
        NO_ACTION = "no_action", "A moderator looked, and saw no need to act"
        WITHDRAWN = "withdrawn", "It was settled otherwise"

    key = models.CharField(
        max_length=60, unique=True, help_text="What it is about: `message:12`, `member:3`, `room:4`, `form:K7TD9XQ2`."
    )
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    about = models.ForeignKey(
        MEMBER,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose words or doing it is.",
    )
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.USUAL)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    version = models.PositiveIntegerField(default=1)
    taken_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(
        default=timezone.now, help_text="When it was last opened, for the first time or again."
    )
    first_look_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-priority", "opened_at"], name="case_waiting", condition=~models.Q(state="closed")),
            models.Index(fields=["-closed_at"], name="case_closed", condition=models.Q(state="closed")),
        ]

    @property
    def ticket(self) -> str:
        """Of what somebody without an account reported: the number that they were given."""
        kind, _, number = self.key.partition(":")
        return number if kind == "form" else ""

    @property
    def kind(self) -> str:
        """message, member, room, or form."""
        return self.key.partition(":")[0]


class Report(models.Model):
    """Somebody says that something is not right. `quoted` keeps the words as they stood then, whatever becomes of them."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    address = models.EmailField(blank=True, help_text="Of somebody without an account who wishes to hear the outcome.")
    ground = models.CharField(max_length=9, choices=Ground)
    place = models.CharField(
        max_length=300, blank=True, help_text="Where it is, as somebody without an account says it."
    )
    words = models.TextField(blank=True, max_length=600)
    quoted = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When they were told the outcome.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "by"],
                name="one_open_report_each",
                condition=models.Q(answered_at=None, by__isnull=False),
            )
        ]


class Entry(models.Model):
    """One line of a case's history."""

    class Kind(models.TextChoices):
        REPORTED = "reported", "Reported"
        OPENED_AGAIN = "opened_again", "Opened again"
        TAKEN = "taken", "Taken in hand"
        RELEASED = "released", "Given back"
        NOTE = "note", "Note"
        LOOKED_AROUND = "around", "Looked at what was said around it"
        ASKED = "asked", "Asked another moderator to agree"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Did not agree"
        PRIORITY = "priority", "Priority changed"
        DECIDED = "decided", "Decided"
        CLOSED = "closed", "Closed"
        LOOKED = "looked", "Looked at the hidden words"
        OUTCOME = "outcome", "Outcome for data protection"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True, max_length=1000)
    at = models.DateTimeField(default=timezone.now)


class Decision(models.Model):
    """A use of power, as it stands in the record: written once, in the transaction of what it tells of, and never changed.

    `sealed` is what it says, as text, and `seal` the digest of that and of the seal before it: who changes or takes out a
    row breaks every later one (`manage.py verify_record`). A trigger refuses to change either. The columns beside them are
    for finding; a message, room or group that is gone leaves them empty, and the seal whole.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    act = models.CharField(max_length=16, choices=Act)
    role = models.CharField(max_length=20)
    ground = models.CharField(max_length=9, choices=Ground)
    reason = models.CharField(max_length=300)
    words = models.TextField(blank=True, max_length=1000, help_text="For the person concerned alone.")
    by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    sealed = models.TextField()
    seal = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["about", "-number"], name="decision_about")]

    @property
    def act_to_them(self) -> str:
        """As the member concerned reads it."""
        return ACT_TO_THEM.get(Act(self.act), self.get_act_display())

    @property
    def whose(self) -> str:
        """`A moderator`, `An administrator`, `The house`."""
        if self.role == THE_HOUSE:
            return self.role.capitalize()
        return f"{'An' if self.role[:1] in 'aeiou' else 'A'} {self.role}"


class HidingMany(models.Model):
    """Several messages hidden in one act, or to be hidden once another moderator agrees. Undone as one, too.

    `first` and `last` are the numbers of its decisions, which stand in the record one after the other.
    """

    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=9, choices=Ground)
    reason = models.CharField(max_length=300)
    words = models.TextField(blank=True, max_length=1000)
    messages = models.JSONField(help_text="Their ids.")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    first = models.PositiveBigIntegerField(null=True, blank=True)
    last = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["first", "last"], name="hiding_many_decisions")]


class SecondLook(models.Model):
    """What no moderator does alone: one asks, another agrees or not: a look into a direct conversation, a great many messages."""

    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="second_looks")
    many = models.OneToOneField(HidingMany, null=True, blank=True, on_delete=models.CASCADE, related_name="second_look")
    asked_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="another_agrees",
                condition=models.Q(answered_by=None) | ~models.Q(answered_by=models.F("asked_by")),
            )
        ]
        indexes = [models.Index(fields=["asked_at"], name="second_look_open", condition=models.Q(answered_at=None))]


class RecordHead(models.Model):
    """The end of the record: one row, locked while the next decision is added, so that numbers have no gaps."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    seal = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [models.CheckConstraint(name="one_record", condition=models.Q(id=1))]


class GuardCount(models.Model):
    """How often the guard stopped, asked, or was told to go on, on a day, for a kind of thing. Never who, nor what it was."""

    day = models.DateField()
    verdict = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "verdict", "kind"], name="one_count_of_a_kind_a_day")]


class Slip(models.Model):
    """Somebody says of a message: this names a patient. It is hidden, a guardian looks, and it is restored or purged.

    The clock of data protection runs from `flagged_at` until a guardian writes down what came of it. docs/patient-slip.md.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waiting for a guardian"
        RESTORED = "restored", "Restored: it named no patient"
        PURGING = "purging", "Being removed everywhere"
        PURGED = "purged", "Removed everywhere"

    class Outcome(models.TextChoices):
        REPORTED = "reported", "Reported"
        NO_NEED = "no_need", "No report was needed"
        NO_SLIP = "no_slip", "It named no patient"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="slips")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="slips")
    number = models.PositiveBigIntegerField(help_text="The message's, also when its row is gone.")
    posted_at = models.DateTimeField(help_text="The message.")
    flagged_by = models.ForeignKey(MEMBER, null=True, on_delete=models.PROTECT, related_name="+")
    flagged_at = models.DateTimeField(default=timezone.now)
    has_hidden = models.BooleanField(default=False, help_text="Whether it was this that hid the message.")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    settled_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True, help_text="When the last copy was gone.")
    traces = models.JSONField(
        default=list, help_text="Keyed digests of its words, until all is gone: members/traces.py."
    )
    stored = models.JSONField(default=list, help_text="Under which random names its files were stored.")
    quoting = models.JSONField(default=list, help_text="Messages whose quotations go too.")
    reminded = models.PositiveSmallIntegerField(
        default=0, help_text="How often guardians were told that the time runs."
    )
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    outcome_words = models.CharField(max_length=300, blank=True, help_text="Reported to whom, or why not.")
    outcome_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="one_open_slip", condition=models.Q(state__in=("open", "purging"))
            )
        ]
        indexes = [
            models.Index(fields=["flagged_at"], name="slip_clock", condition=models.Q(outcome="")),
            models.Index(fields=["flagged_by", "-flagged_at"], name="slip_flagged"),
        ]

    @property
    def deadline(self) -> datetime:
        """When a breach has to be reported, if it is one that must be."""
        return self.flagged_at + TIME_TO_REPORT


TIME_TO_REPORT = timedelta(hours=72)
"""UK GDPR, article 33: from when somebody became aware of it."""


class SlipReader(models.Model):
    """A member who may have seen what a message said, as it was known when it was flagged."""

    class How(models.TextChoices):
        READ = "read", "had read past it in the room"
        HERE = "here", "had the room open when it was flagged"
        ANSWERED = "answered", "answered it"
        REACTED = "reacted", "reacted to it"
        NOTICE = "notice", "saw a notice with its first words"
        LETTER = "letter", "was sent a letter that may have quoted it"
        DIGEST = "digest", "was sent a digest that may have quoted it"

    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="readers")
    member = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=8, choices=How)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slip", "member", "how"], name="one_way_each")]


class PurgeStep(models.Model):
    """One purger's part of a purge: a row from the beginning, with its counts when it is done."""

    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="steps")
    purger = models.CharField(max_length=100, help_text="Its dotted name.")
    counts = models.JSONField(default=dict, help_text="Place, in words → how much was there.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slip", "purger"], name="one_step_a_purger")]


class WatchedWord(models.Model):
    """A word, or a phrase with stars for any letters, and what is done when somebody writes it (moderation/words.py)."""

    class Act(models.TextChoices):
        BLOCK = "block", "Refuse it"
        HOLD = "hold", "Have the message wait for a look"
        ASK = "ask", "Ask whether it is meant so"
        REPLACE = "replace", "Put other words in its place"
        TAG = "tag", "Put a content note before the message"

    word = models.CharField(max_length=60)
    act = models.CharField(max_length=7, choices=Act)
    instead = models.CharField(max_length=80, blank=True, help_text="The other words, or what the content note says.")
    why = models.CharField(max_length=200, help_text="For whoever writes it, and for the record.")
    by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("word"), name="watched_once")]


class PanelVolunteer(models.Model):
    """A member who is willing to be drawn for a panel that hears appeals."""

    member = models.OneToOneField(MEMBER, on_delete=models.CASCADE, primary_key=True, related_name="panel_volunteer")
    offered_at = models.DateTimeField(default=timezone.now)


class Appeal(models.Model):
    """The request of whom a decision is about to look at it again. A panel drawn by lot answers it, once."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "The decision stands"
        OVERTURNED = "overturned", "The decision was taken back"

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="appeal")
    words = models.TextField(max_length=1000)
    made_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="appeal_open", condition=models.Q(ended_at=None))]


class Seat(models.Model):
    """A member drawn for the panel of one appeal. Who declines or is late leaves it, and somebody else is drawn."""

    class Voice(models.TextChoices):
        UPHOLD = "uphold", "The decision should stand"
        OVERTURN = "overturn", "The decision should be taken back"

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="seats")
    member = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    voice = models.CharField(max_length=8, choices=Voice, blank=True)
    reason = models.TextField(blank=True, max_length=600, help_text="The person who appealed reads it, without a name.")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appeal", "member"], name="drawn_once")]
        indexes = [
            models.Index(fields=["member"], name="seat_open", condition=models.Q(left_at=None, answered_at=None))
        ]


class WeekOfFirstLooks(models.Model):
    """A moderator is down to look first in the week that begins on this Monday (moderation/rota.py)."""

    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="+")
    monday = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["monday", "member"], name="down_once_a_week")]


class LegalHold(models.Model):
    """Something has to be kept because the law requires it: what one member wrote, or what is said in one working group.

    One administrator asks and another agrees, to begin it and to end it (moderation/legal.py). While it lasts `preserved_at` of
    the member or the group says so, which is what everything that destroys asks (rooms/preserving.py).
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waits for another administrator to agree"
        DECLINED = "declined", "Not begun"
        IN_FORCE = "in_force", "In force"
        ENDING = "ending", "In force; waits for another administrator to agree to its end"
        ENDED = "ended", "Ended"

    OPEN = (State.ASKED, State.IN_FORCE, State.ENDING)

    member = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, help_text="For administrators alone.")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    end_asked_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_asked_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        MEMBER,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who agreed to its end, or declined it.",
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="holds_one_thing",
                condition=models.Q(member=None, group__isnull=False) | models.Q(member__isnull=False, group=None),
            ),
            models.CheckConstraint(
                name="another_holds", condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("asked_by"))
            ),
            models.CheckConstraint(
                name="another_ends",
                condition=models.Q(state="declined")
                | models.Q(closed_by=None)
                | ~models.Q(closed_by=models.F("end_asked_by")),
            ),
            models.UniqueConstraint(
                fields=["member"],
                name="one_hold_a_member",
                condition=models.Q(state__in=("asked", "in_force", "ending")),
            ),
            models.UniqueConstraint(
                fields=["group"], name="one_hold_a_group", condition=models.Q(state__in=("asked", "in_force", "ending"))
            ),
        ]

    @property
    def is_in_force(self) -> bool:
        return self.state in (self.State.IN_FORCE, self.State.ENDING)

    @property
    def waits_for_another(self) -> bool:
        return self.state in (self.State.ASKED, self.State.ENDING)
