"""Addresses that are put together are those that Django would have given."""

import pytest
from django.urls import NoReverseMatch, reverse

from frontend.addresses import path_to


@pytest.mark.parametrize(
    ("name", "values"),
    [("home", ()), ("message", (7,)), ("stop", ("1-room-107.yJ09A1kYq_-",)), ("room", (1_000_000_007,))],
)
def test_they_are_those_that_django_gives(name: str, values: tuple[int | str, ...]) -> None:
    assert path_to(name, *values) == reverse(name, args=values)


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(NoReverseMatch):
        path_to("message")
