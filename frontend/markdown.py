"""The Markdown that members write: CommonMark with what people expect in a chat, and bounds to what it may cost.

More than CommonMark: tables, strikethrough, tasks, bare links, mentions, and a line end that ends the line. Otherwise than it:
headings are small, for the page has its own; a picture is a link to it, for to load it would tell its server who reads
here; no raw HTML; and no definitions of links elsewhere in the text, for they make words that no reader sees
and let a short text grow to megabytes.
"""

import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import mdurl
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock, paragraph, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, linkify
from markdown_it.token import Token

from frontend.allow_list import ADDRESS
from frontend.signs import is_blank

logger = logging.getLogger(__name__)

DEEPEST = 16
"""Levels of quotes and lists within each other; a list counts two."""
MOST_CELLS = 2_500
MOST_MENTIONS = 50
EVERYONE = "room"

# Atomic, so that @priya.nair_x does not name priya; dots and hyphens at the end belong to the sentence.
MENTION = re.compile(r"(?<![\w/@])@(?>([A-Za-z0-9](?:[A-Za-z0-9.-]{0,58}[A-Za-z0-9])?))(?![\w@])")
LANGUAGE = re.compile(r"[a-z0-9+-]{1,30}")
# Without http:// or www. only these make a link: in "Thanks.Is it notes.md?" no other site is meant.
LINKED_DOMAINS = [
    "au",
    "ca",
    "com",
    "de",
    "dk",
    "edu",
    "eu",
    "fr",
    "gov",
    "ie",
    "info",
    "net",
    "nhs",
    "nl",
    "nz",
    "org",
    "se",
    "uk",
]

type Names = Mapping[str, tuple[int, str]]
"""Handle → (member id, display name)."""


@dataclass
class Talk:
    """What is known of the people when a text is parsed, and what is found out."""

    names: Names = field(default_factory=dict)
    mentioned: list[str] = field(default_factory=list)


class Dialect(MarkdownIt):
    """The parser."""

    def __init__(self) -> None:
        # The inner limit is never reached by blocks: beyond it markdown-it would leave words out.
        options = {"html": False, "linkify": True, "breaks": True, "xhtmlOut": False, "maxNesting": DEEPEST + 4}
        super().__init__("commonmark", options)
        self.enable(["strikethrough", "linkify"])
        self.disable(["reference", "html_block", "html_inline"])
        self.block.ruler.at("table", whole_table, {"alt": ["paragraph"]})
        self.enable(["table"])
        self.block.ruler.before("table", "no_deeper", no_deeper)
        self.inline.ruler.at("linkify", bare_link)
        # Before escaped signs are joined to the rest, so that \@priya names nobody.
        self.core.ruler.before("text_join", "our_own", draw_our_own)
        for name, rule in RENDERED.items():
            self.add_render_rule(name, rule)
        if self.linkify:
            self.linkify.tlds(LINKED_DOMAINS)

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Whether it becomes a link; otherwise all of it stays as it was typed."""
        return ADDRESS.fullmatch(url) is not None

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        """As typed; but a host with foreign letters, which may pass for another, in its true form (xn--…)."""
        host = mdurl.parse(link, slashes_denote_host=True).hostname or ""
        return link if host.isascii() else self.normalizeLink(link)


def render(text: str, names: Names) -> str:
    dialect = tools.dialect
    html: str = dialect.renderer.render(tokens_of(text, Talk(names)), dialect.options, {})
    return html


def parse(text: str) -> tuple[list[Token], list[str]]:
    """The tokens, and the handles mentioned, in lower case and in their order."""
    talk = Talk()
    return tokens_of(text, talk), talk.mentioned


def tokens_of(text: str, talk: Talk) -> list[Token]:
    try:
        return tools.dialect.parse(text, {"talk": talk})
    except Exception as error:
        # One message that the parser cannot take must not shut a room to all. What failed may quote the text: leave it out.
        logger.error("Markdown of %d characters shown as typed: %s", len(text), type(error).__name__)
        talk.mentioned.clear()
        return as_typed(text)


def as_typed(text: str) -> list[Token]:
    """The lines of the text in one paragraph."""
    first, *others = (word(line) for line in text.split("\n"))
    lines = [first, *(token for line in others for token in (Token("softbreak", "br", 0), line))]
    return [Token("paragraph_open", "p", 1), Token("inline", "", 0, children=lines), Token("paragraph_close", "p", -1)]


# Blocks -----------------------------------------------------------------------------------------------------------------


def no_deeper(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What is nested too deeply is lines of a paragraph."""
    return state.level >= DEEPEST and not silent and paragraph(state, start, end, silent)


def whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table that keeps every cell of a row, unless a few signs would make thousands of cells."""
    if not table(state, start, end, True):
        return False
    columns = len(cells(state, start))
    if columns * (end - start) > MOST_CELLS:
        return False
    if not silent:
        before = len(state.tokens)
        table(state, start, end, False)
        keep_cells(state, state.tokens[before:], columns)
    return True


def keep_cells(state: StateBlock, tokens: Sequence[Token], columns: int) -> None:
    """Put what stands beyond the last column into the last column; tables elsewhere drop it."""
    row: list[str] = []
    last = Token("", "", 0)
    for token in tokens:
        if token.type == "tr_open" and token.map:
            row = cells(state, token.map[0])
        elif token.type == "inline":
            last = token
        elif token.type == "tr_close" and len(row) > columns:
            last.content = " | ".join(cell.strip() for cell in row[columns - 1 :])


def cells(state: StateBlock, line: int) -> list[str]:
    """The cells of a row, without what stands outside of its outer bars."""
    row = escapedSplit(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip())
    first, last = int(row[0] == ""), len(row) - (row[-1] == "" and len(row) > 1)
    return row[first:last]


HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6"}
ALIGNED = {"text-align:center": "center", "text-align:right": "right"}


def draw_our_own(state: StateCore) -> None:
    """Change the tokens to what we draw otherwise than CommonMark."""
    keep_numbers(state.tokens)
    for place, token in enumerate(state.tokens):
        token.tag = HEADINGS.get(token.tag, token.tag)
        if token.type == "inline":
            tokens = list(our_links(token.children or ()))
            token.children = list(with_mentions(with_box(state.tokens, place, tokens), state.env["talk"]))
        elif "style" in token.attrs:
            aligned = ALIGNED.get(str(token.attrs["style"]))
            token.attrs = {"class": aligned} if aligned else {}


def keep_numbers(tokens: Iterable[Token]) -> None:
    """Who answers points 1 and 3 does not find them numbered 1 and 2. (1, 1, 1 is a custom and counts up.)"""
    expected: list[int] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            expected.append(int(token.attrs.get("start", 1)))
        elif token.type == "ordered_list_close":
            expected.pop()
        elif token.type == "list_item_open" and token.info:
            number = int(token.info)
            if number > expected[-1]:
                token.attrs["value"] = str(number)
            expected[-1] = max(number, expected[-1]) + 1


def bare_link(state: StateInline, silent: bool) -> bool:
    """http://… in the words. Not while it only looks ahead: markdown-it then reads the scheme from the wrong place, and fails."""
    return not silent and linkify(state, silent)


# Within a block ---------------------------------------------------------------------------------------------------------


def words_of(tokens: Iterable[Token]) -> str:
    """The words alone."""
    return "".join(word_of(token) for token in tokens)


