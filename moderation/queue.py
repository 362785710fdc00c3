"""What waits for moderators, and one case as they read it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from members.models import Member
from moderation.access import cases_for
from moderation.actions import FOR_A_TIME, Order
from moderation.context import is_agreed, is_direct
from moderation.models import ACT_TO_THEM, Act, Case, Decision, Ground, Report
from rooms.models import Message


def open_cases(moderator: Member) -> QuerySet[Case]:
    """What cannot wait first, and then what has waited longest."""
    cases = cases_for(moderator).exclude(state=Case.State.CLOSED)
    return with_people(cases).annotate(times=Count("reports")).order_by("-priority", "opened_at", "pk")


def closed_cases(moderator: Member) -> QuerySet[Case]:
    closed = cases_for(moderator).filter(state=Case.State.CLOSED)
    return with_people(closed).annotate(times=Count("reports")).order_by("-closed_at", "-pk")


def with_people(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("about", "taken_by", "group", "room", "message__room").prefetch_related("reports")


@dataclass(frozen=True, slots=True)
class AsReported:
    """The words as they stood when somebody reported them: one for each wording."""

    words: str
    at: datetime


def wordings(reports: list[Report]) -> list[AsReported]:
    """How it was worded at each report, the first first, without repeating."""
    found: dict[str, AsReported] = {}
    for report in reports:
        if report.quoted:
            found.setdefault(report.quoted, AsReported(report.quoted, report.made_at))
    return list(found.values())


def usual_ground(reports: list[Report]) -> str:
    """What most reports say: where a decision begins."""
    grounds = [report.ground for report in reports]
    return max(grounds, key=grounds.count) if grounds else Ground.OTHER


def usual_act(case: Case) -> str:
    if case.message is not None and not case.message.is_removed:
        return "hide"
    return "warn" if case.about_id else "lock"


@dataclass(frozen=True, slots=True)
class Preview:
    """What the person concerned will read, before it is decided."""

    whose: str
    act: str
    rule: str
    reason: str
    words: str
    days: int


def preview_of(moderator: Member, order: Order) -> Preview:
    act = order.act.removesuffix("_everywhere")
    did = ACT_TO_THEM.get(Act(act), Act(act).label)
    where = {"silence": " in this group", "silence_everywhere": " everywhere"}.get(order.act, "")
    draft = Decision(role=moderator.get_role_display().lower())
    days = order.days if order.act in FOR_A_TIME else 0
    return Preview(draft.whose, did + where, Ground(order.ground).label, order.reason, order.words, days)


def message_now(case: Case) -> Message | None:
    """The message as it stands now: None when it is gone altogether."""
    if case.message is None or case.message.cleared_at:
        return None
    return case.message


def may_ask_to_look(moderator: Member, case: Case) -> bool:
    """Whether a second moderator's agreement is what is missing for looking around."""
    return is_direct(case) and case.taken_by_id == moderator.pk and not is_agreed(case)
