"""What HTML may hold that is made from members' words, and the one seam that holds it to that."""

import re
import threading
from html import unescape

from bleach.sanitizer import Cleaner

URL_SIGNS = r"[\w;/?:@&=+$,.!~*'()#%-]"
ADDRESS = re.compile(
    # No name before the host: https://nhs.uk@example.org is a page of example.org.
    rf"https?://(?![^/?#]*@)(?:[a-z0-9]|\[[0-9a-f:.]+\]){URL_SIGNS}*|mailto:{URL_SIGNS}+|/(?!/){URL_SIGNS}*",
    re.ASCII | re.IGNORECASE,
)
"""Web, mail, or a path on this site. A path must not begin with two slashes: that is another site."""

TAGS: dict[str, dict[str, str]] = {
    "a": {
        "href": ADDRESS.pattern,
        "rel": "nofollow noopener noreferrer",
        "class": "mention",
        "data-member": "[0-9]+",
    },
    "blockquote": {},
    "br": {},
    "code": {"class": "language-[a-z0-9+-]{1,30}"},
    "div": {"class": "table", "role": "group", "aria-label": "Table", "tabindex": "0"},
    "em": {},
    "h4": {},
    "h5": {},
    "h6": {},
    "hr": {},
    "li": {"class": "task", "value": "[0-9]{1,9}"},
    "ol": {"start": "[0-9]{1,9}"},
    "p": {},
    "pre": {"tabindex": "0"},
    "s": {},
    "span": {"class": "mention everyone|visually-hidden", "aria-hidden": "true"},
    "strong": {},
    "table": {},
    "tbody": {},
    "td": {"class": "center|right"},
    "th": {"class": "center|right"},
    "thead": {},
    "tr": {},
    "ul": {},
}
"""Tag → attribute → what the whole of its value must match. Everything else becomes text or goes."""

VALUES = {
    (tag, name): re.compile(pattern, re.ASCII | re.IGNORECASE if name == "href" else re.ASCII)
    for tag, attributes in TAGS.items()
    for name, pattern in attributes.items()
}


ESCAPED = re.compile(
    r"""(?:[^<>&"]++|&(?:amp|lt|gt|quot);|</?[a-z0-9]+(?: [a-z-]+="[^<>"]*+")*+>)*+""",
)
TAG = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


class Tools(threading.local):
    """One for each thread: the parser under bleach keeps state."""

    def __init__(self) -> None:
        self.cleaner = Cleaner(tags=TAGS, attributes=allowed, protocols=("http", "https", "mailto"))


def sanitise(html: str) -> str:
    """Only what the list allows. The seam behind which the sanitiser can change."""
    return html if is_allowed(html) else rewritten(html)


def rewritten(html: str) -> str:
    """Parse it, leave out what the list does not allow, and write it anew."""
    cleaned: str = tools.cleaner.clean(html)
    return cleaned


def is_allowed(html: str) -> bool:
    """Whether it is nothing but words, plainly escaped, and allowed tags, each closed in its turn.

    All parsers read that alike, and `rewritten` would give it back as it is; tests hold the two to each other. It is how we
    draw every message, and parsing takes longer than drawing.
    """
    if not ESCAPED.fullmatch(html):
        return False
    opened: list[str] = []
    for closing, tag, attributes in TAG.findall(html):
        if tag not in TAGS or (closing and (attributes or not opened or opened.pop() != tag)):
            return False
        if not all(allowed(tag, name, value) for name, value in ATTRIBUTE.findall(attributes)):
            return False
        if not closing and tag not in ("br", "hr"):
            opened.append(tag)
    return not opened


def allowed(tag: str, name: str, value: str) -> bool:
    """Whether this attribute, its value as written in the HTML, may stand on this tag."""
    pattern = VALUES.get((tag, name))
    return pattern is not None and pattern.fullmatch(unescape(value)) is not None


tools = Tools()