def word_of(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return words_of(token.children) if token.children else token.content


def word(words: str) -> Token:
    return Token("text", "", 0, content=words)


def our_links(tokens: Iterable[Token]) -> Iterator[Token]:
    """Links in place of pictures, and none within another, though [<https://a.example>](https://b.example) makes one."""
    opening = Token("", "", 0)
    words: list[Token] = []
    depth = 0
    for token in tokens:
        if token.type == "image":
            picture = [word(words_of(token.children or ()))]
            if depth:
                words += picture
            else:
                yield from link(str(token.attrs["src"]), picture)
        elif token.tag == "a":
            depth += token.nesting
            if depth == 0:
                yield from link(address_of(opening, words), words)
            elif depth == token.nesting:
                opening, words = token, []
        elif depth:
            words.append(token)
        else:
            yield token


def link(address: str, words: list[Token]) -> Iterator[Token]:
    """A link without the title, which could tell of another place. Without words it says where it leads."""
    if not address:
        yield from [word("["), *words, word("]()")]
        return
    # What leaves the site lends no weight and tells no tales.
    outward = {} if address.startswith("/") else {"rel": "nofollow noopener noreferrer"}
    yield Token("link_open", "a", 1, attrs={"href": address, **outward})
    yield from [word(address)] if is_blank(words_of(words)) else words
    yield Token("link_close", "a", -1)


def address_of(opening: Token, words: list[Token]) -> str:
    address = str(opening.attrs["href"])
    if opening.markup == "linkify" and address.startswith("http://") and not words_of(words).lower().startswith("http"):
        return "https" + address.removeprefix("http")
    return address


BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


def with_box(blocks: Sequence[Token], place: int, tokens: list[Token]) -> list[Token]:
    """`- [ ]` and `- [x]` begin a task."""
    item = blocks[place - 2] if place > 1 else None
    box = BOXES.get(tokens[0].content[:4]) if tokens and tokens[0].type == "text" else None
    if item is None or item.type != "list_item_open" or box is None:
        return tokens
    item.attrs["class"] = "task"
    return [Token("task", "", 0, content=box), word(tokens[0].content[4:]), *tokens[1:]]


def with_mentions(tokens: Iterable[Token], talk: Talk) -> Iterator[Token]:
    """Draw the mentions in the plain words of a block, and note them."""
    inside = 0
    for token in tokens:
        inside += token.nesting if token.tag == "a" else 0
        if token.type == "text" and not inside and "@" in token.content:
            yield from mentions_in(token.content, talk)
        else:
            yield token


def mentions_in(words: str, talk: Talk) -> Iterator[Token]:
    end = 0
    for match in MENTION.finditer(words):
        handle = match[1].lower()
        if len(talk.mentioned) == MOST_MENTIONS:
            break
        talk.mentioned.append(handle)
        if handle in talk.names or handle == EVERYONE:
            yield word(words[end : match.start()])
            yield from drawn_mention(handle, talk.names)
            end = match.end()
    yield word(words[end:])


def drawn_mention(handle: str, names: Names) -> list[Token]:
    if handle == EVERYONE:
        return [Token("everyone", "", 0, content=f"@{EVERYONE}")]
    member, name = names[handle]
    link: dict[str, str | int | float] = {"class": "mention", "href": f"/members/{member}/", "data-member": str(member)}
    return [Token("link_open", "a", 1, attrs=link), word(f"@{name}"), Token("link_close", "a", -1)]


# Rendering --------------------------------------------------------------------------------------------------------------


def draw_everyone(self: RendererProtocol, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return f'<span class="mention everyone">{escapeHtml(tokens[place].content)}</span>'


def draw_task(self: RendererProtocol, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    """A box for the eye and words for the ear."""
    box = tokens[place].content[0]
    words = "Done: " if box == "☑" else "To do: "
    return f'<span aria-hidden="true">{box}</span> <span class="visually-hidden">{words}</span>'


def draw_code(self: RendererProtocol, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    """Code, which scrolls by keyboard too."""
    language = tokens[place].info.strip().lower()
    known = f' class="language-{language}"' if LANGUAGE.fullmatch(language) else ""
    return f'<pre tabindex="0"><code{known}>{escapeHtml(lines_of(tokens[place]))}</code></pre>\n'


def lines_of(code: Token) -> str:
    """The lines of code, with what else than a language was written beside the opening fence."""
    beside = code.info.strip()
    return code.content if not beside or LANGUAGE.fullmatch(beside.lower()) else f"{beside}\n{code.content}"


def open_table(self: RendererProtocol, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    """A table in a box that scrolls by keyboard too. Not a region: those are places of the page, and tables may be many."""
    return '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n'


def close_table(self: RendererProtocol, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


RENDERED = {
    "everyone": draw_everyone,
    "task": draw_task,
    "fence": draw_code,
    "code_block": draw_code,
    "table_open": open_table,
    "table_close": close_table,
}


class Tools(threading.local):
    """One for each thread: the parser and its finder of links keep state."""

    def __init__(self) -> None:
        self.dialect = Dialect()


tools = Tools()
