"""People and the organisations they come from."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

HANDLE = r"[a-z0-9][a-z0-9.-]{0,59}"


class Organisation(models.Model):
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

    class Profession(models.TextChoices):
        SPECIALIST_MIDWIFE = "specialist_midwife", "Diabetes specialist midwife"
        SPECIALIST_NURSE = "specialist_nurse", "Diabetes specialist nurse"
        MIDWIFE = "midwife", "Midwife"
        OBSTETRICIAN = "obstetrician", "Obstetrician"
        DIABETOLOGIST = "diabetologist", "Diabetologist"
        DIETITIAN = "dietitian", "Dietitian"
        GP = "gp", "GP"
        PHARMACIST = "pharmacist", "Pharmacist"
        PSYCHOLOGIST = "psychologist", "Psychologist"
        COMMISSIONER = "commissioner", "Commissioner"
        ACADEMIC = "academic", "Academic"
        LIVED_EXPERIENCE = "lived_experience", "Lived experience"
        CHARITY_WORKER = "charity_worker", "Charity worker"
        MANAGER = "manager", "Service manager"
        OTHER = "other", "Member"

    email = models.EmailField(unique=True)
    handle = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(rf"\A{HANDLE}\Z")],
        help_text="What follows @ in a mention.",
    )
    display_name = models.CharField(max_length=80)
    profession = models.CharField(max_length=20, choices=Profession, default=Profession.OTHER)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="members"
    )
    role = models.CharField(max_length=15, choices=Role, default=Role.MEMBER)
    ask_me_about = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["handle", "display_name"]

    objects = MemberManager()

    def __str__(self) -> str:
        return self.display_name

    @property
    def organisation_name(self) -> str:
        """The short name beside a message, empty for a member without an organisation."""
        return self.organisation.short_name if self.organisation else ""

    @property
    def badge(self) -> str:
        """Profession and organisation, as others see them beside the name."""
        return badge(self.profession, self.organisation_name)


def badge(profession: str, organisation_name: str) -> str:
    """The short line beside a name: `Diabetes specialist midwife · Lea Valley`."""
    label = Member.Profession(profession).label if profession in Member.Profession.values else ""
    return " · ".join(part for part in (label, organisation_name) if part)


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
    """A member wishes to be erased. The row stays as the receipt: it says no more than when."""

    class Messages(models.TextChoices):
        REMOVE = "remove", "Remove what I wrote"
        KEEP = "keep", "Keep what I wrote, without my name"

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="erasure")
    messages = models.CharField(max_length=6, choices=Messages)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
