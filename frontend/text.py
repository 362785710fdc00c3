"""What members write: what is kept of it, and the only maker of safe HTML from it.

Markdown first (frontend/markdown.py, which knows no raw HTML), then an allow-list (frontend/allow_list.py). Rendering alone
should be safe; the list is there for the day on which it is not.
"""

import re
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from frontend import markdown
from frontend.allow_list import sanitise
from frontend.markdown import Names
from frontend.signs import clean, is_blank, one_line, without_unseen

__all__ = [
    "EVERYONE",
    "LONGEST",
    "VERSION",
    "clean",
    "content_note",
    "excerpt",
    "is_blank",
    "names_mentioned",
    "one_line",
    "opening",
    "rename_mention",
    "stored_html",
    "to_html",
    "to_plain",
]

VERSION = 2
"""Of the renderer. Raise it with every change of what it makes: stored HTML of older versions is drawn anew when read."""
LONGEST = 10_000
"""Characters of a message."""
EVERYONE = markdown.EVERYONE
"""The handle that mentions all members of the group."""


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


def rename_mention(text: str, handle: str, to: str) -> str:
    """The text with every @handle written otherwise, wherever it stands."""
    return markdown.MENTION.sub(lambda found: f"@{to}" if found[1].lower() == handle else found[0], text)


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


def opening(text: str, length: int = 200) -> str:
    """The first sentences of the words, on one line, as far as they fit; a sentence that is longer is cut between words."""
    words = excerpt(text, 4 * length)
    if len(words) <= length:
        return words
    sentences = [end.end() for end in SENTENCE_END.finditer(words, 0, length + 1)]
    if sentences and sentences[-1] > length // 3:
        return words[: sentences[-1]].rstrip()
    return words[:length].rpartition(" ")[0].rstrip(",;:–—- ") + "…"


SENTENCE_END = re.compile(r"[.!?…][)\"”’]*(?=\s)")


def content_note(text: str) -> str:
    """What an author warns of in their first line (`Content note: baby loss`), or an empty string.

    Whoever meets the words uninvited, in a mail, is shown the note and decides.
    """
    found = CONTENT_NOTE.match(text)
    return " ".join(to_plain(found[2]).split())[:80] or "sensitive" if found else ""


CONTENT_NOTE = re.compile(
    r"\s*[*_(\[]*(content (?:note|warning)|trigger warning|cn|cw|tw)[*_]*\s*:[*_]*\s*(.*)", re.IGNORECASE
)


def excerpt(text: str, length: int = 140) -> str:
    """The beginning of the words on one line, with an ellipsis where it was cut."""
    beginning = text[: 20 * length]
    words = " ".join(to_plain(beginning).split())
    if len(words) <= length and beginning == text:
        return words
    return words[: length - 1].rstrip() + "…"
