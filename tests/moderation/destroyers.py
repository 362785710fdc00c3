"""Every function of the house that destroys something: found in the code, so that none can be forgotten."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("chatserver", "notifications", "moderation", "rooms", "members")


def destroyers() -> set[str]:
    """`rooms.actions.groups.end_membership`: what deletes rows or stored bytes, or puts other words in place of a text."""
    return {name for path in sources() for name in destroying_in(path)}


def sources() -> Iterator[Path]:
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


def destroying_in(path: Path) -> Iterator[str]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(destroys, ast.walk(function))):
            yield f"{module}.{function.name}"


def destroys(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="delete" | "_raw_delete" | "unlink")):
            return True
        case ast.Call(func=ast.Attribute(attr="remove", value=ast.Name(id="storage"))):
            return True
        case ast.Call(func=ast.Attribute(attr="update" | "bulk_update"), keywords=named):
            return any(each.arg == "text" for each in named)
        case ast.Assign(targets=targets):
            written = (each for target in targets for each in ast.walk(target))
            return any(isinstance(each, ast.Attribute) and each.attr == "text" for each in written)
    return False
