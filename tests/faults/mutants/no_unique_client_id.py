"""A message that is sent twice is stored twice. The constraint is taken from the run's own database (see rig.py)."""

from members.models import Member
from rooms.actions import messages
from rooms.commands import PostMessage


def infect() -> None:
    messages.posted_before = posted_never


def posted_never(author: Member, command: PostMessage) -> None:
    return None
