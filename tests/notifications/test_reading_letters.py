"""What comes of a letter: what its writer typed, all of it, and nothing else."""

import pytest

from notifications.replies.cutting import typed
from tests.notifications.answers import KEPT, PLAIN

ALICE = frozenset({"alice", "example"})


@pytest.mark.parametrize("program", PLAIN)
def test_what_is_answered_and_put_beneath_is_cut(program: str) -> None:
    came, was_typed = PLAIN[program]
    assert typed(came, ALICE) == was_typed
    assert typed(came.replace("\n", "\r\n"), ALICE) == was_typed


@pytest.mark.parametrize("what", KEPT)
def test_what_was_typed_stays(what: str) -> None:
    assert typed(KEPT[what], ALICE) == KEPT[what]
