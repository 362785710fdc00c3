"""From a pasted list to people."""

import pytest

from members.invitations.reading import MOST_LINES, guests_in
from members.refusals import BadRequest


def read(text: str) -> list[tuple[str, str]]:
    return [(guest.address, guest.name) for guest in guests_in(text)]


def test_addresses_with_or_without_names_one_a_line() -> None:
    typed = 'Nora@Example.org\r\n\r\nNora Noon <nora@example.org>\n"Noon, Nora" <n@example.org>\n  <m@example.org> \n'
    assert read(typed) == [
        ("nora@example.org", ""),
        ("nora@example.org", "Nora Noon"),
        ("n@example.org", "Noon, Nora"),
        ("m@example.org", ""),
    ]


def test_several_on_a_line_as_mail_programs_copy_them() -> None:
    assert read("A <a@example.org>; b@example.org;") == [("a@example.org", "A"), ("b@example.org", "")]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_table_with_headings_in_any_order(between: str) -> None:
    rows = [
        ("Name", "Profession", "E-mail address", "Phone", "Organisation"),
        ('"Noon, Nora"', "Dietitian", "nora@example.org", "1", "Lea Valley"),
        ("Max", "king", "max@example.org", "2", ""),
        ("Short", "GP"),
    ]
    nora, king, short = guests_in("\n".join(between.join(row) for row in rows))
    assert (nora.address, nora.profession, nora.organisation) == ("nora@example.org", "Dietitian", "Lea Valley")
    assert nora.name == "Noon, Nora"
    assert (king.address, king.profession) == ("max@example.org", "king")
    assert (short.address, short.typed.startswith("Short")) == ("", True)


@pytest.mark.parametrize(
    "line",
    ["nora", "nora@", "@example.org", "a b@example.org", "nora@example.org x@example.org", "x" * 250 + "@a.org", "<>", "a@b"],
)  # fmt: skip
def test_what_is_no_address_is_kept_as_typed_and_invites_nobody(line: str) -> None:
    [guest] = guests_in(line)
    assert (guest.address, guest.typed) == ("", line[:100])


def test_nothing_in_a_line_becomes_another_header() -> None:
    for guest in guests_in("Nora\rBcc: eve@example.org <n@example.org>\nNora\x00\x0b <m@example.org>"):
        assert not set("\r\n\x00\x0b") & set(guest.name + guest.address)


@pytest.mark.parametrize("text", ["", " \n ", "\n".join(f"a{number}@example.org" for number in range(MOST_LINES + 1))])
def test_nobody_and_too_many_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        guests_in(text)
