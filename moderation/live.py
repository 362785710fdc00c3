"""What open screens of moderators are told."""

from events.catalogue import CaseChanged, WaitingChanged
from events.frames import Frame
from events.wire import tell_member
from members.access import moderators
from moderation.access import posts_waiting, waiting_for
from moderation.models import Case


def show_queue(event: CaseChanged) -> None:
    """How many cases wait for each, and which of them has changed."""
    case = Case.objects.filter(pk=event.case).values_list("about", "version").first()
    if case is None:
        return
    about, version = case
    for moderator in moderators().exclude(pk=about or 0):
        frame = Frame.of("case", case=event.case, version=version, waiting=waiting_for(moderator))
        tell_member(moderator.pk, frame)


def show_waiting(_: WaitingChanged) -> None:
    """How many posts wait for each of them, in two queries however many they are: a raid holds hundreds in a minute."""
    waiting = posts_waiting()
    everybodys = sum(waiting.values())
    for moderator in moderators().only("pk"):
        tell_member(moderator.pk, Frame.of("waiting", waiting=everybodys - waiting.get(moderator.pk, 0)))
