"""How far a long command is: a bar where somebody watches, a line now and then where a file does."""

import time
from typing import TextIO

WIDTH = 30
CLEAR = "\r\x1b[K"


class Progress:
    """Writes to `stream`; `total` may be unknown at first."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.watched = stream.isatty()
        self.every = 0.1 if self.watched else 5.0
        self.shown_at = time.monotonic()

    def show(self, doing: str, done: int, total: int = 0) -> None:
        """Say it, unless it was said a moment ago."""
        now = time.monotonic()
        if now - self.shown_at < self.every:
            return
        self.shown_at = now
        count = f"{done:,} of {total:,}" if total else f"{done:,}"
        bar = f"  [{'#' * (WIDTH * done // total):{WIDTH}}]" if total and self.watched else ""
        self.stream.write(f"{CLEAR}{doing}{bar} {count}" if self.watched else f"{doing} {count}\n")
        self.stream.flush()

    def say(self, line: str) -> None:
        """A line of its own, above the bar."""
        self.stream.write(f"{CLEAR if self.watched else ''}{line}\n")

    def clear(self) -> None:
        if self.watched:
            self.stream.write(CLEAR)
            self.stream.flush()
