"""The rules of the house whose breaking would be a hole and not a matter of taste."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from chatserver.reactions import REACTIONS
from events import catalogue
from rooms.doors import COMMANDS
from scripts import rules

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ("chatserver", "members", "rooms", "moderation", "notifications", "events", "frontend")
OWN_COMMANDS = {"hello", "room.open", "room.close", "typing", "heartbeat"}
"""Commands that concern the socket itself, obeyed in rooms/consumers.py."""


def sources(*suffixes: str) -> Iterable[Path]:
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*"):
            if path.suffix in suffixes and "migrations" not in path.parts:
                yield path


@pytest.mark.parametrize(
    ("pattern", "owners", "suffix"),
    [
        (r"\bmark_safe\b|\bSafeString\(|__html__", {"frontend/text.py"}, ".py"),
        (r"\|\s*safe\b|\bautoescape off\b|\|\s*safeseq\b", set(), ".html"),
        (r"\bget_channel_layer\b|\bgroup_send\b|\bgroup_add\b", {"events/exchange.py"}, ".py"),
        (r"\bos\.environ\b|\bgetenv\b", {"chatserver/env.py", "chatserver/asgi.py", "chatserver/serve.py"}, ".py"),
        (r"\bEAR\.send\b", {"events/wire.py"}, ".py"),
        (
            r"\binnerHTML\b|\bouterHTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b",
            {"frontend/static/js/dom.js"},
            ".js",
        ),
        (r"\beval\(|\bnew Function\b", set(), ".js"),
        (r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+=", set(), ".html"),
        # Whoever becomes a member any other way reads what the group keeps from newcomers.
        (
            r"(?<!class )\bMembership\(|\bMembership\.objects\.\w*create\b",
            {"rooms/actions/groups.py", "rooms/importing/writing.py", "rooms/demonstration/fill.py"},
            ".py",
        ),
        # written_once: makes sure of the transaction, as Django does for what it writes itself.
        (
            r"\bselect_for_update\b",
            {f"{floor}/access.py" for floor in FLOORS} | {"members/written_once.py"},
            ".py",
        ),
    ],
)
def test_some_things_have_one_owner(pattern: str, owners: set[str], suffix: str) -> None:
    found = {str(path.relative_to(ROOT)) for path in sources(suffix) if re.search(pattern, path.read_text())}
    assert found <= owners


def test_every_event_has_its_line_in_the_table_of_reactions() -> None:
    events = {
        event
        for event in vars(catalogue).values()
        if isinstance(event, type) and issubclass(event, catalogue.Event) and not event.__subclasses__()
    }
    assert events == set(REACTIONS)


def test_the_page_of_rules_is_drawn_from_the_rules() -> None:
    assert rules.PAGE.read_text(encoding="utf-8") == rules.drawn(), "run python scripts/rules.py"
    assert not re.findall(r"^\| `\w+` \|  \|", rules.drawn(), re.MULTILINE), "a rule does not say who may"


def documented(heading: str) -> set[str]:
    """The kinds in the table under a heading of docs/protocol.md."""
    page = (ROOT / "docs" / "protocol.md").read_text()
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([a-z.]+)` \|", section, re.MULTILINE))


def test_the_protocol_page_names_every_command_and_no_other() -> None:
    assert documented("Commands") == set(COMMANDS) | OWN_COMMANDS


def test_the_protocol_page_names_every_frame_and_no_other() -> None:
    sent = set()
    for path in sources(".py"):
        sent |= set(re.findall(r'Frame\.of\(\s*"([a-z.]+)"|"kind": "([a-z.]+)"', path.read_text()))
    kinds = {kind for pair in sent for kind in pair if kind}
    assert documented("Frames") == kinds - {"done", "refused"}


def test_the_browser_knows_every_frame() -> None:
    modules = "".join(path.read_text() for path in sources(".js"))
    assert {
        kind for kind in documented("Frames") if not re.search(rf'(?<![\w.]){re.escape(kind)}"?\'?:', modules)
    } == set()


def test_every_close_code_is_on_the_protocol_page() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text()
    used = set()
    for path in sources(".py"):
        used |= set(re.findall(r"^[A-Z_]+ = (10\d\d|40[01]\d)$", path.read_text(), re.MULTILINE))
    assert {code for code in used if f"| {code} |" not in page} == set()
