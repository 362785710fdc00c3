"""Watched words: kept by moderators, looked for in what is written, each with what is then done.

A word is a word or a phrase as people write it, and a star stands for any letters: `vitamin*`. It is found as whole words, in
capitals too. There are no regular expressions to write, so none can hang: a star is at most twenty letters, there are two at
most, and looking begins only where a word begins.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from events.catalogue import Because, PowerUsed, WatchedWordsChanged
from events.publish import publish
from frontend.text import LONGEST, content_note, is_blank, one_line
from members.models import Member
from members.permissions import allow, may_moderate
from members.refusals import Asks, BadRequest, Refused, WouldWait
from members.screens import Draft, Hold, pass_screens
from moderation.access import watched_word_for
from moderation.models import Ground, WatchedWord

REMEMBERED_SECONDS = 5.0
LONGEST_WORD = 60
LONGEST_WHY = 200
LONGEST_NOTE = 80
MOST_STARS = 2
MOST_WORDS = 300
LEAST_SIGNS = 2
ANY_LETTERS = r"\w{0,20}"
Act = WatchedWord.Act


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched word, ready to be looked for."""

    pattern: re.Pattern[str]
    act: str
    instead: str
    why: str


def pattern_of(word: str) -> re.Pattern[str]:
    """What finds a word, however it is written. Raises BadRequest for what is no word."""
    if sum(sign.isalnum() for sign in word) < LEAST_SIGNS:
        raise BadRequest(f"A watched word has at least {LEAST_SIGNS} letters.", field="word")
    if word.count("*") > MOST_STARS or "**" in word:
        raise BadRequest(f"A watched word has at most {MOST_STARS} stars, apart from one another.", field="word")
    parts = (ANY_LETTERS.join(re.escape(piece) for piece in part.split("*")) for part in word.split())
    return re.compile(rf"(?<!\w){r'\s{1,9}'.join(parts)}(?!\w)", re.IGNORECASE)


class Memory:
    """The watched words as this process last read them."""

    def __init__(self) -> None:
        self.words: tuple[Watched, ...] = ()
        self.read_at = 0.0

    def fresh(self) -> tuple[Watched, ...]:
        if not self.read_at or time.monotonic() - self.read_at > REMEMBERED_SECONDS:
            self.words = tuple(
                Watched(pattern_of(each.word), each.act, each.instead, each.why)
                for each in WatchedWord.objects.order_by("pk")
            )
            self.read_at = time.monotonic()
        return self.words

    def forget(self) -> None:
        self.read_at = 0.0


MEMORY = Memory()


def forget(event: WatchedWordsChanged) -> None:
    """The process that changed them heeds it at once; the others within seconds."""
    MEMORY.forget()


# Looking for them ---------------------------------------------------------------------------------------------------


class BlockedWord(Refused):
    """A word that the moderators do not let into rooms."""

    code = "blocked_word"


ASKED = "watched_word"
"""The code of the question, for whoever has answered it."""


def found_in(text: str, *acts: str) -> Iterator[tuple[Watched, re.Match[str]]]:
    for watched in MEMORY.fresh():
        if watched.act in acts and (found := watched.pattern.search(text)):
            yield watched, found


def screen(draft: Draft) -> Hold | None:
    """Blocked, asked about, or held. What is said of others' words to moderators may quote the worst. Raises Refused, Asks."""
    if draft.kind == "report":
        return None
    for watched, found in found_in(draft.text, Act.BLOCK):
        raise BlockedWord(f"“{found[0]}” does not belong here: {watched.why} Write it another way.")
    for watched, found in found_in(draft.text, Act.ASK):
        if ASKED not in draft.answered:
            raise Asks(f"“{found[0]}”: {watched.why} Is it meant so?", code=ASKED, marks=[found.span()])
    for watched, found in found_in(draft.text, Act.HOLD):
        if draft.kind not in ("message", "edit"):
            raise WouldWait(
                f"“{found[0]}” is something that moderators look at first, and this cannot wait. {watched.why}"
            )
        return Hold("watched_word", f"A moderator looks at messages with “{found[0]}” first. {watched.why}")
    return None


