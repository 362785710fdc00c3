"""The words of a letter that came as HTML alone, as a mail program would write them plain.

Python's own reader of HTML takes minutes for pages that are made to be slow. Here nothing is looked at twice; and what comes
out is only ever text.
"""

import re
from collections.abc import Iterator
from html import unescape

BREAKS = {"br", "div", "p", "li", "tr", "table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
APART = {"p", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Between these stands an empty line."""
UNSEEN = {"style", "script", "title", "head"}
TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]*)")
PICTURE = re.compile(r"\bsrc\s?=\s?[\"']?(cid:[^\"'\s]+)", re.IGNORECASE)


def plain(html: str) -> str:
    """The text of a page; what is quoted begins with `>`."""
    page = Page()
    for tag, words in pieces(html):
        page.meets(tag)
        page.says(words)
    return page.text()


def pieces(html: str) -> Iterator[tuple[str, str]]:
    """Each tag, without its brackets, and the words up to the next one. A bracket that ends nowhere is a sign like others."""
    first, *rest = without_comments(html).split("<")
    yield "", first
    for piece in rest:
        tag, end, words = piece.partition(">")
        is_tag = end and (tag[:1].isalpha() or tag[:1] in "/!?")
        yield (tag, words) if is_tag else ("", f"<{piece}")


def without_comments(html: str) -> str:
    kept, at = [], 0
    while (begins := html.find("<!--", at)) >= 0 and (ends := html.find("-->", begins + 2)) >= 0:
        kept.append(html[at:begins])
        at = ends + 3
    return "".join([*kept, html[at:]])


class Page:
    """Text as it grows, piece by piece."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quoted = 0
        self.unseen = ""

    def meets(self, piece: str) -> None:
        """A tag begins or ends something."""
        found = TAG.match(piece)
        if not found:
            return
        ends, tag = bool(found[1]), found[2].lower()
        if self.unseen:
            self.unseen = "" if ends and tag == self.unseen else self.unseen
        elif tag in UNSEEN and not ends:
            self.unseen = tag
        elif ends:
            self.ends(tag)
        else:
            self.begins(tag, piece)

    def begins(self, tag: str, piece: str) -> None:
        self.between(tag)
        if tag == "blockquote":
            self.quoted += 1
        elif tag == "li":
            self.line.append("- ")
        elif tag == "hr":
            self.end_line()
            self.lines.append("_" * 32)
        elif tag == "img" and (picture := PICTURE.search(piece)):
            self.line.append(f"[{picture[1]}]")

    def ends(self, tag: str) -> None:
        if tag != "br":
            self.between(tag)
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)

    def says(self, words: str) -> None:
        if words and not self.unseen:
            self.line.append(re.sub(r"[ \t\r\n]+", " ", unescape(words)))

    def between(self, tag: str) -> None:
        """A line ends before and after a block, and at a break."""
        if tag not in BREAKS:
            return
        said = "".join(self.line).strip()
        if tag == "br" or said not in ("", "-"):
            self.end_line()
        elif not said:
            self.line = []
        if tag in APART and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.mark)

    @property
    def mark(self) -> str:
        """What stands before a quoted line. How deep it is quoted does not matter."""
        return "> " if self.quoted else ""

    def end_line(self) -> None:
        self.lines.append(self.mark + re.sub(" {2,}", " ", "".join(self.line)).strip())
        self.line = []

    def text(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self.lines)).strip()
