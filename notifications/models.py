"""What members should hear of, how they wish to, the mail of the day, and the browsers that are told at once."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from members.models import CommunityRequest, Complaint, RulesProposal
from moderation.models import Case, Decision, Slip
from notifications.quiet import Quiet
from rooms.models import Message, Room, WorkingGroup

MISSED_AFTER = 10
"""Minutes that something that concerns a member may stay unread before a letter tells of it, unless they choose otherwise."""


class Notice(models.Model):
    """What concerns one member: a message that names or answers them, something about a group, which `by` did, or somebody
    who asks to join the community.
    """

    class Kind(models.TextChoices):
        MENTION = "mention", "mentions you"
        REPLY = "reply", "replies to you"
        DIRECT = "direct", "writes to you"
        ASKS = "asks", "asks to join"
        LET_IN = "let_in", "let you into"
        DECLINED = "declined", "declined your request to join"
        ADDED = "added", "added you to"
        LEADS = "leads", "named you a leader of"
        KEEPS = "keeps", "set how long messages are kept in"
        DECISION = "decision", "A decision about you"
        CASE = "case", "Something was reported"
        OUTCOME = "outcome", "What became of your report"
        NEWCOMER = "newcomer", "asks to join the community"
        PATIENT = "patient", "Something may name a patient"
        CLOCK = "clock", "The time to report it runs"
        PROPOSAL = "proposal", "proposes to change the house rules"
        COMPLAIN = "complain", "Somebody complains about how their data is used"
        DUE = "due", "A data-protection complaint is due in a few days"
        PANEL = "panel", "You were drawn by lot to hear an appeal"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    newcomer = models.ForeignKey(
        CommunityRequest, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    slip = models.ForeignKey(Slip, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    proposal = models.ForeignKey(RulesProposal, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    complaint = models.ForeignKey(Complaint, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="When a digest or a letter told of it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "message"], name="noticed_once")]
        indexes = [
            models.Index(fields=["member"], name="notice_unseen", condition=models.Q(seen_at__isnull=True)),
            models.Index(fields=["member", "-created_at"], name="notice_recent"),
            models.Index(
                fields=["created_at"],
                name="notice_untold",
                condition=models.Q(seen_at__isnull=True, mailed_at__isnull=True, message__isnull=False),
            ),
        ]


class Preference(models.Model):
    """How one member wishes to hear of what happens. The clock makes the row; until then, and for most, it is as below."""

    class QuietHours(models.TextChoices):
        """See notifications/quiet.py."""

        EVENINGS = "evenings", "Evenings, nights and weekends"
        NIGHTS = "nights", "Nights, from 22:00 to 07:00"
        OWN = "own", "Outside the hours that I choose"
        NEVER = "never", "Never: tell me at any hour"

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preference"
    )
    digest_days = models.CharField(
        max_length=7, blank=True, default="0123456", help_text="Days of the week, Monday 0. Empty: never."
    )
    digest_hour = models.PositiveSmallIntegerField(default=7, help_text="By the member's own clock.")
    next_digest_at = models.DateTimeField(null=True, db_index=True)
    paused_until = models.DateField(null=True, blank=True, help_text="Until that day nothing is sent.")
    missed_after = models.PositiveSmallIntegerField(
        null=True, blank=True, default=MISSED_AFTER, help_text="Minutes, for mail of what concerns them. Null: none."
    )
    quiet = models.CharField(max_length=8, choices=QuietHours, default=QuietHours.EVENINGS)
    open_hours = models.JSONField(
        default=list, help_text="Of each weekday, for `own`: from and until which hour one may disturb, or null."
    )
    quiet_until = models.DateTimeField(null=True, blank=True, help_text="Peace, until then.")
    told = models.JSONField(default=dict, help_text="Room → the version up to which digests have told of it.")
    told_at = models.DateTimeField(null=True, help_text="Up to when digests have told of new members and rooms.")

    @property
    def quiet_hours(self) -> Quiet:
        """When nothing may buzz."""
        return Quiet(self.quiet, self.open_hours, self.quiet_until)


class RoomLevel(models.Model):
    """How much of one room a member wishes to hear. No row: what concerns them at once, the rest in the digest."""

    class Level(models.TextChoices):
        ALL = "all", "Every message"
        CONCERNS = "concerns", "What concerns me"
        DIGEST = "digest", "Only in the digest"
        NOTHING = "nothing", "Nothing"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="room_levels")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="levels")
    level = models.CharField(max_length=8, choices=Level)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "room"], name="one_level_a_room")]


class Digest(models.Model):
    """The mail of one day to one member: the row comes first, the mail second, and the row is the receipt."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        EMPTY = "empty", "Nothing to tell"
        REFUSED = "refused", "Refused by the mail server"
        UNKNOWN = "unknown", "May have been sent"
        GIVEN_UP = "given_up", "Could not be sent"
        WITHDRAWN = "withdrawn", "No longer wanted"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    day = models.DateField(help_text="By the member's own calendar.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    try_at = models.DateTimeField(default=timezone.now, help_text="While it waits: not before then.")
    claimed_at = models.DateTimeField(null=True, help_text="When a worker last took it in hand.")
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, blank=True, help_text="Of what went wrong: no address, no words.")
    since = models.JSONField(default=dict, help_text="`Preference.told` as it was: to send this digest again.")
    since_at = models.DateTimeField(null=True, help_text="`Preference.told_at` as it was.")
    items = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=120, help_text="The same at each try.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "day"], name="one_digest_a_day")]
        indexes = [
            models.Index(fields=["try_at"], name="digest_open", condition=models.Q(state__in=("waiting", "sending"))),
            models.Index(fields=["member", "-day"], name="digest_recent"),
            models.Index(fields=["-made_at"], name="digest_made"),
        ]


