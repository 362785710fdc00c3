"""The house rules: every version of them, which one is in force, and which one was at a given time.

A version is added and never changed, so that what a decision rests on, and what somebody agreed to, can still be read.
"""

from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from django.db import IntegrityError, transaction

from frontend.text import LONGEST, is_blank
from members.models import Member, RulesProposal, RulesVersion
from members.refusals import BadRequest, Refused

FIRST = "The first house rules."
LONGEST_REASON = 600
CONTEXT = 1
"""Lines that stay, shown around those that change."""


class RulesMovedOn(Refused):
    """The house rules were changed since this form was opened."""

    code = "rules_moved_on"
    status = 409
    words = (
        "The house rules have changed since you opened this page. What you typed still stands below: compare it with the"
        " new version, then send it again."
    )


def rules_in_force() -> RulesVersion | None:
    """None while there are none."""
    return RulesVersion.objects.order_by("-number").first()


def number_in_force() -> int:
    """0 while there are none. From the database: what the_community() remembers may be seconds old."""
    return RulesVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0


def rules_at(moment: datetime) -> RulesVersion | None:
    """The house rules that were in force then: what a decision of that day rests on."""
    return RulesVersion.objects.filter(from_at__lte=moment).order_by("-number").first()


def text_of(number: int) -> str:
    """The words of a version, empty for number 0 and for one that never was."""
    return RulesVersion.objects.filter(number=number).values_list("text", flat=True).first() or ""


@transaction.atomic
def add_version(text: str, why: str, *, role: str, after: int, proposal: RulesProposal | None = None) -> RulesVersion:
    """Put another version into force, which follows the one with the number `after`.

    Of two who change the same version the database lets one through: numbers are given once. Raises BadRequest, RulesMovedOn.
    """
    check_text(text)
    if is_blank(why):
        raise BadRequest("Say why the house rules change. Everybody reads it.", code="blank", field="rules_reason")
    if len(why) > RulesVersion._meta.get_field("why").max_length:  # type: ignore[operator]
        raise BadRequest("Say why in fewer words.", code="too_long", field="rules_reason")
    if number_in_force() != after:
        raise RulesMovedOn(field="rules")
    version = RulesVersion(number=after + 1, text=text, why=why, role=role, proposal=proposal)
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError as error:
        raise RulesMovedOn(field="rules") from error
    return version


def check_text(text: str) -> None:
    """Raises BadRequest for rules that nobody could keep."""
    if is_blank(text):
        raise BadRequest("House rules that were there once are changed, not emptied.", code="blank", field="rules")
    if len(text) > LONGEST:
        raise BadRequest(f"The house rules have at most {LONGEST:,} characters.", code="too_long", field="rules")


def see_rules(member: Member, number: int) -> None:
    """The member has read this version. One that is not in force yet, or was before what they have read, changes nothing."""
    seen = min(number, number_in_force())
    Member.objects.filter(pk=member.pk, rules_seen__lt=seen).update(rules_seen=seen)


class Line(NamedTuple):
    """A line of a comparison. `gap`: lines that stay were left out here."""

    kind: Literal["kept", "added", "removed", "gap"]
    words: str = ""


def differences(before: str, after: str) -> list[Line]:
    """What has to be taken from one text and put to it to make the other, line by line, with a line around each place."""
    old, new = lines_of(before), lines_of(after)
    found: list[Line] = []
    end = 0
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        if group[0][1] > end:
            found.append(Line("gap"))
        end = group[-1][2]
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                found += [Line("kept", line) for line in old[i1:i2]]
            else:
                found += [Line("removed", line) for line in old[i1:i2]]
                found += [Line("added", line) for line in new[j1:j2]]
    if found and end < len(old):
        found.append(Line("gap"))
    return found


def lines_of(text: str) -> list[str]:
    """Blank lines only set paragraphs apart, and are no news."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]
