"""People, and the organisations and professions they come from."""

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

HANDLE = r"[a-z0-9][a-z0-9.-]{0,59}"
BADGE = ("organisation", "profession")
"""What stands beside a member's name, for `select_related`."""
AFFILIATION_HOLDS = timedelta(days=182)
"""After half a year a member is asked whether they are still at their organisation."""


class Kept(models.Model):
    """An entry of a list that moderators keep. A retired one stays with whoever has it, and is no longer offered."""

    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Profession(Kept):
    """What somebody does, or that they speak from experience. `order` is its place in the list."""

    name = models.CharField(max_length=60, unique=True)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Organisation(Kept):
    """Where a member works or whom they speak for. A lived-experience network is a full equal of a trust."""

    class Kind(models.TextChoices):
        TRUST = "trust", "Hospital trust"
        COMMISSIONER = "commissioner", "Commissioner"
        UNIVERSITY = "university", "University"
        CHARITY = "charity", "Charity"
        LIVED_EXPERIENCE = "lived_experience", "Lived-experience network"
        OTHER = "other", "Other organisation"

    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(max_length=40, help_text="The badge beside each message.")
    kind = models.CharField(max_length=20, choices=Kind)
    region = models.CharField(max_length=60, blank=True)
    number_shapes = models.TextField(
        blank=True, help_text="Of its hospital numbers, one a line: members/number_shapes.py."
    )

    def __str__(self) -> str:
        return self.name


class MemberManager(BaseUserManager["Member"]):
    """Makes members for the command line; pages go through `members.actions`."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=email.strip().lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        return self.create_user(email, password, role=Member.Role.ADMINISTRATOR, **fields)


class Member(AbstractBaseUser):
    """A person: the account that signs in, and who they are to the others."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        MODERATOR = "moderator", "Moderator"
        ADMINISTRATOR = "administrator", "Administrator"

    email = models.EmailField(unique=True)
    handle = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(rf"\A{HANDLE}\Z")],
        help_text="What follows @ in a mention.",
    )
    display_name = models.CharField(max_length=80)
    pronouns = models.CharField(max_length=40, blank=True)
    real_name = models.CharField(
        max_length=120, blank=True, help_text="For administrators alone; shown to nobody else, anywhere."
    )
    profession = models.ForeignKey(Profession, null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="members"
    )
    affiliation_confirmed_at = models.DateTimeField(default=timezone.now)
    role = models.CharField(max_length=15, choices=Role, default=Role.MEMBER)
    ask_me_about = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=50, blank=True, help_text="Empty: the site's.")
    photo_version = models.CharField(max_length=16, blank=True, help_text="Empty: there is no photo.")
    is_listed = models.BooleanField(default=True, help_text="Off: known only to those who share a group.")
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    silenced_until = models.DateTimeField(null=True, blank=True, help_text="They read everywhere and write nowhere.")
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="What they post waits until a moderator has looked at it."
    )
    restricted_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on their data is kept and not used: members/restriction.py."
    )
    preserved_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="From then on the law requires that what they wrote is kept: rooms/preserving.py.",
    )
    joined_at = models.DateTimeField(default=timezone.now)
    rules_agreed = models.PositiveIntegerField(
        default=0, help_text="The version of the house rules that they agreed to when they joined; 0: not noted."
    )
    rules_seen = models.PositiveIntegerField(
        default=0, help_text="The latest version of which they have said that they read it."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["handle", "display_name"]

    objects = MemberManager()

    def __str__(self) -> str:
        return self.display_name

    @property
    def profession_name(self) -> str:
        """The profession in words, empty for a member who named none."""
        return self.profession.name if self.profession else ""

    @property
    def organisation_name(self) -> str:
        """The short name beside a message, empty for a member without an organisation."""
        return self.organisation.short_name if self.organisation else ""

    @property
    def badge(self) -> str:
        """Profession and organisation, as others see them beside the name."""
        return badge(self.profession_name, self.organisation_name)

    @property
    def zone(self) -> ZoneInfo | None:
        """The member's time zone, None for the site's. A name that newer tables no longer know counts as none."""
        try:
            return ZoneInfo(self.time_zone) if self.time_zone else None
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def is_affiliation_due(self, now: datetime) -> bool:
        """Whether to ask if they are still at their organisation."""
        return self.organisation_id is not None and now - self.affiliation_confirmed_at > AFFILIATION_HOLDS


class Photo(models.Model):
    """A member's picture, re-encoded. In the database and not in a file: it changes, is backed up and goes with its member."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="photo")
    picture = models.BinaryField()


def badge(profession: str, organisation_name: str) -> str:
    """The short line beside a name: `Diabetes specialist midwife · Lea Valley`."""
    return " · ".join(part for part in (profession, organisation_name) if part)


class Session(AbstractBaseSession):
    """A browser in which a member is signed in, or somebody is on the way to it (`member` is null then).

    Written only by `members.session_store`, from what the session holds.
    """

    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="sessions")
    digest = models.CharField(max_length=32, unique=True, help_text="Its name where its key must not be seen.")
    browser = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    is_shared = models.BooleanField(default=False, help_text="On a computer that others use too.")

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes = [models.Index(fields=["member", "-seen_at"], name="session_of_member")]


class Block(models.Model):
    """A member does not let somebody write to them."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks")
    other = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocked_by")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "other"], name="blocked_once")]


