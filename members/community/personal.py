"""What is kept of a member about the house rules: for the copy they take along, and for erasing it."""

from collections.abc import Iterator

from members.copies import Part
from members.models import Member, RulesProposal, Stance


def rules_of(member: Member) -> Iterator[Part]:
    """What they proposed, and what they said to proposals."""
    proposals = RulesProposal.objects.filter(by=member).order_by("pk")
    yield Part(
        "rules_proposals",
        "House rules you proposed",
        proposals.values("text", "why", "made_at", "closes_at", "answered_at", "is_accepted", "answer"),
    )
    stances = Stance.objects.filter(member=member).order_by("pk")
    yield Part(
        "stances",
        "What you said to proposals of house rules",
        [
            {"proposal": each.proposal_id, "said": each.get_kind_display(), "words": each.words, "at": each.said_at}
            for each in stances
        ],
    )


def erase_from_proposals(member: Member, with_words: bool) -> None:
    """How they stood to a proposal stays counted, without their name, and without their words where those go.

    What they proposed stays as well: others answered to it, and where it came into force it is the house rules.
    """
    if with_words:
        Stance.objects.filter(member=member).update(words="")
