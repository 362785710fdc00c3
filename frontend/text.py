"""The only maker of safe HTML from what members write.

Markdown (CommonMark with tables, strikethrough, task lists, bare links and line breaks as typed) by markdown-it-py, with
raw HTML off, and then an allow-list by bleach behind the one seam `sanitise`. Rendering alone should be safe;
the allow-list is there for the day on which it is not.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bleach.sanitizer import Cleaner
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

VERSION = 1
"""Of the renderer. Raise it with every change of what it makes: stored HTML of older versions is drawn anew when read."""
LONGEST = 10_000
"""Characters of a message."""
MOST_NAMES = 50
DEEPEST = 20
MENTION = re.compile(r"(?<![\w/@.])@([a-z0-9](?:[a-z0-9.-]{0,58}[a-z0-9])?)(?![\w@])", re.IGNORECASE)
EVERYONE = "room"

type Names = Mapping[str, tuple[int, str]]

TAGS = frozenset(
    [
        "p",
        "br",
        "strong",
        "em",
        "s",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "span",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "h4",
        "h5",
        "h6",
        "hr",
    ]
)
SCHEMES = ("http", "https", "mailto")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
"""Control characters, and those that turn the direction of what follows: they could make a text read as another."""
BLANK = {"Cc", "Cf", "Zs", "Zl", "Zp"}
LOOKS_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters without a shape."""


def clean(text: str) -> str:
    """What is kept of a typed text: line ends of one kind, no control characters but tab and newline, no blank end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text).rstrip()


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return all(unicodedata.category(sign) in BLANK or sign in LOOKS_BLANK for sign in text)


def to_html(text: str, *, names: Names | None = None) -> SafeString:
    """Safe HTML of a message's Markdown. `names`: handle → (member id, display name) of the members it may mention."""
    return mark_safe(sanitise(markdown().render(UNSEEN.sub("", text), {"names": names or {}})))


def stored_html(html: str) -> SafeString:
    """HTML that `to_html` made earlier, under the present VERSION."""
    return mark_safe(html)


def names_mentioned(text: str) -> frozenset[str]:
    """Handles that the text mentions, in lower case: not in code, not in links; `room` is everybody."""
    if "@" not in text:
        return frozenset()
    found: dict[str, None] = {}
    markdown().parse(UNSEEN.sub("", text), {"found": found})
    return frozenset(list(found)[:MOST_NAMES])


def to_plain(text: str) -> str:
    """The words without the Markdown, block by block."""
    blocks = []
    for token in markdown().parse(UNSEEN.sub("", text), {}):
        if token.type == "inline":
            blocks.append(plain_words(token.children or ()))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.strip())
    return "\n".join(block for block in blocks if block)


def plain_words(tokens: Sequence[Token]) -> str:
    breaks = {"softbreak": " ", "hardbreak": " "}
    return "".join(breaks.get(token.type, token.content) for token in tokens).strip()


def excerpt(text: str, length: int = 140) -> str:
    """The beginning of the words on one line, with an ellipsis where it was cut."""
    words = " ".join(to_plain(text[: 20 * length]).split())
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


# Markdown ---------------------------------------------------------------------------------------------------------------

LOCAL = threading.local()


def markdown() -> MarkdownIt:
    """This thread's parser."""
    if not hasattr(LOCAL, "markdown"):
        LOCAL.markdown = make_markdown()
    parser: MarkdownIt = LOCAL.markdown
    return parser


def make_markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": DEEPEST})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.core.ruler.push("members", draw_own)
    parser.add_render_rule("table_open", open_table)
    parser.add_render_rule("table_close", close_table)
    return parser


HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6"}


def draw_own(state: StateCore) -> None:
    """What we draw otherwise than CommonMark: lower headings, links for images, tasks, mentions."""
    for place, token in enumerate(state.tokens):
        token.tag = HEADINGS.get(token.tag, token.tag)
        if token.type == "inline":
            token.children = mention(task(state, place, images_as_links(token.children or [])), state.env)


def images_as_links(tokens: list[Token]) -> list[Token]:
    """A picture from elsewhere would tell that elsewhere who reads it: it becomes a link."""
    drawn = []
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type != "image":
            drawn.append(token)
            continue
        words = Token("text", "", 0, content=token.content or str(token.attrs["src"]))
        link = [Token("link_open", "a", 1, attrs={"href": token.attrs["src"]}), words, Token("link_close", "a", -1)]
        drawn += [words] if inside else link
    return drawn


