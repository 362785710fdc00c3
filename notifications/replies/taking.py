"""A letter comes in: one function for every door. It becomes a message as if its member had typed it on the page.

Nothing of a letter is logged, neither addresses nor words.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import Enum, auto
from io import BytesIO
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.urls import reverse
from django.utils import timezone

from frontend.text import LONGEST
from members.mail import send_letter
from members.models import Member
from members.permissions import allow, is_suspended, may_begin_by_mail
from members.refusals import AboutWords, Asks, BadRequest, NotAllowed, Refused, TooFast, TooLarge, TryAgain
from members.screens import NOTHING_ANSWERED, Answered
from notifications.replies.reading import Enclosed, Letter, is_answer, read_letter
from rooms import commands
from rooms.access import room_for
from rooms.actions.files import take_back_file, upload_file
from rooms.actions.messages import post_message, posted_before
from rooms.mail_address import MailAddress, NoSuchAddress, read_address
from rooms.models import File, HeldPost, Message

log = logging.getLogger(__name__)

LARGEST_LETTER = 10 * 2**20
"""Bytes, with all that came along."""
TOO_LARGE = "Your letter is larger than 10 MB with its files. Share the files on the page of the room."
MESSAGE_ID = re.compile(r"<[!-~]{3,240}>")
NO_WORDS = (
    "We found no words of yours in it. Write above the line that begins our letter, and nothing between or beneath."
)


class Taken(Enum):
    """What became of a letter."""

    POSTED = auto()
    ANSWERED = auto()
    """Refused; a letter to the member says why, and holds their words."""
    DROPPED = auto()
    """A machine wrote it. Whoever answered it would begin a conversation of machines."""
    NOBODY = auto()
    """There is no such address, or no longer."""
    NOT_THEIRS = auto()
    """It does not come from the address of the member whose it is."""
    LATER = auto()
    """Not now: the server that brought it has to bring it again."""


NO_PATIENT = "No patient"
"""The first line of a letter whose writer was asked whether it is about a patient, and it is not."""
ANSWERED_BY_NO_PATIENT = frozenset({"about_a_patient", "picture_of_somebody"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A letter at the door."""

    letter: Letter
    to: str
    address: MailAddress
    size: int

    @property
    def client_id(self) -> UUID:
        """The same whenever this letter comes to this address: so it is posted once."""
        return uuid5(NAMESPACE_URL, f"{self.letter.own_id}\n{self.to.lower()}")


@dataclass(slots=True)
class Left:
    """Files of a letter that were not taken, each with the reason."""

    files: list[tuple[str, str]] = field(default_factory=list)

    def add(self, file: Enclosed, why: str) -> None:
        self.files.append((file.name, why))


def take_letter(raw: bytes, to: str, *, envelope_from: str | None) -> Taken:
    """Post what a letter says, or say why not. Returns after the commit.

    `envelope_from`: to whom its way begins, empty for the letters of machines, None where that is not known.
    """
    try:
        address = read_address(to)
        incoming = Incoming(read_letter(raw), to, address, len(raw))
        if envelope_from == "" or is_from_machine(incoming.letter):
            return Taken.DROPPED
        return take(incoming)
    except NoSuchAddress:
        return Taken.NOBODY
    except (TooFast, TryAgain):
        return Taken.LATER
    except (DatabaseError, InterfaceError) as error:
        log.warning("A letter was not stored: %s", type(error).__name__)
        return Taken.LATER


def is_from_machine(letter: Letter) -> bool:
    return letter.is_automatic or letter.sender == parseaddr(settings.MAIL_FROM)[1].lower()


def take(incoming: Incoming) -> Taken:
    """What becomes of a letter that a person wrote. Raises TooFast, TryAgain."""
    member = Member.objects.filter(pk=incoming.address.member, is_active=True).first()
    if member is None:
        return Taken.NOBODY
    if incoming.letter.sender != member.email:
        return Taken.NOT_THEIRS
    left = Left()
    try:
        message = post(member, incoming, left)
    except (TooFast, TryAgain):
        raise
    except Refused as refused:
        return answer(member, incoming.letter, refused, left)
    if isinstance(message, HeldPost):
        tell_that_it_waits(member, incoming.letter, message)
    elif left.files:
        tell_what_was_left(member, incoming.letter, message, left)
    return Taken.POSTED


