"""The moderators' home: what waits for one of them, how much of it, since when, and until when where a clock runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from members.complaints.actions import complaints_for
from members.invitations.asking import open_requests
from members.models import Member
from members.permissions import may_answer_complaints, may_keep_by_law
from moderation.access import cases_for, legal_holds_for, slips_for
from moderation.appeals.lot import SEATS
from moderation.holding import Chosen, waiting_posts
from moderation.models import TIME_TO_REPORT, Appeal, Case, LegalHold


@dataclass(frozen=True, slots=True)
class Pile:
    """Things of one kind that wait. `due`: when the first of them has to be done."""

    words: str
    address: str
    count: int
    since: datetime
    due: datetime | None = None

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due <= timezone.now()


def piles_for(moderator: Member) -> list[Pile]:
    """What waits for this moderator, first what has a clock; a query for each kind. Where nothing waits, there is no pile."""
    return list(piles(moderator))


def piles(moderator: Member) -> Iterator[Pile]:
    slips, since = oldest(slips_for(moderator).filter(outcome=""), "flagged_at")
    if since:
        yield Pile("Patient slips", reverse("slips"), slips, since, since + TIME_TO_REPORT)
    if not may_answer_complaints(moderator, timezone.now()):
        waiting = complaints_for(moderator).filter(answered_at=None)
        due = waiting.order_by("due_at").values_list("due_at", flat=True).first()
        complaints, since = oldest(waiting, "made_at")
        if since:
            yield Pile("Complaints about data", reverse("complaints"), complaints, since, due)
    if not may_keep_by_law(moderator, None, timezone.now()):
        yield from legal_piles(moderator)
    for words, address, (count, since) in (
        ("Cases", "#cases", oldest(cases_for(moderator).exclude(state=Case.State.CLOSED), "opened_at")),
        ("Posts that wait for a look", reverse("waiting"), oldest(waiting_posts(moderator, Chosen()), "held_at")),
        ("People who ask to join", reverse("invitations"), oldest(open_requests(), "asked_at")),
        ("Appeals that lack people to hear them", reverse("panel"), oldest(appeals_short_of_people(), "made_at")),
    ):
        if since:
            yield Pile(words, address, count, since)


def legal_piles(administrator: Member) -> Iterator[Pile]:
    """Legal holds that wait for another than the one who asked, to begin or to end."""
    holds = legal_holds_for(administrator)
    to_begin = holds.filter(state=LegalHold.State.ASKED).exclude(asked_by=administrator)
    to_end = holds.filter(state=LegalHold.State.ENDING).exclude(end_asked_by=administrator)
    for words, (count, since) in (
        ("Legal holds to agree to", oldest(to_begin, "asked_at")),
        ("Legal holds to end", oldest(to_end, "end_asked_at")),
    ):
        if since:
            yield Pile(words, reverse("legal_holds"), count, since)


def oldest(waiting: QuerySet[Any], moment: str) -> tuple[int, datetime | None]:
    """How many, and since when the first of them waits."""
    found = waiting.order_by().aggregate(count=Count("pk"), since=Min(moment))
    return found["count"], found["since"]


def appeals_short_of_people() -> QuerySet[Appeal]:
    """Open appeals for which too few could be drawn: more have to put their names in."""
    seated = Count("seats", filter=Q(seats__left_at=None))
    return Appeal.objects.filter(ended_at=None).annotate(seated=seated).filter(seated__lt=SEATS)
