"""Finding copies of words without keeping the words: a keyed digest of every run of four of them.

What may not be kept has still to be found again, in copies that lie elsewhere, after it is gone. Nobody gets a sentence
back from them: who has the key too can try one out that they suspect already, and without it not even that.
"""

import hmac
import re
from collections.abc import Iterator

from django.conf import settings

RUN = 4
ENOUGH = 3
"""So many runs in common are no chance: about six words in the same order."""
WORD = re.compile(r"[^\W_]+")
TAG = re.compile(r"<[^<>]*>")

type Traces = frozenset[str]


def traces_of(*texts: str) -> Traces:
    """Of all these texts. Less than two words leave none: too much would look like them."""
    found: set[str] = set()
    for text in texts:
        words = words_in(text)
        if len(words) > 1:
            found.update(runs(words, min(RUN, len(words))))
    return frozenset(found)


def holds(traces: Traces, text: str) -> bool:
    """Whether a text repeats some of those words, as much as is no chance."""
    return shared(traces, text) >= min(ENOUGH, len(traces)) > 0


def resembles(traces: Traces, text: str) -> bool:
    """Whether a text may repeat some of those words: for somebody to look at."""
    return shared(traces, text) > 0


def shared(traces: Traces, text: str) -> int:
    if not traces:
        return 0
    words = words_in(text)
    sizes = {int(trace.partition(":")[0]) for trace in traces}
    return len(traces.intersection(run for size in sizes for run in runs(words, size)))


def words_in(text: str) -> list[str]:
    """As they are compared: without Markdown, tags and capitals."""
    return WORD.findall(TAG.sub(" ", text).casefold())


def runs(words: list[str], size: int) -> Iterator[str]:
    key = f"traces:{settings.SECRET_KEY}".encode()
    for start in range(len(words) - size + 1):
        digest = hmac.digest(key, " ".join(words[start : start + size]).encode(), "sha256")
        yield f"{size}:{digest[:8].hex()}"
