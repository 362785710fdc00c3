"""The addresses by which one member writes into one room by mail: reply+TOKEN@MAIL_IN_DOMAIN.

Whoever holds one and sends from that member's own address writes there in their name. So it is signed, says nothing to
who reads it, and ends; and every right is asked again when a letter comes.
"""

import hmac
from base64 import b32decode, b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256

from django.conf import settings

HOLDS = timedelta(days=90)
BEGINS = "reply+"
FIRST_DAY = date(2025, 1, 1)
"""Days are counted from here, in two bytes."""
DAY_BYTES = 2
SIGNED_WITH = 10
"""Bytes. Nobody tries out 80 bits at a mail server; and mail systems take at most 64 characters before the @."""


class NoSuchAddress(Exception):
    """Not an address of ours, or one that is over. Its text is for whoever wrote there."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Who writes, and where: into a room, or in answer to one of its messages."""

    member: int
    room: int
    message: int | None
    day: date


def reply_address(member: int, room: int, message: int | None = None, *, today: date | None = None) -> str:
    """Where this member's answer to a message goes, or a new message to a room. Empty while there is no mail to us."""
    if not settings.MAIL_IN_DOMAIN:
        return ""
    day = ((today or datetime.now(UTC).date()) - FIRST_DAY).days
    facts = day.to_bytes(DAY_BYTES) + packed(member) + packed(room) + packed(message or 0)
    return f"{BEGINS}{written(facts + signature(facts))}@{settings.MAIL_IN_DOMAIN}"


def read_address(address: str, *, today: date | None = None) -> MailAddress:
    """What an address says. On their way mail systems may have made its letters large or small. Raises NoSuchAddress."""
    local, _, domain = address.strip().lower().rpartition("@")
    if not settings.MAIL_IN_DOMAIN or domain != settings.MAIL_IN_DOMAIN or not local.startswith(BEGINS):
        raise NoSuchAddress("There is no such address here.")
    found = unsealed(local.removeprefix(BEGINS))
    if (today or datetime.now(UTC).date()) - found.day > HOLDS:
        raise NoSuchAddress("This address is too old to be answered. Answer a newer letter, or write on the page.")
    return found


def unsealed(token: str) -> MailAddress:
    """What a token holds, when we have signed it. Raises NoSuchAddress."""
    try:
        content = b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        raise NoSuchAddress("There is no such address here.") from None
    facts, signed = content[:-SIGNED_WITH], content[-SIGNED_WITH:]
    # The last character has bits to spare: one token must not be written in two ways, or a letter could be posted twice.
    if not hmac.compare_digest(signature(facts), signed) or written(content) != token:
        raise NoSuchAddress("There is no such address here.")
    day = FIRST_DAY + timedelta(days=int.from_bytes(facts[:DAY_BYTES]))
    member, room, message = numbers(facts[DAY_BYTES:])
    return MailAddress(member, room, message or None, day)


def signature(facts: bytes) -> bytes:
    return hmac.digest(key(settings.SECRET_KEY), facts, "sha256")[:SIGNED_WITH]


@cache
def key(secret: str) -> bytes:
    """Of its own: what is signed here is good for nothing else."""
    return hmac.digest(secret.encode(), b"rooms.mail_address", sha256)


def written(content: bytes) -> str:
    """In letters and digits that survive every mail system."""
    return b32encode(content).decode().rstrip("=").lower()


def packed(number: int) -> bytes:
    """A number in as few bytes as it needs: seven bits in each, the highest says that another follows."""
    content = bytearray()
    while number > 0x7F:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    content.append(number)
    return bytes(content)


def numbers(content: bytes) -> Iterator[int]:
    """The numbers that were packed one after the other."""
    number = shift = 0
    for byte in content:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            yield number
            number = shift = 0