def rewritten(text: str) -> str:
    """A message with words replaced that moderators replace, and with a content note where they put one. Raises BadRequest."""
    for watched in MEMORY.fresh():
        if watched.act == Act.REPLACE:
            text = watched.pattern.sub(watched.instead.replace("\\", r"\\"), text)
    for watched, _ in found_in(text, Act.TAG):
        if not content_note(text):
            text = f"Content note: {watched.instead}\n\n{text}"
    if len(text) > LONGEST:
        raise BadRequest("This message is a little too long. Send it in two parts.", code="too_long", field="text")
    return text


# Keeping them -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """A watched word as a form has it."""

    word: str = ""
    act: str = ""
    instead: str = ""
    why: str = ""


def checked(moderator: Member, wish: Wish) -> Wish:
    """Cleaned. Raises NotAllowed, BadRequest."""
    allow(may_moderate(moderator, timezone.now()))
    wish = Wish(" ".join(one_line(wish.word).split()), wish.act, one_line(wish.instead), one_line(wish.why))
    if wish.act not in Act.values:
        raise BadRequest("Choose what is done when it is written.", field="act")
    for field, longest in (("word", LONGEST_WORD), ("instead", LONGEST_NOTE), ("why", LONGEST_WHY)):
        if len(getattr(wish, field)) > longest:
            raise BadRequest(f"That is over the limit of {longest} characters.", code="too_long", field=field)
    pattern = pattern_of(wish.word)
    if is_blank(wish.why):
        raise BadRequest("Say why, for who writes it and for the record.", code="blank", field="why")
    if wish.act in (Act.REPLACE, Act.TAG) and is_blank(wish.instead):
        raise BadRequest("Say what stands there instead, or what the note says.", code="blank", field="instead")
    if wish.act == Act.REPLACE and pattern.search(wish.instead):
        raise BadRequest("What stands there instead has the word in it.", field="instead")
    return wish


def tried(moderator: Member, wish: Wish, sample: str) -> list[tuple[str, str]]:
    """Each line of a sample, and what the word finds in it; empty where it finds nothing. Raises NotAllowed, BadRequest."""
    pattern = pattern_of(checked(moderator, wish).word)
    found = ((line, pattern.search(line)) for line in sample.splitlines() if line.strip())
    return [(line, match[0] if match else "") for line, match in found]


@transaction.atomic
def watch(moderator: Member, wish: Wish) -> WatchedWord:
    """Keep a word. Raises NotAllowed, BadRequest."""
    wish = checked(moderator, wish)
    pass_screens(Draft(moderator, wish.why, "report"))
    if WatchedWord.objects.count() >= MOST_WORDS:
        raise BadRequest(f"There are {MOST_WORDS} watched words, which is the most. Take one out first.", field="word")
    try:
        with transaction.atomic():
            word = WatchedWord.objects.create(
                word=wish.word, act=wish.act, instead=wish.instead, why=wish.why, by=moderator
            )
    except IntegrityError:
        raise BadRequest("This word is watched already. Take it out first.", code="taken", field="word") from None
    publish(WatchedWordsChanged())
    publish(PowerUsed("watch", because(moderator, wish.why)))
    return word


@transaction.atomic
def unwatch(moderator: Member, word_id: int) -> None:
    """Take a word out. Raises NotHere."""
    word = watched_word_for(moderator, word_id)
    word.delete()
    publish(WatchedWordsChanged())
    publish(PowerUsed("end_watch", because(moderator, "No longer watched.")))


def because(moderator: Member, reason: str) -> Because:
    """The record says that a word is watched and why, and not which: a list of them would teach how to get round it."""
    return Because(moderator.pk, moderator.get_role_display().lower(), Ground.OTHER, reason)
