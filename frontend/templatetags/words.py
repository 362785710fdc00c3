"""Times, days and short texts as templates say them."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontend import text

register = template.Library()

MOST_COUNTED = 99


@register.simple_tag
def local_time(moment: datetime, style: str = "time") -> SafeString:
    """A time the browser shows in the reader's own zone, with the full date on hover and for screen readers.

    `style`: `time` (09:14), `day` (2 November), `full` (2 November 2026, 09:14).
    """
    local = timezone.localtime(moment)
    shown = {"time": "%H:%M", "day": "%-d %B", "full": "%-d %B %Y, %H:%M"}[style]
    return format_html(
        '<time datetime="{}" title="{}" data-format="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%A %-d %B %Y, %H:%M}",
        style,
        f"{local:{shown}}",
    )


@register.simple_tag
def day_heading(day: date) -> str:
    """Monday 2 November 2026."""
    return date_format(day, "l j F Y")


@register.filter
def excerpt(words: str, length: int = 140) -> str:
    """The beginning of a message on one line, without its Markdown."""
    return text.excerpt(words, length)


@register.filter
def initials(name: str) -> str:
    """Two letters that stand for a name where there is no photo."""
    letters = [word[0].upper() for word in name.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:])


@register.filter
def unread(count: int) -> str:
    """A count that stops at 99+, as counting does."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


@register.filter
def in_words(name: str) -> str:
    """The name of a function, for people: Send invitations."""
    return name.replace("_", " ").capitalize()
