"""Passwords: changing one's own, and which are refused."""

from hashlib import sha1
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction

from members.actions import end_sessions
from members.models import Member
from members.refusals import BadRequest

LONGEST = 200


@transaction.atomic
def change_password(member: Member, password: str, *, but: str) -> Member:
    """Set a password, and end the member's sessions except the one with the digest `but`. Raises BadRequest."""
    if len(password) > LONGEST:
        raise BadRequest(f"A password has at most {LONGEST} characters.", code="too_long", field="password")
    try:
        validate_password(password, member)
    except ValidationError as refused:
        raise BadRequest(" ".join(refused.messages), code="weak_password", field="password") from None
    member.set_password(password)
    return keep(member, but)


@transaction.atomic
def remove_password(member: Member, *, but: str) -> Member:
    """Do without a password from now on: a code by mail is always there."""
    member.set_unusable_password()
    return keep(member, but)


def keep(member: Member, but: str) -> Member:
    member.save(update_fields=["password"])
    end_sessions(member, but=but)
    return member


class BreachedPasswordValidator:
    """Refuses what stands in a list of passwords that were stolen elsewhere.

    The list is a file of SHA-1 digests in order, one a line (`DIGEST:count`), as Have I Been Pwned offers it for download. It
    may be tens of gigabytes: it is searched by halving, not read.
    """

    def __init__(self, file: str) -> None:
        self.file = Path(file)
        if not self.file.is_file():
            raise ImproperlyConfigured(f"BREACHED_PASSWORDS: there is no file {file}.")

    def validate(self, password: str, user: object = None) -> None:
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with self.file.open("rb") as lines:
            if stands_in(lines, digest):
                raise ValidationError("That password is in a list of stolen ones. Choose another.", code="breached")

    def get_help_text(self) -> str:
        return "Not one that was stolen somewhere."


def stands_in(lines: BinaryIO, digest: bytes) -> bool:
    """Whether one of the ordered lines begins with the digest."""
    low, high = 0, lines.seek(0, SEEK_END)
    while low < high:
        middle = (low + high) // 2
        start, line = line_from(lines, middle, low)
        found = line[: len(digest)].upper()
        if found == digest:
            return True
        if line and found < digest:
            low = start + len(line)
        else:
            high = middle
    return False


def line_from(lines: BinaryIO, position: int, low: int) -> tuple[int, bytes]:
    """The first line that begins at `position` or after it, and where; empty at the end of the file.

    `low` is known to be the beginning of a line.
    """
    if position > low:
        lines.seek(position - 1)
        lines.readline()
    else:
        lines.seek(low)
    return lines.tell(), lines.readline()
