"""Terms of leading: how long one lasts, and when it is time to speak of its end.

A term that ends takes nothing away by itself: a group without leaders would be nobody's. It asks a question, in sight of all.
"""

from calendar import monthrange
from datetime import date, timedelta

from django.utils import timezone

from rooms.models import Membership, WorkingGroup

CHOICES = {6: "6 months", 12: "12 months", 24: "2 years", 0: "Without an end"}
"""Months of a term, as a group may choose them."""
NEAR = timedelta(days=30)
"""So long before its end, a leader is asked whether they go on."""


def term_from_today(group: WorkingGroup) -> date | None:
    """The last day of a term that begins today; None where the group sets no end."""
    return months_after(timezone.localdate(), group.term_months) if group.term_months else None


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_over(leading: Membership) -> bool:
    """Whether the term ended and nobody said yet what comes next."""
    return leading.leads_until is not None and leading.leads_until < timezone.localdate()


def is_near_its_end(leading: Membership) -> bool:
    """Whether it is time for a leader to say if they go on; so too once it is over."""
    return leading.leads_until is not None and leading.leads_until <= timezone.localdate() + NEAR
