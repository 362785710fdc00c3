"""What cannot wait is told in moderators' browsers too, at any hour: one of them looks. Beside the letter that says so."""

from django.tasks import task
from django.urls import reverse

from events.catalogue import CaseChanged
from moderation.models import Case
from notifications.actions import notices_for
from notifications.models import PushDevice
from notifications.of_moderation import who_looks_at
from notifications.push.devices import is_signed_in
from notifications.push.news import URGENT, News
from notifications.push.sending import LONGEST_KEPT, hand_over
from notifications.push.service import Outcome


class NotTold(Exception):
    """The push service did not take it; it may be tried again."""


def tell_moderators_devices(event: CaseChanged) -> None:
    """Leave a task for each browser in which a moderator is told of things."""
    if event.is_new and event.at_once:
        for device in PushDevice.objects.filter(member__in=who_looks_at(event.case)).values_list("pk", flat=True):
            tell_of_case.enqueue(device, event.case)


@task
def tell_of_case(device_id: int, case_id: int) -> None:
    """Tell one browser that something cannot wait, unless its moderator has seen so or somebody looks at it. Raises NotTold."""
    device = PushDevice.objects.select_related("member").filter(pk=device_id).first()
    if device is None or not is_signed_in(device):
        return
    if not notices_for(device.member).filter(seen_at=None, case=case_id, case__state=Case.State.OPEN).exists():
        return
    answer = hand_over(device, News(URGENT, reverse("notices"), URGENT), keep_for=LONGEST_KEPT, is_urgent=True)
    if answer.outcome is Outcome.FAILED:
        raise NotTold
