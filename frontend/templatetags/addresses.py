"""Addresses that stand on a page a hundred times."""

from functools import cache

from django import template
from django.urls import reverse

register = template.Library()

ANY = 1_000_000_007


@register.simple_tag
def address(name: str, number: int) -> str:
    """What `{% url name number %}` gives, for a tenth of the work: in a list of messages each has several."""
    before, after = around_number(name)
    return f"{before}{number}{after}"


@cache
def around_number(name: str) -> tuple[str, str]:
    before, after = reverse(name, args=[ANY]).split(str(ANY))
    return before, after
