"""The tables of cases: (verdict, text) of each line."""

from pathlib import Path

HERE = Path(__file__).parent
CASES = HERE / "patient-data-cases.txt"
HELD_OUT = HERE / "patient-data-held-out.txt"


def cases(path: Path) -> list[tuple[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(verdict, text.replace("\\n", "\n")) for verdict, _, text in (line.partition(" | ") for line in lines)]


def all_cases() -> list[tuple[str, str]]:
    return cases(CASES) + cases(HELD_OUT)
