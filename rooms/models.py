"""Working groups, their rooms, and what is said in them."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from frontend import text as member_text
from members.models import Member, badge
from rooms.files.kinds import KINDS

MEMBER = settings.AUTH_USER_MODEL


class WorkingGroup(models.Model):
    """Members with one purpose."""

    class Kind(models.TextChoices):
        OPEN = "open", "Open: join at will"
        BY_REQUEST = "by_request", "By request: ask a leader"
        PRIVATE = "private", "Private: by invitation"

    class History(models.TextChoices):
        OPEN = "open", "All that was ever said"
        FROM_JOINING = "from_joining", "What is said from then on"

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    purpose = models.TextField(blank=True, max_length=600)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OPEN)
    history = models.CharField(
        max_length=12, choices=History, default=History.OPEN, help_text="What those read who join from now on."
    )
    term_months = models.PositiveSmallIntegerField(default=12, help_text="How long a leader leads; 0: without an end.")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    preserved_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="From then on the law requires that what is said in it is kept: rooms/preserving.py.",
    )
    direct_key = models.CharField(
        max_length=120, null=True, unique=True, help_text="Of a direct conversation: the ids of who began it together."
    )

    def __str__(self) -> str:
        return self.name

    @property
    def is_direct(self) -> bool:
        """Whether this is no working group but the circle of a direct conversation: private, nameless, with one room."""
        return self.direct_key is not None


class MembershipQuerySet(models.QuerySet["Membership"]):
    def with_badges(self) -> Self:
        """With the members, and what stands beside their names."""
        return self.select_related("member__organisation", "member__profession")


class Membership(models.Model):
    """One member in one working group."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        LEADER = "leader", "Group leader"

    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    leads_until = models.DateField(
        null=True, blank=True, help_text="The last day of a leader's term. Nothing ends by itself on it."
    )
    silenced_until = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "group"], name="one_membership_a_group")]

    is_barred = False
    """Whether one of two people in a direct conversation does not let the other write. Set where it is asked about."""

    @property
    def group_closed_at(self) -> datetime | None:
        """When the group was closed: its members read it, and write no more."""
        return self.group.closed_at


class JoinRequest(models.Model):
    """Somebody asks to belong to a group that is joined by request. It is open until a leader answers."""

    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="join_requests")
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="join_requests")
    words = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "group"], name="one_open_request", condition=models.Q(answered_at__isnull=True)
            )
        ]


class PromisedPlace(models.Model):
    """A group that an invitation leads to: the membership begins when the invitation is accepted."""

    invitation = models.ForeignKey("members.Invitation", on_delete=models.CASCADE, related_name="places")
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="promised")
    role = models.CharField(max_length=8, choices=Membership.Role, default=Membership.Role.MEMBER)
    promised_by = models.ForeignKey(MEMBER, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "group"], name="one_place_a_group")]


class Room(models.Model):
    """One topic of conversation in a working group.

    `version` rises by one with every visible change in the room, under a lock on this row, inside the transaction
    that makes the change: so versions have no gaps and become visible in order, which is what makes "everything
    above version N" a complete question.
    """

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=80)
    about = models.TextField(blank=True, max_length=600)
    version = models.PositiveBigIntegerField(default=0)
    changed_version = models.PositiveBigIntegerField(
        default=0, help_text="The version at which the room itself last changed."
    )
    opened_by = models.ForeignKey(MEMBER, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When the version last rose; the sweep asks by it.")
    locked_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    keep_months = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Null: without an end.")
    keep_from = models.DateField(null=True, blank=True, help_text="The day on which older messages are first cleared.")
    forgotten_version = models.PositiveBigIntegerField(
        default=0, help_text="Of cleared messages up to there no row is left: who comes from below it begins anew."
    )
    is_sensitive = models.BooleanField(
        default=False, help_text="Nothing that is said in it leaves by mail or push: only how much was said."
    )
    refuses_mail = models.BooleanField(
        default=False, help_text="Nobody begins something new in it by mail; letters are still answered."
    )
    held_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on what is posted waits until a moderator has looked at it."
    )
    slow_seconds = models.PositiveSmallIntegerField(
        default=0, help_text="Each member writes at most once in this time; 0: as often as they like."
    )

    SLOW_WORDS: ClassVar[dict[int, str]] = {
        30: "30 seconds",
        60: "a minute",
        120: "2 minutes",
        300: "5 minutes",
        900: "15 minutes",
        3600: "an hour",
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="one_room_of_a_name")]
        indexes = [
            models.Index(fields=["group", "-last_message_at"], name="room_recent_in_group"),
            models.Index(fields=["-last_message_at"], name="room_recent"),
            models.Index(fields=["moved_at"], name="room_moved"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def slow_words(self) -> str:
        """How often each member writes: once in …; empty where they write as they like."""
        return self.SLOW_WORDS.get(self.slow_seconds, f"{self.slow_seconds} seconds") if self.slow_seconds else ""

    @property
    def note(self) -> str:
        """What everybody should know before they write here; it does not hold for leaders and moderators."""
        held = "New messages wait for a moderator's look before others see them." if self.held_at else ""
        slow = f"Each member writes once in {self.slow_words}." if self.slow_seconds else ""
        return f"{held} {slow}".strip()


class Reading(models.Model):
    """How far one member has read in one room. No row: nothing read yet. Unread counts derive from it, nothing stores them.

    `floor`: messages posted at or below it are not for this member, who joined a group whose history is closed to
    newcomers when the room stood there. 0 where all is readable. `version` is never below it.
    """

    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="readings")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="readings")
    version = models.PositiveBigIntegerField(default=0)
    floor = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "room"], name="one_reading_a_room")]


