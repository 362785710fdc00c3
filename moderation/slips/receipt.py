"""What was removed where and when, for whoever has to answer for it: places and counts, never words or names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from members.community.facts import the_community
from moderation.models import Decision, Slip


@dataclass(frozen=True, slots=True)
class Line:
    """One place: how much of it was there; `at` is None while it is still to be done."""

    place: str
    count: int | None
    at: datetime | None


def lines(slip: Slip) -> Iterator[Line]:
    """Every place that was gone through, also those where nothing was."""
    for step in slip.steps.order_by("pk"):
        for place, count in step.counts.items():
            yield Line(place, count, step.done_at)
        if step.done_at is None:
            yield Line(f"Still to be done: {step.purger.rpartition('.')[2].replace('_', ' ')}", None, None)


def decisions(slip: Slip) -> list[Decision]:
    """What stands in the record of it, with its seals."""
    return list(Decision.objects.filter(case=slip.case_id, made_at__gte=slip.flagged_at).order_by("number"))


def as_text(slip: Slip) -> str:
    """The receipt as plain text."""
    room = slip.case.room
    said = [
        f"Receipt for slip {slip.pk}",
        the_community().name,
        "",
        f"Message: {slip.number}" + (f", in the room numbered {room.pk}" if room else ""),
        f"Flagged: {moment(slip.flagged_at)}, by a member",
        f"State: {slip.get_state_display()}",
    ]
    if slip.settled_at:
        said.append(f"Decided: {moment(slip.settled_at)}, by a guardian")
    if slip.purged_at:
        said.append(f"Last copy gone: {moment(slip.purged_at)}")
    said += [f"Members who may have seen it: {slip.readers.values('member').distinct().count()}", ""]
    said += [f"{line.place}: {line.count}, {moment(line.at)}" if line.at else line.place for line in lines(slip)] or [
        "Nothing was removed."
    ]
    said += ["", f"Report due by: {moment(slip.deadline)}"]
    if slip.outcome and slip.outcome_at:
        said.append(f"Outcome: {slip.get_outcome_display()}, {moment(slip.outcome_at)}. {slip.outcome_words}".rstrip())
    said += ["", "In the record:"]
    said += [
        f"{each.number}. {moment(each.made_at)}: a {each.role} {each.get_act_display()}. Seal {each.seal}"
        for each in decisions(slip)
    ]
    return "\n".join(said) + "\n"


def moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y, %H:%M:%S %Z}"
