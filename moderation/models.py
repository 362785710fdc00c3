"""Reports, what moderators decide, and the public record of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from rooms.models import Message, Room, WorkingGroup

MEMBER = settings.AUTH_USER_MODEL


class Ground(models.TextChoices):
    """Why something is reported, and which rule a decision rests on, in words for everybody."""

    PATIENT = "patient", "It could tell who a patient is"
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
    WARN = "warn", "warned a member"
    SILENCE = "silence", "silenced a member"
    END_SILENCE = "end_silence", "let a member write again"
    SUSPEND = "suspend", "suspended a member"
    END_SUSPENSION = "end_suspension", "ended a suspension"
    LOCK = "lock", "locked a room"
    UNLOCK = "unlock", "unlocked a room"


ACT_TO_THEM = {
    Act.HIDE: "hid a message of yours",
    Act.RESTORE: "restored a message of yours",
    Act.REMOVE: "removed a message of yours for good",
    Act.WARN: "warned you",
    Act.SILENCE: "silenced you",
    Act.END_SILENCE: "let you write again",
    Act.SUSPEND: "suspended your account",
    Act.END_SUSPENSION: "ended the suspension of your account",
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
        LOOKED = "looked", "Looked at what was said around it"
        ASKED = "asked", "Asked another moderator to agree"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Did not agree"
        PRIORITY = "priority", "Priority changed"
        DECIDED = "decided", "Decided"
        CLOSED = "closed", "Closed"

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
        """`A moderator`, `An administrator`."""
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