class MissedLetter(models.Model):
    """A letter to one member about what they have missed in one room: the row comes first, the mail second.

    `settles` and `settles_version` say up to which notice and which message of the room it spoke, or had nothing to say: no later
    letter speaks of those, whatever became of this one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        REFUSED = "refused", "Refused by the mail server"
        UNKNOWN = "unknown", "May have been sent"
        WITHDRAWN = "withdrawn", "No longer wanted"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="missed_letters")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="missed_letters")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    try_at = models.DateTimeField(default=timezone.now, help_text="While it waits: not before then.")
    claimed_at = models.DateTimeField(null=True, help_text="When a worker last took it in hand.")
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    settles = models.PositiveBigIntegerField(default=0, help_text="The number of the latest notice.")
    settles_version = models.PositiveBigIntegerField(default=0, help_text="The place of the latest message.")
    read_version = models.PositiveBigIntegerField(default=0, help_text="How far they had read when it was sent.")
    message_id = models.CharField(max_length=120, help_text="The same at each try; later letters refer to it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "room"],
                name="one_open_missed_letter",
                condition=models.Q(state__in=("waiting", "sending")),
            )
        ]
        indexes = [
            models.Index(fields=["member", "room", "-made_at"], name="missed_recent"),
            models.Index(fields=["try_at"], name="missed_open", condition=models.Q(state__in=("waiting", "sending"))),
            models.Index(fields=["made_at"], name="missed_made"),
        ]


class StoppedAddress(models.Model):
    """An address that gets no digest or notice: mail came back, or was called unwanted. Codes to sign in still go there."""

    class Why(models.TextChoices):
        BOUNCED = "bounced", "Mail to it came back"
        COMPLAINED = "complained", "Our mail was called unwanted there"

    address = models.EmailField(unique=True)
    why = models.CharField(max_length=10, choices=Why)
    stopped_at = models.DateTimeField(default=timezone.now)


class PushKey(models.Model):
    """The key by which push services know us: one row, which the database holds to one. See notifications/push/keys.py."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sealed = models.TextField(help_text="Encrypted with SECRET_KEY.")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(name="one_push_key", condition=models.Q(id=1))]


class PushDevice(models.Model):
    """A browser in which a member is told at once. It goes with the session in which they turned that on."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_devices")
    session = models.CharField(max_length=32, db_index=True, help_text="The digest of its key.")
    name = models.CharField(max_length=60, help_text="Of the browser, so that members recognise their own.")
    endpoint = models.CharField(max_length=800, unique=True, help_text="Where its maker takes pushes for it.")
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(default=timezone.now, help_text="What came up to then was told, or need not be.")
    try_at = models.DateTimeField(
        default=timezone.now,
        help_text="Not before then: in quiet hours, after a failure, and while a worker has it in hand.",
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="That failed, one after the other.")
    sent_at = models.DateTimeField(null=True, help_text="When the service last took something.")
    failed_at = models.DateTimeField(null=True, help_text="When it last did not.")
    answer = models.CharField(max_length=80, blank=True, help_text="What came of the last try, in words.")

    class Meta:
        indexes = [models.Index(fields=["try_at"], name="push_due")]


class PushShown(models.Model):
    """That a device was told of a message, and shows it: so that this can be replaced when the message is gone."""

    device = models.ForeignKey(PushDevice, on_delete=models.CASCADE, related_name="shown")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "room"], name="one_push_shown_a_room")]
