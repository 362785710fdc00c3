"""How far a long command is: a bar where somebody watches, a line now and then where a file does."""

import time
from typing import TextIO

WIDTH = 30
CLEAR = "\r\x1b[K"


class Progress:
    """Writes to `stream`. What is wrong with a line comes above the bar; lines in a row with the same fault make one."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.watched = stream.isatty()
        self.every = 0.1 if self.watched else 5.0
        self.shown_at = time.monotonic()
        self.fault = ""
        self.faulty: tuple[int, int] = (0, 0)

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

    def complain(self, number: int, fault: str) -> None:
        """A line of the file has a fault."""
        first, last = self.faulty
        if fault == self.fault and number == last + 1:
            self.faulty = (first, number)
            return
        self.finish_complaint()
        self.fault, self.faulty = fault, (number, number)

    def finish_complaint(self) -> None:
        """Say the complaint that might have gone on."""
        first, last = self.faulty
        if self.fault:
            where = f"Line {first}" if first == last else f"Lines {first} to {last}"
            self.stream.write(f"{CLEAR if self.watched else ''}{where}: {self.fault}.\n")
        self.fault = ""

    def clear(self) -> None:
        if self.watched:
            self.stream.write(CLEAR)
            self.stream.flush()
