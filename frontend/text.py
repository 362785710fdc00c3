"""What members write: what is kept of it, and the only maker of safe HTML from it.

Markdown first (frontend/markdown.py, which knows no raw HTML), then an allow-list (frontend/allow_list.py). Rendering alone
should be safe; the list is there for the day on which it is not.
"""

import re
import unicodedata
from html import unescape
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from frontend import markdown
from frontend.allow_list import sanitise
from frontend.markdown import Names

VERSION = 2
"""Of the renderer. Raise it with every change of what it makes: stored HTML of older versions is drawn anew when read."""
LONGEST = 10_000
"""Characters of a message."""
EVERYONE = markdown.EVERYONE
"""The handle that mentions all members of the group."""

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Also what turns the direction of writing, by which words can be made to read as others (harmless marks of direction stay),
# and letters that only machines see, save those in the flags of England, Scotland and Wales.
UNSEEN = re.compile(
    "(\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f)"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
BLANK = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
LOOKS_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def clean(text: str) -> str:
    """What is kept of a typed text: line ends of one kind, no control characters but tab and newline, no blank end."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip()


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return all(unicodedata.category(sign) in BLANK for sign in LOOKS_BLANK.sub("", unescape(text)))


def to_html(text: str, *, names: Names | None = None) -> SafeString:
    """Safe HTML of a message. `names`: handle → (member id, display name) of the members it may mention."""
    html = markdown.render(without_unseen(text), names or {})
    # Again, for an entity like &#8238; stands for them too.
    return mark_safe(sanitise(without_unseen(html)))


def stored_html(html: str) -> SafeString:
    """HTML that `to_html` made earlier, under the present VERSION."""
    return mark_safe(html)


def names_mentioned(text: str) -> frozenset[str]:
    """Handles that the text mentions, in lower case: not in code, not in links; `room` is everybody."""
    if "@" not in text:
        return frozenset()
    _, handles = markdown.parse(without_unseen(text))
    return frozenset(handles)


def to_plain(text: str) -> str:
    """The words without the Markdown, a line for each block or row."""
    tokens, _ = markdown.parse(without_unseen(text))
    words = "".join(plain(before, token) for before, token in pairwise([Token("", "", 0), *tokens]))
    lines = (line.rstrip() for line in without_unseen(words).split("\n"))
    return "\n".join(line for line in lines if line)


def plain(before: Token, token: Token) -> str:
    """What a block's token adds to the plain words."""
    match token.type:
        case "inline":
            return markdown.words_of(token.children or ())
        case "fence" | "code_block":
            return markdown.lines_of(token)
        case "list_item_open":
            return f"\n{token.info}. " if token.info else "\n- "
        case "td_open" | "th_open":
            return "" if before.type == "tr_open" else " | "
        case "paragraph_close" | "heading_close" | "tr_close":
            return "\n"
    return ""


def excerpt(text: str, length: int = 140) -> str:
    """The beginning of the words on one line, with an ellipsis where it was cut."""
    beginning = text[: 20 * length]
    words = " ".join(to_plain(beginning).split())
    if len(words) <= length and beginning == text:
        return words
    return words[: length - 1].rstrip() + "…"


def without_unseen(text: str) -> str:
    return UNSEEN.sub(r"\1", text)