class MessageQuerySet(models.QuerySet["Message"]):
    def in_order(self) -> Self:
        """As people read them: by the version they were posted with."""
        return self.order_by("created_version")

    def standing(self) -> Self:
        """Neither removed by their author nor hidden by a moderator."""
        return self.filter(removed_at=None, hidden_at=None)

    def kept(self) -> Self:
        """Without those that their room no longer keeps."""
        return self.filter(cleared_at=None)

    def above(self, floor: int) -> Self:
        """Those that a reader with this floor may read.

        Most have none: then nothing is asked that could lead the database to another index than it has now.
        """
        return self.filter(created_version__gt=floor) if floor else self

    def with_all_that_is_drawn(self) -> Self:
        """Everything that `rooms/_message.html` shows, in a fixed number of queries."""
        return self.with_people().prefetch_related(*beside_the_words())

    def with_people(self) -> Self:
        """With who wrote it, whom it answers and who pinned it."""
        return self.select_related("author", "reply_to__author", "pinned_by")


class Message(models.Model):
    """What a member posted: the Markdown as typed, and its safe HTML as a cache.

    `version` is the version of its last change, `created_version` the one it was posted with (its place in the room).
    `profession` and `organisation_name` stay as they were when it was written.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages")
    version = models.PositiveBigIntegerField()
    created_version = models.PositiveBigIntegerField()
    author = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="messages")
    client_id = models.UUIDField()
    text = models.TextField(max_length=member_text.LONGEST)
    html = models.TextField(blank=True)
    html_version = models.PositiveSmallIntegerField(default=0)
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    profession = models.CharField(max_length=60, blank=True)
    organisation_name = models.CharField(max_length=40, blank=True)
    mentions_everyone = models.BooleanField(default=False)
    posted_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(
        null=True, blank=True, help_text="Older than its room keeps messages: not even its place is shown."
    )
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="When it came here from another room.")
    moved_to = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="places_before",
        db_index=False,
        help_text="Of a place that was left empty: the message that stood there and stands in another room now.",
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "client_id"], name="posted_once"),
            models.UniqueConstraint(fields=["room", "created_version"], name="one_message_a_place"),
            models.UniqueConstraint(fields=["room", "version"], name="one_change_a_version"),
        ]
        indexes = [
            models.Index(
                fields=["room", "-pinned_at"], name="message_pinned", condition=models.Q(pinned_at__isnull=False)
            ),
            models.Index(fields=["cleared_at"], name="message_cleared", condition=models.Q(cleared_at__isnull=False)),
            models.Index(
                fields=["hidden_at"],
                name="message_hidden",
                condition=models.Q(hidden_at__isnull=False, removed_at__isnull=True),
            ),
            models.Index(fields=["moved_to"], name="message_moved", condition=models.Q(moved_to__isnull=False)),
        ]

    def __str__(self) -> str:
        return member_text.excerpt(self.text, 60)

    @property
    def is_removed(self) -> bool:
        """Whether readers see a tombstone instead of the words."""
        return self.removed_at is not None or self.hidden_at is not None

    @property
    def oldest_shown(self) -> int:
        """The place of the oldest words that are drawn with this message: its own, or those of the message it answers."""
        return min(self.created_version, self.reply_to.created_version) if self.reply_to else self.created_version

    @property
    def places(self) -> list["Message"]:
        """Where it stands, and the places where it stood before it was moved: who read past one of them may have read it."""
        return [self, *self.places_before.select_related("room")]

    @property
    def badge(self) -> str:
        """Profession and organisation of the author when they wrote it."""
        return badge(self.profession, self.organisation_name)

    @cached_property
    def its_reactions(self) -> list["Reaction"]:
        """Where many messages are drawn it is read for all at once, as are the next two: `beside_the_words`.

        Django's cached property and not Python's: prefetching would ask that one for its value first.
        """
        return list(self.reactions.order_by("id"))

    @cached_property
    def its_mentions(self) -> list["Mention"]:
        return list(self.mentions.select_related("member"))

    @cached_property
    def its_files(self) -> list["File"]:
        return list(self.files.order_by("id"))

    @property
    def reactions_shown(self) -> list["ReactionShown"]:
        """The kinds of reactions that were given, in the order of the kinds."""
        given: dict[str, list[Reaction]] = {}
        for reaction in self.its_reactions:
            given.setdefault(reaction.reaction, []).append(reaction)
        return [ReactionShown(kind, given[kind]) for kind in Reaction.Kind if kind in given]

    @property
    def mentioned_ids(self) -> str:
        """Member ids with spaces between, as the browser marks mentions by."""
        return " ".join(str(mention.member_id) for mention in self.its_mentions)

    @property
    def safe_html(self) -> SafeString:
        """The words as safe HTML, drawn anew when the renderer has moved on since they were stored."""
        if self.html_version == member_text.VERSION:
            return member_text.stored_html(self.html)
        return member_text.to_html(self.text, names=self.names())

    def spare_lookups(self, *, mentions: bool = False, files: bool = False) -> Self:
        """Nobody has reacted to this message, nor, unless said otherwise, does it mention anybody or bring files along.

        Spares the queries that would find that out.
        """
        self.its_reactions = []
        if not mentions:
            self.its_mentions = []
        if not files:
            self.its_files = []
        return self

    def names(self) -> dict[str, tuple[int, str]]:
        """Handle → (member id, display name) of the members this message mentions."""
        return {
            mention.member.handle: (mention.member_id, mention.member.display_name) for mention in self.its_mentions
        }


class Revision(models.Model):
    """What a message said before an edit."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    text = models.TextField()
    version = models.PositiveBigIntegerField()
    replaced_at = models.DateTimeField(default=timezone.now)


