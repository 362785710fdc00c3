"""Rows held for the transaction that is under way: a member's preference while it is changed, and what workers take in hand."""

from django.db.models import Model, QuerySet

from members.models import Member
from notifications.models import Preference


def preference_held(member: Member) -> Preference:
    """The member's row, which has to be there: see `preference_of`."""
    return Preference.objects.select_for_update().get(member=member)


def untaken[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of the rows that no other worker holds; they are held from now on."""
    return rows.select_for_update(skip_locked=True, of=("self",))
