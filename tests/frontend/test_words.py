"""The words that templates use for times, days, counts and first lines."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

NOON = datetime(2026, 11, 2, 9, 14, 30, tzinfo=UTC)


def drawn(source: str, **words: Any) -> str:
    return Template("{% load words %}" + source).render(Context(words))


def test_a_time_says_the_whole_date_to_those_who_ask() -> None:
    assert drawn("{% local_time at %}", at=NOON) == (
        '<time datetime="2026-11-02T09:14:30+00:00" title="Monday 2 November 2026, 09:14" data-format="time">09:14</time>'
    )


def test_a_time_is_told_in_the_zone_that_is_active() -> None:
    with timezone.override("Asia/Kolkata"):
        html = drawn("{% local_time at %}", at=NOON)
    assert 'datetime="2026-11-02T14:44:30+05:30"' in html
    assert html.endswith(">14:44</time>")


@pytest.mark.parametrize(("style", "shown"), [("day", "2 November"), ("full", "2 November 2026, 09:14")])
def test_a_time_comes_in_styles(style: str, shown: str) -> None:
    assert f'data-format="{style}">{shown}</time>' in drawn("{% local_time at style %}", at=NOON, style=style)


def test_a_day_has_its_heading() -> None:
    assert drawn("{% day_heading day %}", day=date(2026, 11, 2)) == "Monday 2 November 2026"


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (99, "99"), (100, "99+")])
def test_counting_stops_at_99(count: int, shown: str) -> None:
    assert drawn("{{ count|unread }}", count=count) == shown


def test_an_excerpt_is_words_and_not_html() -> None:
    assert drawn("{{ text|excerpt:12 }}", text="**Soup** &lt;b&gt; <i>with</i> bread") == "Soup &lt;b&gt; &lt;i…"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Priya Nair", "PN"),
        ("sunflower", "S"),
        ("Anna Maria de Souza", "AS"),
        ("<b>Bob", ""),
        ("李 明", "李明"),
        ("", ""),
    ],
)
def test_initials_stand_for_a_name(name: str, shown: str) -> None:
    assert drawn("{{ name|initials }}", name=name) == shown
