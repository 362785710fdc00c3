"""The browser modules of a page, named in advance, so that it asks for all at once and not level after level."""

import re
from functools import cache
from pathlib import Path, PurePosixPath

from django import template
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

MODULES = Path(__file__).resolve().parent.parent / "static" / "js"
IMPORT = re.compile(r"""^(?:import|export)\s(?:[^"';]*?\sfrom\s)?["'](\.[^"']+)["']""", re.MULTILINE)


@register.simple_tag
def preload_modules(*entries: str) -> SafeString:
    """Links that preload these modules of static/js and all that they import."""
    links = ((static(f"js/{name}"),) for name in with_imports(entries))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@cache
def with_imports(entries: tuple[str, ...]) -> tuple[str, ...]:
    """The modules and everything that they import, directly or not, each once."""
    found: dict[str, None] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += imports_of(name)
    return tuple(sorted(found))


def imports_of(name: str) -> list[str]:
    folder = PurePosixPath(name).parent
    return [normal(folder / address) for address in IMPORT.findall((MODULES / name).read_text())]


def normal(path: PurePosixPath) -> str:
    """`room/../dom.js` is `dom.js`."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
