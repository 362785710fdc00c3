"""The tables of cases: (verdict, text) of each line."""

from pathlib import Path

from members.number_shapes import spelled
from moderation.guard.looking import Finding, look

HERE = Path(__file__).parent
CASES = HERE / "patient-data-cases.txt"
HELD_OUT = HERE / "patient-data-held-out.txt"

SHAPES = ["RAJ######", "@######", "LV-##-#####", "#######"]
"""Of hospital numbers, in every case: what trusts could set, with two that find much."""


def look_with_shapes(text: str, *, own_story: bool = False) -> Finding:
    return look(text, own_story=own_story, shapes=spelled(SHAPES))


def cases(path: Path) -> list[tuple[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(verdict, text.replace("\\n", "\n")) for verdict, _, text in (line.partition(" | ") for line in lines)]


def all_cases() -> list[tuple[str, str]]:
    return cases(CASES) + cases(HELD_OUT)