class Mute(models.Model):
    """A member does not wish to hear somebody. Nobody else is told."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="mutes")
    other = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="muted_by")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "other"], name="muted_once")]


def random_name() -> str:
    return secrets.token_urlsafe(24)


class DataCopy(models.Model):
    """A copy of a member's data that they asked for."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="data_copies")
    stored_as = models.CharField(max_length=40, default=random_name)
    asked_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    done = models.PositiveSmallIntegerField(default=0, help_text="Of a hundred.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")


class Erasure(models.Model):
    """A member wishes to be erased. The row stays as the receipt: it says no more than when.

    While the law requires that something of theirs is kept, it also says who they were, and where to write when that has gone.
    """

    class Messages(models.TextChoices):
        REMOVE = "remove", "Remove what I wrote"
        KEEP = "keep", "Keep what I wrote, without my name"

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="erasure")
    messages = models.CharField(max_length=6, choices=Messages)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    kept_name = models.CharField(max_length=80, blank=True)
    kept_address = models.EmailField(blank=True)


class Community(models.Model):
    """The community itself: one row, which the database holds to one. Until it is written, settings speak for it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=80)
    purpose = models.TextField(blank=True, max_length=600)
    time_zone = models.CharField(max_length=64)
    colour = models.CharField(max_length=7, blank=True, help_text="#rrggbb; empty for the house's own.")
    logo = models.BinaryField(null=True, blank=True, help_text="Drawn anew from what was sent.")
    logo_digest = models.CharField(max_length=16, blank=True)
    may_be_asked = models.BooleanField(default=False, help_text="Whether strangers may ask to join.")
    urgent = models.TextField(
        blank=True, help_text="Where to turn when somebody may be in danger, in Markdown. Empty: as the house has it."
    )
    held_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="From then on everything that is posted waits until a moderator has looked at it.",
    )

    class Meta:
        constraints = [models.CheckConstraint(name="one_community", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.name


class RulesProposal(models.Model):
    """A member would have the house rules say something else. All members may say what they think until it closes."""

    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(help_text="The house rules as they would be.")
    why = models.CharField(max_length=600)
    made_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    is_accepted = models.BooleanField(default=False)
    answer = models.TextField(blank=True, max_length=1000, help_text="The administrator's reason, which all read.")
    answer_to_objections = models.TextField(blank=True, max_length=2000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by"], name="one_open_rules_proposal", condition=models.Q(answered_at=None))
        ]


class Stance(models.Model):
    """What one member thinks of a proposal, under their name; changed as often as they like until it closes."""

    class Kind(models.TextChoices):
        AGREE = "agree", "Agree"
        CONCERN = "concern", "Have a concern"
        OBJECT = "object", "Object"

    proposal = models.ForeignKey(RulesProposal, on_delete=models.CASCADE, related_name="stances")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    words = models.CharField(max_length=600, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "member"], name="one_stance_each")]


class RulesVersion(models.Model):
    """The house rules as they are from a moment on. The latest is in force; a row is added and never changed, which a
    trigger in the database holds to.
    """

    number = models.PositiveIntegerField(primary_key=True)
    text = models.TextField(help_text="Markdown.")
    why = models.CharField(max_length=1000, help_text="Why it is not as it was before, for everybody.")
    role = models.CharField(max_length=20, help_text="As what somebody put it into force: administrator.")
    proposal = models.OneToOneField(
        RulesProposal, null=True, blank=True, on_delete=models.PROTECT, related_name="version"
    )
    from_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["from_at"], name="rules_from")]


def random_ticket() -> str:
    """A number to name a complaint by, that nobody guesses and everybody can read out."""
    return "-".join("".join(secrets.choice(TICKET_SIGNS) for _ in range(4)) for _ in range(3))


TICKET_SIGNS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Without signs that look alike, and without vowels, which would make words."""


class Complaint(models.Model):
    """Somebody, member or not, complains about how data about them is used. Who they are stands only in what they wrote."""

    ticket = models.CharField(max_length=20, unique=True, default=random_ticket)
    words = models.TextField(max_length=4000)
    address = models.EmailField(blank=True, help_text="Where the outcome goes; empty: they ask with the ticket.")
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="When administrators heard that it is due soon."
    )
    outcome = models.TextField(blank=True, max_length=4000)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="complaint_open", condition=models.Q(answered_at=None)),
        ]


class Invitation(models.Model):
    """An address that may join once, with the role that stands here and not in its link.

    The link holds a random token, made anew with each letter; the row keeps only its digest.
    """

    address = models.EmailField()
    role = models.CharField(max_length=15, choices=Member.Role, default=Member.Role.MEMBER)
    name = models.CharField(max_length=80, blank=True)
    profession = models.CharField(max_length=60, blank=True)
    organisation = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True, max_length=600)
    leads_to = models.CharField(max_length=80, blank=True, help_text="The group that its letter names.")
    invited_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    claimed_at = models.DateTimeField(null=True, help_text="When somebody began to send its letter.")
    sent_at = models.DateTimeField(null=True, help_text="Null: its letter is still to be sent, or could not be.")
    failed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="That failed, since the last letter was asked for.")
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address"], name="one_open_invitation", condition=models.Q(used_at=None, revoked_at=None)
            )
        ]
        indexes = [models.Index(fields=["-made_at"], name="invitation_recent")]

    def state(self, now: datetime) -> str:
        """`waiting`, `sent`, `failed`, `used`, `expired` or `revoked`."""
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        if self.sent_at:
            return "sent"
        return "failed" if self.failed_at else "waiting"


class CommunityRequest(models.Model):
    """Somebody who is no member asks to become one. It is open until it is answered."""

    address = models.EmailField()
    name = models.CharField(max_length=80)
    words = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address"], name="one_open_community_request", condition=models.Q(answered_at=None)
            )
        ]
