"""The words by which a room or a group is known: its name, and a sentence or two."""

from django.utils.text import slugify

from frontend.text import clean, is_blank, one_line
from members.refusals import BadRequest
from rooms.models import WorkingGroup

LONGEST_NAME = 80
LONGEST_WORDS = 600


def known_by(thing: str, name: str, words: str, *, field: str, field_called: str) -> tuple[str, str]:
    """A name on one line and the words beside it, cleaned. Raises BadRequest.

    `thing`: what is named, "room"; `field_called`: what the words in `field` are, "What a room is about".
    """
    name, words = one_line(name), clean(words)
    if is_blank(name):
        raise BadRequest(f"A {thing} needs a name.", code="blank", field="name")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"A {thing}'s name has at most {LONGEST_NAME} characters.", code="too_long", field="name")
    if len(words) > LONGEST_WORDS:
        raise BadRequest(f"{field_called} has at most {LONGEST_WORDS} characters.", code="too_long", field=field)
    return name, words


def free_slug(name: str) -> str:
    """A slug that no group has: the name's, with a number where that is taken."""
    stem = slugify(name)[:70] or "group"
    taken = set(WorkingGroup.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug
