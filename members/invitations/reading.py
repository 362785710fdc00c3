"""From a pasted list to the people in it."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass

from frontend.text import clean, one_line
from members.addresses import checked_address
from members.refusals import BadRequest

MOST_LINES = 1_000
LONGEST_LINE = 400
HEADINGS = {
    "address": "address",
    "email": "address",
    "e-mail": "address",
    "email address": "address",
    "e-mail address": "address",
    "name": "name",
    "profession": "profession",
    "organisation": "organisation",
    "organization": "organisation",
}
NAME_AND_ADDRESS = re.compile(r'\s*"?(?P<name>[^"<>]*)"?\s*<(?P<address>[^<>]*)>\s*')


@dataclass(frozen=True, slots=True)
class Guest:
    """One person of a list. `address` is empty where what was typed holds none."""

    typed: str
    address: str
    name: str = ""
    profession: str = ""
    organisation: str = ""


def guests_in(text: str) -> list[Guest]:
    """Everybody in a list: an address a line, `Name <address>`, or a table with a line of headings. Raises BadRequest."""
    lines = [line for line in clean(text).split("\n") if line.strip()]
    if not lines:
        raise BadRequest(
            "Nobody stands in the list. Write an e-mail address on each line.", code="blank", field="people"
        )
    headings = headings_in(lines[0])
    guests = list(from_table(lines, headings) if headings else from_lines(lines))
    if len(guests) > MOST_LINES:
        raise BadRequest(f"A list has at most {MOST_LINES:,} people. Divide it.", code="too_long", field="people")
    return guests


def headings_in(line: str) -> list[str]:
    """What each column of a table holds; nothing when the line is no line of headings."""
    columns = [HEADINGS.get(one_line(cell).lower(), "") for cell in next(csv.reader([line], delimiter=divider(line)))]
    return columns if "address" in columns else []


def divider(line: str) -> str:
    """Spreadsheets copy with tabs between the columns, and save with commas or semicolons."""
    return max(",;\t", key=line.count)


def from_table(lines: list[str], headings: list[str]) -> Iterable[Guest]:
    between = divider(lines[0])
    for line in lines[1:]:
        cells = dict(zip(headings, next(csv.reader([line[:LONGEST_LINE]], delimiter=between)), strict=False))
        yield guest(line, **{what: cells.get(what, "") for what in ("address", "name", "profession", "organisation")})


def from_lines(lines: list[str]) -> Iterable[Guest]:
    """One person a line; mail programs put several on a line, with semicolons between."""
    for line in lines:
        for typed in filter(str.strip, line.split(";")):
            found = NAME_AND_ADDRESS.fullmatch(typed[:LONGEST_LINE])
            yield guest(typed, found["address"], found["name"]) if found else guest(typed, typed[:LONGEST_LINE])


def guest(typed: str, address: str, name: str = "", profession: str = "", organisation: str = "") -> Guest:
    try:
        address = checked_address(address)
    except BadRequest:
        address = ""
    return Guest(
        one_line(typed)[:100],
        address,
        one_line(name)[:80],
        one_line(profession)[:60],
        one_line(organisation)[:120],
    )
