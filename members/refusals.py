"""Every way to say no: a stable code for programs, a sentence for the person, an HTTP status for pages."""

from collections.abc import Sequence
from typing import Any


class Refused(Exception):
    """An action that was not carried out, and why."""

    code = "refused"
    status = 400
    words = "That could not be done."

    def __init__(self, words: str = "", *, code: str = "", field: str = "") -> None:
        self.words = words or self.words
        self.code = code or self.code
        self.field = field
        super().__init__(self.words)

    def as_answer(self) -> dict[str, Any]:
        """What a program gets: `code`, `words`, and `field` where one is at fault."""
        answer = {"code": self.code, "words": self.words}
        return {**answer, "field": self.field} if self.field else answer


class BadRequest(Refused):
    """Something in what was sent is missing, mistyped or too long."""

    code = "bad_request"
    words = "Something in that was not understood."


class TooLarge(Refused):
    code = "too_large"
    status = 413
    words = "That is too large."


class NotSignedIn(Refused):
    code = "not_signed_in"
    status = 401
    words = "You are not signed in. Sign in, and what you wrote will still be here."


class NotAllowed(Refused):
    """The member may see the thing, but not do this to it."""

    code = "not_allowed"
    status = 403
    words = "You may not do that here."


class NotHere(Refused):
    """Missing and forbidden give this same answer, so that nobody can find out what exists."""

    code = "not_here"
    status = 404
    words = "There is nothing here, or it is not open to you."


class AboutWords(Refused):
    """A refusal that is about places in what was written: `marks`, as (start, end) in characters.

    `instead` has words that could stand in each place, so that the text need not be repeated to be put right.
    """

    code = "about_words"
    asks = False

    def __init__(
        self,
        words: str = "",
        *,
        code: str = "",
        field: str = "",
        marks: Sequence[tuple[int, int]] = (),
        instead: Sequence[str] = (),
    ) -> None:
        super().__init__(words, code=code, field=field)
        self.marks = tuple(marks)
        self.instead = tuple(instead)

    def offered(self, text: str) -> str:
        """The text with the other words in the marked places; empty where none are offered."""
        if not self.instead:
            return ""
        parts, at = [], 0
        for (start, end), words in zip(self.marks, self.instead, strict=True):
            if end <= len(text):
                parts += [text[at:start], words]
                at = end
        return "".join([*parts, text[at:]])

    def as_answer(self) -> dict[str, Any]:
        answer = {**super().as_answer(), "marks": [list(mark) for mark in self.marks]}
        return {**answer, "instead": list(self.instead)} if self.instead else answer


class Asks(AboutWords):
    """A question to the author. Sent again with its code among those `answered`, the text goes on.

    `go_on` is what the author then says: words for a button or a box to tick.
    """

    code = "asks"
    status = 409
    words = "Is that meant so?"
    go_on = "Yes, go on"
    asks = True

    def __init__(
        self,
        words: str = "",
        *,
        code: str = "",
        field: str = "",
        marks: Sequence[tuple[int, int]] = (),
        instead: Sequence[str] = (),
        go_on: str = "",
    ) -> None:
        super().__init__(words, code=code, field=field, marks=marks, instead=instead)
        self.go_on = go_on or self.go_on

    def as_answer(self) -> dict[str, Any]:
        return {**super().as_answer(), "asks": True, "go_on": self.go_on}


class WouldWait(Refused):
    """A moderator would have to look at it first, and this is nothing that can wait."""

    code = "would_wait"
    status = 403
    words = "A moderator would have to look at this first, and a change cannot wait. What was there stays as it was."


class TooFast(Refused):
    code = "too_fast"
    status = 429
    words = "That was a lot in a short time. Wait a moment, then try again."


class TryAgain(Refused):
    """The server could not do it, or cannot tell whether it did: a commit may succeed and its answer be lost.

    Trying again is safe, since the same client id is posted once.
    """

    code = "try_again"
    status = 503
    words = "The server could not confirm that just now. Try again in a moment: nothing is posted twice."


class ServerFault(Refused):
    """A fault of ours. Trying the same again is unlikely to help."""

    code = "server_fault"
    status = 500
    words = "Something went wrong on the server. What you wrote is kept here."
