"""Another e-mail address: proved by a code that is mailed there, before it takes the old one's place."""

import secrets
import time
from dataclasses import asdict, dataclass, replace

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from members.limits import Allowance, Limits
from members.mail import send_soon
from members.models import Member
from members.refusals import BadRequest, TooFast

CODE_SECONDS = 15 * 60
TRIES = 3
LONGEST = 254
asking = Limits(Allowance(burst=4, a_minute=0.1))


@dataclass(frozen=True, slots=True)
class Move:
    """A wish for another address, as the session remembers it. `at` is in seconds since 1970."""

    address: str
    code: str
    at: float
    tries: int = 0

    def as_stored(self) -> dict[str, object]:
        return asdict(self)


def ask_for_address(member: Member, typed: str) -> Move:
    """Mail a code to another address. Raises BadRequest, TooFast.

    Somebody else's address gets none, and neither the answer nor its time tells: who belongs is not to be tried out.
    """
    address = checked_address(typed)
    if not asking.allow(member.pk):
        raise TooFast
    move = Move(address, f"{secrets.randbelow(10**8):08}", time.time())
    is_taken = Member.objects.filter(email=address).exists()
    send_soon("" if is_taken else address, f"Your code: {move.code}", "address_code", code=move.code)
    return move


def checked_address(typed: str) -> str:
    """An address as we keep it, in small letters. Raises BadRequest."""
    address = typed.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise BadRequest("That is not an e-mail address. Check how it is written.", field="address") from None
    if len(address) > LONGEST:
        raise BadRequest(f"An address has at most {LONGEST} characters.", code="too_long", field="address")
    return address


def prove_address(member: Member, move: Move, code: str) -> Move | None:
    """Take the code. Returns None once the address is the member's, after a wrong code the move with one try more.

    Raises BadRequest when its time or its tries are over.
    """
    if time.time() - move.at > CODE_SECONDS or move.tries >= TRIES:
        raise BadRequest("That code is over. Ask for another.", code="code_over", field="address")
    if not secrets.compare_digest(code.strip().encode(), move.code.encode()):
        return replace(move, tries=move.tries + 1)
    change_address(member, move.address)
    return None


def change_address(member: Member, address: str) -> None:
    old = member.email
    try:
        with transaction.atomic():
            member.email = address
            member.save(update_fields=["email"])
            # Otherwise the old address would still be sent codes.
            EmailAddress.objects.filter(user=member).delete()
            send_soon(old, "Your address was changed", "address_changed", name=member.display_name)
    except IntegrityError:
        raise BadRequest("That address belongs to somebody already.", code="address_taken", field="address") from None
