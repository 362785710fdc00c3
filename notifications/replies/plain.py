"""The words of a letter that came as HTML alone, as a mail program would write them plain."""

import re
from html.parser import HTMLParser

BREAKS = {"br", "div", "p", "li", "tr", "table", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
APART = {"p", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Between these stands an empty line."""
UNSEEN = {"style", "script", "title", "head"}


def plain(html: str) -> str:
    """The text of a page; what is quoted begins with `>`."""
    reader = PlainText()
    reader.feed(html)
    reader.close()
    return reader.text()


class PlainText(HTMLParser):
    """Reads a page once, from its beginning to its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.quoted = 0
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self.unseen += 1
        self.between(tag)
        if tag == "blockquote":
            self.quoted += 1
        elif tag == "li":
            self.line = "- "
        elif tag == "hr":
            self.end_line()
            self.lines.append("_" * 32)
        elif tag == "img" and (source := dict(attrs).get("src") or "").startswith("cid:"):
            self.line += f"[{source}]"

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        if tag != "br":
            self.between(tag)
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            words = re.sub(r"[ \t\r\n]+", " ", data)
            self.line += words.lstrip() if not self.line else words

    def between(self, tag: str) -> None:
        """A line ends before and after a block, and at a break."""
        if tag == "br" or (tag in BREAKS and self.line.strip()):
            self.end_line()
        if tag in APART and self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * self.quoted)

    def end_line(self) -> None:
        self.lines.append("> " * self.quoted + self.line.strip())
        self.line = ""

    def text(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self.lines)).strip()