def task(state: StateCore, place: int, tokens: list[Token]) -> list[Token]:
    """`- [ ]` and `- [x]` as a box that a screen reader can say."""
    in_item = place > 1 and state.tokens[place - 2].type == "list_item_open"
    first = tokens[0] if tokens else None
    if not in_item or first is None or first.type != "text" or first.content[:4].lower() not in ("[ ] ", "[x] "):
        return tokens
    done = first.content[1] != " "
    first.content = first.content[4:]
    box = span("task", "☑" if done else "☐", {"role": "img", "aria-label": "Done:" if done else "To do:"})
    state.tokens[place - 2].attrJoin("class", "task")
    return [*box, Token("text", "", 0, content=" "), *tokens]


def span(css_class: str, words: str, attributes: Mapping[str, str]) -> list[Token]:
    opening = Token("span_open", "span", 1, attrs={"class": css_class, **attributes})
    return [opening, Token("text", "", 0, content=words), Token("span_close", "span", -1)]


def mention(tokens: list[Token], env: Mapping[str, Any]) -> list[Token]:
    """Draw the mentions in the plain text of a block, and note their handles."""
    drawn: list[Token] = []
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not inside and "@" in token.content:
            drawn += mentions_in(token.content, env)
        else:
            drawn.append(token)
    return drawn


def mentions_in(words: str, env: Mapping[str, Any]) -> Iterable[Token]:
    names: Names = env.get("names", {})
    found = env.get("found", {})
    end = 0
    for match in MENTION.finditer(words):
        handle = match[1].lower()
        found[handle] = None
        if handle in names or handle == EVERYONE:
            yield Token("text", "", 0, content=words[end : match.start()])
            yield from drawn_mention(handle, names)
            end = match.end()
    yield Token("text", "", 0, content=words[end:])


def drawn_mention(handle: str, names: Names) -> list[Token]:
    if handle not in names:
        return span("mention everyone", f"@{EVERYONE}", {})
    member, name = names[handle]
    link: dict[str, str | int | float] = {"class": "mention", "href": f"/members/{member}/", "data-member": str(member)}
    words = Token("text", "", 0, content=f"@{name}")
    return [Token("link_open", "a", 1, attrs=link), words, Token("link_close", "a", -1)]


def open_table(self: RendererProtocol, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
    """A wide table scrolls in a box of its own, by keyboard too."""
    return '<div class="table" role="region" aria-label="Table" tabindex="0"><table>\n'


def close_table(self: RendererProtocol, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
    return "</table></div>\n"


# The allow-list ---------------------------------------------------------------------------------------------------------


def sanitise(html: str) -> str:
    """Only what the allow-list names; the rest becomes text. The one seam behind which the sanitiser can change."""
    if not hasattr(LOCAL, "cleaner"):
        # One for each thread: the parser below it keeps state.
        LOCAL.cleaner = Cleaner(tags=TAGS, attributes=allowed, protocols=SCHEMES, strip=False, strip_comments=True)
    cleaned: str = LOCAL.cleaner.clean(html)
    return outward(cleaned)


OUTWARD = re.compile(r'<a href="(?=https?:|mailto:)')


def outward(html: str) -> str:
    """Links that leave the site tell nothing of where they were, and lend it no weight."""
    return OUTWARD.sub('<a rel="nofollow noopener noreferrer" href="', html)


CLASSES = {"a": {"mention"}, "span": {"task", "mention everyone"}, "div": {"table"}, "li": {"task"}}
LANGUAGE = re.compile(r"language-[a-z0-9+-]{1,30}")


def allowed(tag: str, name: str, value: str) -> bool:
    """Whether this attribute may stand on this tag."""
    if name == "class":
        return value in CLASSES.get(tag, ()) or (tag == "code" and bool(LANGUAGE.fullmatch(value)))
    if tag == "a":
        return (name == "href" and is_link(value)) or (name == "data-member" and value.isdigit())
    return (tag, name, value) in FIXED or (tag == "ol" and name == "start" and value.isdigit())


FIXED = {
    ("span", "role", "img"),
    ("span", "aria-label", "Done:"),
    ("span", "aria-label", "To do:"),
    ("div", "role", "region"),
    ("div", "aria-label", "Table"),
    ("div", "tabindex", "0"),
}


def is_link(address: str) -> bool:
    """A web or mail address, or a path on this site; no other scheme, and nothing that a browser might read as one."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in SCHEMES or (not parts.scheme and not parts.netloc and address.startswith(("/", "#")))