class Mention(models.Model):
    """A member named in a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "message"], name="mentioned_once")]


class Reaction(models.Model):
    """A short answer without words of one's own."""

    class Kind(models.TextChoices):
        THANKS = "thanks", "Thanks"
        AGREE = "agree", "Agree"
        HELPFUL = "helpful", "Helpful"
        THINKING_OF_YOU = "thinking_of_you", "Thinking of you"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="+")
    reaction = models.CharField(max_length=16, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "member", "reaction"], name="reacted_once")]


class HeldPost(models.Model):
    """What somebody posted and nobody else sees, until a moderator has looked at it. Its author always sees that it waits.

    It is no Message: it has no version, no place, and is in no count, search, digest or frame. Let through, it is posted as
    if its author had sent it then. `code` and `why` say what made it wait. The row outlives its answer for a while, so that
    it answers when it is sent again and its author can read why; its words go with `rooms.actions.waiting.forget_answered`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a moderator's look"
        POSTED = "posted", "Posted"
        DECLINED = "declined", "Not posted"
        TAKEN_BACK = "taken_back", "Taken back"

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="held_posts")
    author = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="held_posts")
    client_id = models.UUIDField()
    text = models.TextField(max_length=member_text.LONGEST, blank=True)
    reply_to = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    code = models.CharField(max_length=20)
    why = models.CharField(max_length=300)
    held_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(MEMBER, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=600, blank=True, help_text="To its author: why it was declined.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_id"], name="held_once")]
        indexes = [
            models.Index(fields=["held_at"], name="held_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["answered_at"], name="held_answered", condition=models.Q(answered_at__isnull=False)),
        ]

    SHOWN = (State.WAITING, State.DECLINED)
    """To their author, in their room."""

    @property
    def is_open(self) -> bool:
        return self.state == self.State.WAITING


class FileQuerySet(models.QuerySet["File"]):
    def unposted_by(self, uploader: Member) -> Self:
        """What they brought and may still post or take back."""
        return self.filter(uploader=uploader, message=None, held=None, discarded_at=None)

    def preserved(self) -> Self:
        """Those of which the law requires that they are kept."""
        on_uploader = models.Q(uploader__preserved_at__isnull=False)
        return self.filter(on_uploader | models.Q(room__group__preserved_at__isnull=False))

    def not_preserved(self) -> Self:
        return self.filter(uploader__preserved_at=None, room__group__preserved_at=None)


class File(models.Model):
    """A file that a member brought into a room: theirs alone until it is posted with a message.

    The row stands for as long as anything is stored under its names: it is written first and deleted last, so that
    whatever breaks off in between, the sweep finds what is left. Hence nothing may delete it on its way.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="files")
    uploader = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="files")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    held = models.ForeignKey(
        HeldPost,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="files",
        help_text="The post that waits for a look and that it came with.",
    )
    name = models.CharField(max_length=120, blank=True)
    description = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=8, help_text="A key of rooms.files.kinds.KINDS.")
    size = models.PositiveBigIntegerField(help_text="Bytes, as stored.")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="Of pictures.")
    height = models.PositiveIntegerField(null=True, blank=True)
    stored_name = models.CharField(max_length=60, unique=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    discarded_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on it is nobody's; what is stored goes."
    )

    objects = FileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["uploader", "uploaded_at"], name="file_uploaded"),
            models.Index(fields=["uploaded_at"], name="file_unposted", condition=models.Q(message__isnull=True)),
            models.Index(
                fields=["discarded_at"], name="file_discarded", condition=models.Q(discarded_at__isnull=False)
            ),
        ]

    @property
    def is_picture(self) -> bool:
        return self.width is not None

    @property
    def label(self) -> str:
        """What people call its kind."""
        return KINDS[self.kind].label

    @property
    def content_type(self) -> str:
        return KINDS[self.kind].content_type

    @property
    def thumbnail_name(self) -> str:
        """Where the small copy of a picture is stored."""
        return f"{self.stored_name}-small"

    @property
    def stored_names(self) -> list[str]:
        return [self.stored_name, self.thumbnail_name] if self.is_picture else [self.stored_name]

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height of a picture among messages: said in the page, so that nothing moves when it comes."""
        width, height = self.width or 1, self.height or 1
        scale = min(1, SHOWN_WIDTH / width, SHOWN_HEIGHT / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    @property
    def alternative(self) -> str:
        """What stands for a picture where it is not seen."""
        return self.description or self.name


SHOWN_WIDTH, SHOWN_HEIGHT = 340, 280
"""Pixels of the page, at most. The thumbnail has about twice as many, for fine screens."""


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def not_preserved(self) -> Self:
        """What no legal hold covers any more."""
        return self.filter(author__preserved_at=None, group__preserved_at=None)


class SetAside(models.Model):
    """What was removed, changed or cleared while the law required that it be kept (rooms/preserving.py).

    It is gone from where it stood, and no page, search, mail or frame reads this table. Destroyed when the hold has ended.
    """

    class What(models.TextChoices):
        MESSAGE = "message", "A message"
        WORDING = "wording", "What a message said before an edit"
        HELD = "held", "A post that waited for a look"
        FILE = "file", "The name and description of a file"
        BADGE = "badge", "Profession and organisation of whoever wrote it"
        MEMBERSHIP = "membership", "A membership that ended"

    what = models.CharField(max_length=10, choices=What)
    number = models.PositiveBigIntegerField(
        help_text="Of the row that said it; of a wording or a badge, its message's."
    )
    message = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The message's, also when its row is gone."
    )
    author = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    said_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(default=timezone.now)

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["message"], name="set_aside_of_message")]


class ReactionShown:
    """One kind of reaction to one message, as the page shows it: the same for every reader."""

    ICONS: ClassVar[dict[str, str]] = {"thanks": "🙏", "agree": "👍", "helpful": "💡", "thinking_of_you": "💛"}

    def __init__(self, kind: Reaction.Kind, given: list[Reaction]) -> None:
        self.reaction = kind.value
        self.label = kind.label
        self.icon = self.ICONS[kind.value]
        self.count = len(given)
        self.members = " ".join(str(reaction.member_id) for reaction in given)
        self.names = ", ".join(reaction.member.display_name for reaction in given)


def beside_the_words() -> tuple["models.Prefetch[Any]", ...]:
    """What `rooms/_message.html` shows beside the words: reactions and mentions with the members' names, and files.

    As lists: to make a related manager and its query for each message and each of the three takes longer than to read them.
    """
    reactions = Reaction.objects.select_related("member").order_by("id")
    mentions = Mention.objects.select_related("member")
    return (
        models.Prefetch("reactions", reactions.only("message", "reaction", "member__display_name"), "its_reactions"),
        models.Prefetch("mentions", mentions.only("message", "member__handle", "member__display_name"), "its_mentions"),
        models.Prefetch("files", File.objects.order_by("id"), "its_files"),
    )
