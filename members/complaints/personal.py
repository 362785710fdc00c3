"""What complaints keep of a member, by their address: for the copy they take along, and for erasing it."""

from collections.abc import Iterator

from members.copies import Part
from members.models import Complaint, Member


def complaints_of(member: Member) -> Iterator[Part]:
    complaints = Complaint.objects.filter(address=member.email).order_by("pk")
    yield Part(
        "complaints",
        "Your complaints about your data",
        complaints.values("ticket", "words", "made_at", "due_at", "outcome", "answered_at"),
    )


def erase_complaints(member: Member, _: bool) -> None:
    """What was answered. One that waits stays with its address until it is: to be erased is no way of losing the answer."""
    Complaint.objects.filter(address=member.email).exclude(answered_at=None).delete()
