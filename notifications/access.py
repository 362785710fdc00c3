"""A member's own device; and rows held for the transaction that is under way: a preference while it changes, and work in hand."""

from django.db.models import Model, QuerySet

from members.models import Member
from members.refusals import NotHere
from notifications.models import Preference, PushDevice


def preference_held(member: Member) -> Preference:
    """The member's row, which has to be there: see `preference_of`."""
    return Preference.objects.select_for_update().get(member=member)


def device_of(member: Member, device_id: int) -> PushDevice:
    """One of the member's own browsers in which they are told at once. Raises NotHere."""
    device = PushDevice.objects.filter(member=member, pk=device_id).select_related("member").first()
    if device is None:
        raise NotHere
    return device


def device_held(member: Member, session: str, endpoint: str) -> PushDevice:
    """The browser of the member's session, if it is told at that address. Raises NotHere."""
    device = PushDevice.objects.select_for_update().filter(member=member, session=session, endpoint=endpoint).first()
    if device is None:
        raise NotHere
    return device


def untaken[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of the rows that no other worker holds; they are held from now on."""
    return rows.select_for_update(skip_locked=True, of=("self",))