def post(member: Member, incoming: Incoming, left: Left) -> Message | HeldPost:
    """The message, with its files. Raises Refused; then nothing was posted, and no file is left lying."""
    letter, address = incoming.letter, incoming.address
    if posted := posted_before(member, commands.PostMessage(incoming.client_id, address.room, "")):
        return posted
    if is_suspended(member, timezone.now()):
        raise NotAllowed("Your account is suspended, so you cannot write for now.")
    if address.message is None:
        allow(may_begin_by_mail(room_for(member, address.room)))
    if incoming.size > LARGEST_LETTER:
        raise TooLarge(TOO_LARGE)
    words, enclosed = letter.typed(names_of(member))
    words, answered = without_answer(words)
    if address.message is None:
        words = with_subject(letter.subject, words)
    if not words and not enclosed:
        raise BadRequest(NO_WORDS, code="blank")
    with brought(member, address.room, enclosed, left, answered) as files:
        frame = {
            "client_id": str(incoming.client_id),
            "room": address.room,
            "text": words,
            "reply_to": address.message,
            "files": [{"id": file.pk} for file in files],
            "answered": list(answered),
        }
        return post_message(member, commands.post_message(frame))


@contextmanager
def brought(
    member: Member, room: int, enclosed: list[Enclosed], left: Left, answered: Answered
) -> Iterator[list[File]]:
    """The files of a letter, brought into the room; what is not posted is gone afterwards.

    One that is refused holds up neither the words nor the others.
    """
    files: list[File] = []
    try:
        for each in enclosed[settings.FILES_A_MESSAGE :]:
            left.add(each, f"No more than {settings.FILES_A_MESSAGE} files go with one message.")
        for each in enclosed[: settings.FILES_A_MESSAGE]:
            try:
                upload = commands.UploadFile(room, each.name, BytesIO(each.content), answered=answered)
                files.append(upload_file(member, upload))
            except (TooFast, TryAgain):
                raise
            except Refused as refused:
                left.add(each, refused.words)
        yield files
    finally:
        for file in File.objects.filter(pk__in=[file.pk for file in files]).unposted_by(member):
            take_back_file(member, file.pk)


def without_answer(words: str) -> tuple[str, Answered]:
    """The words without a first line that answers what was asked about them, and the codes that it answers."""
    first, _, rest = words.lstrip().partition("\n")
    if first.strip(" .*").casefold() != NO_PATIENT.casefold():
        return words, NOTHING_ANSWERED
    return rest.strip(), ANSWERED_BY_NO_PATIENT


def with_subject(subject: str, words: str) -> str:
    """A new message says first what it is about, as its writer put it above the letter."""
    if not subject or is_answer(subject) or words.startswith(subject):
        return words
    return f"**{subject}**\n\n{words}".strip()


def names_of(member: Member) -> frozenset[str]:
    """How they may sign a letter: also with the name that only administrators know, which then must not be posted."""
    names = f"{member.display_name} {member.real_name} {member.email.partition('@')[0]}".casefold()
    return frozenset(
        word for word in "".join(sign if sign.isalpha() else " " for sign in names).split() if len(word) > 1
    )


# What we answer -----------------------------------------------------------------------------------------------------


def answer(member: Member, letter: Letter, refused: Refused, left: Left) -> Taken:
    """Say why, and give the words back. While we cannot, the letter has to be brought again: it must not just vanish."""
    words, _ = letter.typed(names_of(member))
    is_sent = send_letter(
        member.email,
        "Your letter was not posted",
        "not_posted",
        headers=in_answer_to(letter),
        why=refused.words,
        go_on=NO_PATIENT if isinstance(refused, Asks) else "",
        words="" if isinstance(refused, AboutWords) else (words or letter.all_words.strip())[: 2 * LONGEST],
        about="" if isinstance(refused, AboutWords) else letter.subject,
        left=[(name, why) for name, why in left.files if why != refused.words],
    )
    return Taken.ANSWERED if is_sent else Taken.LATER


def tell_what_was_left(member: Member, letter: Letter, message: Message, left: Left) -> None:
    send_letter(
        member.email,
        "Not all files of your letter were posted",
        "files_left",
        headers=in_answer_to(letter),
        left=left.files,
        page=settings.SITE_URL + reverse("message", args=[message.pk]),
    )


def tell_that_it_waits(member: Member, letter: Letter, held: HeldPost) -> None:
    send_letter(
        member.email,
        "Your letter waits for a moderator's look",
        "held",
        headers=in_answer_to(letter),
        why=held.why if held.is_open else held.answer,
        is_open=held.is_open,
        words=held.text,
        page=settings.SITE_URL + reverse("room", args=[held.room_id]),
    )


def in_answer_to(letter: Letter) -> dict[str, str]:
    """Beside the letter that it is about, in the mail program of whoever wrote that."""
    is_sound = MESSAGE_ID.fullmatch(letter.message_id)
    answered = {"In-Reply-To": letter.message_id, "References": letter.message_id} if is_sound else {}
    return {"Auto-Submitted": "auto-replied", **answered}
