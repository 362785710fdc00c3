"""Who hears an appeal: drawn by lot from the members who offered to, so that different people sit together.

Chance decides among all who are equally good for the panel's balance; nobody chooses.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom

SEATS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the lot looks at; empty where a member named none."""

    member: int
    profession: str = ""
    organisation: str = ""
    has_lived_experience: bool = False


def draw(
    candidates: Collection[Candidate], seated: Sequence[Candidate], seats: int, lot: Random | None = None
) -> list[Candidate]:
    """Up to so many, one after the other: somebody with lived experience where nobody seated has it, then a profession and
    an organisation that no one seated comes from.
    """
    pool = sorted(candidates, key=lambda candidate: candidate.member)
    (lot or SystemRandom()).shuffle(pool)
    drawn: list[Candidate] = []
    while pool and len(drawn) < seats:
        # Python's max takes the first of the best, and which is first the lot has settled.
        best = max(pool, key=lambda candidate: what_it_adds(candidate, [*seated, *drawn]))
        pool.remove(best)
        drawn.append(best)
    return drawn


def what_it_adds(candidate: Candidate, panel: Sequence[Candidate]) -> tuple[bool, bool, bool]:
    brings_experience = candidate.has_lived_experience and not any(each.has_lived_experience for each in panel)
    return (
        brings_experience,
        candidate.profession not in {each.profession for each in panel},
        candidate.organisation not in {each.organisation for each in panel},
    )
