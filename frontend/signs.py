"""The signs of a text: which are kept, which are shown, and whether any can be seen."""

import re
import unicodedata
from html import unescape

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Also what turns the direction of writing, by which words can be made to read as others (harmless marks of direction stay),
# and letters that only machines see, save those in the flags of England, Scotland and Wales.
UNSEEN = re.compile(
    "(\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f)"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
BLANK = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
LOOKS_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def clean(text: str) -> str:
    """What is kept of a typed text: line ends of one kind, no control characters but tab and newline, no blank end."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip()


def one_line(text: str) -> str:
    """What is kept of a name or another text that stands on one line."""
    return " ".join(clean(text).split())


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return all(unicodedata.category(sign) in BLANK for sign in LOOKS_BLANK.sub("", unescape(text)))


def without_unseen(text: str) -> str:
    """What is shown of a text."""
    return UNSEEN.sub(r"\1", text)
