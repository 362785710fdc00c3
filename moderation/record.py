"""The public record: every use of power, in the order in which it happened, written once.

`write_down` is the RECORD of PowerUsed in chatserver/reactions.py, so a decision is stored in the transaction of what it tells
of, or neither is. Each row is sealed with the one before it; `broken` finds where somebody changed or took out a row.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from events.catalogue import Because, DecisionRecorded, PowerUsed, PowerUsedOnMany
from events.publish import publish
from moderation.access import held_head
from moderation.models import Decision, RecordHead

AT_ONCE = 200
"""Decisions that one statement stores."""


def write_down(event: PowerUsed) -> None:
    """Add a decision to the record."""
    decision = said(event.act, event.because)
    decision.about_id, decision.message_id = event.about, event.message
    decision.group_id, decision.room_id, decision.until = event.group, event.room, event.until
    add([decision])
    tell_of(decision)


def write_down_many(event: PowerUsedOnMany) -> None:
    """Add a decision for each thing that was done in one act; whom they concern hears of the first about them."""
    decisions = [said(event.act, event.because) for _ in event.on]
    for decision, (about, group, room, message) in zip(decisions, event.on, strict=True):
        decision.about_id, decision.group_id, decision.room_id, decision.message_id = about, group, room, message
    for decision, undone in zip(decisions, event.undoing, strict=False):
        decision.undoes_id = undone
    add(decisions)
    first_about = {decision.about_id: decision for decision in reversed(decisions)}
    for decision in first_about.values():
        tell_of(decision)


def said(act: str, because: Because) -> Decision:
    return Decision(
        act=act,
        role=because.role,
        ground=because.ground,
        reason=because.reason,
        words=because.words,
        by_id=because.by,
        case_id=because.case,
        undoes_id=because.undoes,
        made_at=timezone.now(),
    )


def add(decisions: Sequence[Decision]) -> None:
    """Seal them onto the record. Its head is the last row that any transaction locks, so nobody waits in a circle."""
    head = held_head()
    for decision in decisions:
        decision.number = head.number + 1
        decision.sealed = what_it_says(decision)
        decision.seal = sealed_after(head.seal, decision.sealed)
        head.number, head.seal = decision.number, decision.seal
    Decision.objects.bulk_create(decisions, batch_size=AT_ONCE)
    head.save(update_fields=["number", "seal"])


def tell_of(decision: Decision) -> None:
    publish(
        DecisionRecorded(
            decision=decision.number,
            act=decision.act,
            about=decision.about_id,
            by=decision.by_id,
            message=decision.message_id,
        )
    )


SEALED = ("number", "act", "role", "ground", "reason", "words", "by_id", "about_id", "undoes_id")
"""Columns that stay as they were; those that may be emptied later are sealed with the values they had."""
SEALED_AS_THEY_WERE = ("group_id", "room_id", "message_id", "case_id")


def what_it_says(decision: Decision) -> str:
    facts: dict[str, Any] = {name: getattr(decision, name) for name in (*SEALED, *SEALED_AS_THEY_WERE)}
    facts["made_at"] = decision.made_at.isoformat()
    facts["until"] = decision.until.isoformat() if decision.until else None
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sealed_after(seal_before: str, sealed: str) -> str:
    return hashlib.sha256(f"{seal_before}\n{sealed}".encode()).hexdigest()


def broken(decisions: Iterable[Decision], head: RecordHead | None) -> str:
    """What is wrong with the record, read from its first row on; empty when it is whole."""
    number, seal = 0, ""
    for decision in decisions:
        if decision.number != number + 1:
            return f"Decision {number + 1} is missing."
        number, seal = decision.number, sealed_after(seal, decision.sealed)
        if decision.seal != seal:
            return f"Decision {number} was changed, or one before it was exchanged."
        if said_otherwise(decision):
            return f"Decision {number} says something else than when it was sealed."
    if head and (head.number, head.seal) != (number, seal):
        return f"The record ends at {number} and should end at {head.number}."
    return ""


def said_otherwise(decision: Decision) -> bool:
    sealed = json.loads(decision.sealed)
    stays = any(sealed[name] != getattr(decision, name) for name in SEALED)
    moved = any(getattr(decision, name) not in (sealed[name], None) for name in SEALED_AS_THEY_WERE)
    until = decision.until.isoformat() if decision.until else None
    return stays or moved or sealed["made_at"] != decision.made_at.isoformat() or sealed["until"] != until
