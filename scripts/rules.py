"""Draw the table of rules in docs/rules.md from members/permissions.py: `python scripts/rules.py`.

Each `may_…` gives a row: its docstring, the rules it rests on, and what it answers to whom it says no.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "members" / "permissions.py"
PAGE = ROOT / "docs" / "rules.md"
HEADING = "## The rules\n"


def drawn() -> str:
    """The page as it should be: what is written above the heading, and the table below it."""
    written, _, _ = PAGE.read_text(encoding="utf-8").partition(HEADING)
    rules = [node for node in ast.parse(RULES.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    rows = [row(rule) for rule in rules if rule.name.startswith("may_")]
    head = ["| rule | who may | rests on | says otherwise |", "|---|---|---|---|"]
    return written + HEADING + "\n" + "\n".join(head + rows) + "\n"


def row(rule: ast.FunctionDef) -> str:
    who = " ".join((ast.get_docstring(rule) or "").split())
    rests_on = ", ".join(f"`{name}`" for name in called(rule))
    return f"| `{rule.name}` | {who} | {rests_on} | {'<br>'.join(refusals(rule))} |"


def called(rule: ast.FunctionDef) -> list[str]:
    """The other rules that this one asks, in order."""
    names = [node.func.id for node in ast.walk(rule) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [name for name in dict.fromkeys(names) if name.startswith("may_")]


def refusals(rule: ast.FunctionDef) -> list[str]:
    """Every sentence that it may answer with, in order; what it fills in is left open."""
    answers = sorted((node for node in ast.walk(rule) if isinstance(node, ast.Return)), key=lambda node: node.lineno)
    found = [sentence for answer in answers for sentence in sentences(answer.value) if sentence]
    return list(dict.fromkeys(found))


def sentences(value: ast.expr | None) -> list[str]:
    match value:
        case ast.Constant(value=str() as words):
            return [words]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) else "…" for part in parts)]  # type: ignore[misc]
        case ast.IfExp(body=one, orelse=other):
            return sentences(one) + sentences(other)
    return []


if __name__ == "__main__":
    PAGE.write_text(drawn(), encoding="utf-8")
