"""What the guard stops, asks about and lets pass: a table of cases, and what becomes of tricks."""

from pathlib import Path

import pytest

from moderation.guard.looking import Level, look

CASES = Path(__file__).with_name("patient-data-cases.txt")
VERDICTS = {"pass": Level.NOTHING, "ask": Level.DOUBT, "stop": Level.SURE}


def cases() -> list[tuple[str, str]]:
    """(verdict, text) of each line."""
    lines = [line for line in CASES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(verdict, text) for verdict, _, text in (line.partition(" | ") for line in lines)]


def test_there_are_enough_cases_to_judge_by() -> None:
    assert len(cases()) >= 300
    assert len(set(cases())) == len(cases())


@pytest.mark.parametrize(("verdict", "text"), cases())
def test_each_case_gets_its_verdict(verdict: str, text: str) -> None:
    found = look(text)
    assert found.level == VERDICTS[verdict], found
