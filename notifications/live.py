"""The badge of unseen notices on open screens."""

from events.catalogue import NoticesChanged
from events.frames import Frame
from events.wire import tell_member
from members.models import Member
from notifications.actions import count_unseen


def show_unseen(event: NoticesChanged) -> None:
    for member in Member.objects.filter(pk__in=event.members):
        tell_member(member.pk, Frame.of("notice", unseen=count_unseen(member)))
