"""What the guard stops, asks about and lets pass: a table of cases, and what becomes of tricks."""

import re

import pytest

from moderation.guard.looking import Level, rules
from moderation.guard.rewriting import offered
from tests.moderation.guard_cases import CASES, HELD_OUT, cases
from tests.moderation.guard_cases import look_with_shapes as look

VERDICTS = {"pass": Level.NOTHING, "ask": Level.DOUBT, "stop": Level.SURE}


def test_there_are_enough_cases_to_judge_by() -> None:
    assert len(cases(CASES)) >= 300
    assert len(cases(HELD_OUT)) >= 100
    both = cases(CASES) + cases(HELD_OUT)
    assert len(set(both)) == len(both)


def test_each_case_gets_its_verdict() -> None:
    wrong = [
        (verdict, text, look(text).kinds) for verdict, text in cases(CASES) if look(text).level != VERDICTS[verdict]
    ]
    assert wrong == []


def test_places_are_those_of_the_text_as_it_was_typed() -> None:
    text = "Für **Zoë**: NHS number 999 67\u200b2 1108, thanks"
    (mark,) = look(text).marks
    assert text[mark.start : mark.end] == "NHS number 999 67\u200b2 1108"


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("Mrs Khan is 34 weeks and on insulin", "A woman is 34 weeks and on insulin"),
        ("A patient called Sarah came in", "A woman came in"),
        ("34-year-old at 29 weeks admitted on 12 March", "A woman in her thirties at 29 weeks admitted recently"),
        ("The 34-year-old at 29 weeks admitted on 12 March", "The woman in her thirties at 29 weeks admitted recently"),
        ("I saw Fatima Ali, 32 weeks, on insulin", "I saw a woman, 32 weeks, on insulin"),
        ("NHS number 999 672 1108, GDM", "(number left out), GDM"),
    ],
)
def test_other_words_are_offered_that_fit_in(typed: str, instead: str) -> None:
    assert offered(typed, look(typed).marks) == instead


def test_what_is_offered_passes() -> None:
    """As far as one signal goes: a text may hold a second thing to ask about, which is asked about next."""
    stopped = [text for verdict, text in cases(CASES) if verdict == "stop"]
    again = [text for text in stopped if look(offered(text, look(text).marks)).level is Level.SURE]
    assert again == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("I was born on 12 March 1988 and had my son at 37 weeks", Level.NOTHING),
        ("I was 34 years old, 29 weeks, admitted on 12 March at St Botolph's", Level.NOTHING),
        ("My NHS number is 999 672 1108", Level.SURE),
        ("Mrs Khan in the next bed was on insulin", Level.DOUBT),
    ],
)
def test_ones_own_story_may_say_when_and_where(text: str, level: Level) -> None:
    assert look(text, own_story=True).level is level


HOSTILE = [
    "1 " * 5000,
    "Mrs A" * 2000,
    "999 672 110" * 900,
    "a@" * 5000,
    "lives 1 a b " * 800,
    "%" * 10_000,
    "A' " * 3300,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_looked_through_to_its_end(text: str) -> None:
    """No pattern can go through a text more than a set number of times, so this returns; see the next test for why."""
    assert look(text[:9_990] + " 9996392546").level is not None


def test_no_pattern_holds_a_repetition_without_end_within_another() -> None:
    """Such a pattern can take for ever. A bound on the inner or outer one keeps the steps few."""
    nested = re.compile(r"[+*]\)(?:[+*]|\{\d+,\})|\)\*|\)\+")
    patterns = [
        pattern.pattern
        for signals in rules().by_kind.values()
        for one in signals
        for pattern in (one.pattern, one.near, one.unless_near, one.unless_before, one.unless_after)
        if pattern
    ]
    assert len(patterns) > 30
    assert [pattern for pattern in patterns if nested.search(pattern)] == []
