"""Somebody new: who they are, their password, and the handle that follows @."""

import re
import unicodedata

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from frontend.text import EVERYONE
from members.community.rules import number_in_force
from members.models import Member
from members.profile import name_from
from members.refusals import BadRequest, TryAgain

LONGEST_BASE = 50
"""Letters of a handle, before a number that tells it from another."""
TRIES = 5


def newcomer(address: str, name: str, password: str, role: str = Member.Role.MEMBER) -> Member:
    """A member, not yet stored. Without a password they come in by other ways. Raises BadRequest.

    Before the transaction and not in it, for drawing a password's digest takes its time.
    """
    member = Member(email=address, display_name=name_from(name), role=role)
    if password:
        try:
            validate_password(password, member)
        except ValidationError as error:
            raise BadRequest(" ".join(error.messages), code="weak_password", field="password") from error
    member.set_password(password or None)
    return member


def store(member: Member) -> None:
    """Store a newcomer under a handle that nobody has, with the house rules that they agree to by joining.

    Must run inside a transaction. Raises TryAgain.
    """
    member.rules_agreed = member.rules_seen = number_in_force()
    for _ in range(TRIES):
        member.handle = free_handle(member.display_name)
        try:
            with transaction.atomic():
                member.save(force_insert=True)
        except IntegrityError:
            continue  # Somebody of the same name came in the same moment.
        return
    raise TryAgain


def free_handle(name: str) -> str:
    """A handle made of a name: `jane.doe`, and if there is one already `jane.doe.2`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub("[^a-z0-9]+", ".", plain)[:LONGEST_BASE].strip(".")
    if not base or base == EVERYONE:
        base = "member"
    taken = set(Member.objects.filter(handle__startswith=base).values_list("handle", flat=True))
    number = 1
    while (handle := base if number == 1 else f"{base}.{number}") in taken:
        number += 1
    return handle
