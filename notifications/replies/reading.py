"""From the bytes of a letter to what matters of it: who writes, what they typed, which files they sent along."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Part
from email.utils import getaddresses
from hashlib import sha256
from itertools import islice

from notifications.replies.cutting import LONGEST, typed
from notifications.replies.plain import plain

MOST_PARTS = 200
"""Of one letter. Whoever sends more sends nothing that was meant for people."""
AUTOMATIC = {"bulk", "junk", "list", "auto_reply"}
BY_MACHINES = ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "X-Failed-Recipients", "List-Id")
MACHINES = ("mailer-daemon", "postmaster", "no-reply", "noreply")
SEALS = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "text/calendar"}
"""What programs add and nobody chose to send."""
PLACES = re.compile(r"\[(?:cid|image|bild): ?([^\]\n]{1,200})\]", re.IGNORECASE)
"""How a picture in the text is written in plain words."""
ANSWERS = re.compile(r"\s*(re|aw|sv|antw|tr|fw|fwd|wg|rif|ynt|ateb)\s?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with a letter."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What matters of a letter."""

    sender: str
    """The address in From, in small letters; empty where there is not exactly one."""
    own_id: str
    """The same at each delivery of this letter, and of no other."""
    message_id: str
    is_automatic: bool
    subject: str
    all_words: str = field(repr=False)
    """All that it says, as it came."""
    body: Part = field(repr=False)

    def typed(self, names: frozenset[str]) -> tuple[str, list[Enclosed]]:
        """What its sender typed and sent along. `names`: how they may sign.

        Of the pictures in the text those come along whose places are among the words typed; logos stay behind.
        """
        words = typed(self.all_words, names)
        in_pages = pictures_of_pages(self.body)
        pasted = [part for part in in_pages if is_among(part, words)]
        attached = [
            part for part in islice(leaves(self.body), MOST_PARTS) if is_attached(part) and part not in in_pages
        ]
        words = PLACES.sub("", words).strip() if pasted else words
        return words, [enclosed(part) for part in (*attached, *pasted)]


def read_letter(raw: bytes) -> Letter:
    """What matters of a letter. Whatever it holds, something comes of it: mail is written by everybody's programs."""
    body = message_from_bytes(raw)
    message_id = one_line(body, "Message-ID")
    words = words_in(body).replace("\r\n", "\n").replace("\0", "")
    return Letter(
        sender=sender_of(body),
        own_id=message_id or sha256(f"{body.get('Date')}\n{words}".encode(errors="replace")).hexdigest(),
        message_id=message_id,
        is_automatic=is_automatic(body),
        subject=one_line(body, "Subject"),
        all_words=words,
        body=body,
    )


# Its head ---------------------------------------------------------------------------------------------------------


def sender_of(body: Part) -> str:
    """From, and nothing else: Reply-To is whatever somebody wishes it to be."""
    given = [str(value) for value in body.get_all("From", [])]
    addresses = [address.strip().lower() for _, address in getaddresses(given, strict=True) if address]
    return addresses[0] if len(given) == len(addresses) == 1 else ""


def is_automatic(body: Part) -> bool:
    """Whether a machine wrote it: out-of-office, bounces, lists, and our own letters."""
    return (
        one_line(body, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no")
        or one_line(body, "Precedence").lower() in AUTOMATIC
        or any(body.get(name) for name in BY_MACHINES)
        or one_line(body, "Return-Path") == "<>"
        or body.get_content_type() == "multipart/report"
        or sender_of(body).partition("@")[0] in MACHINES
    )


def one_line(body: Part, name: str) -> str:
    """A header in words."""
    return in_words(body.get(name, ""))


def in_words(value: object) -> str:
    """What a header says, on one line, however it was written for the way."""
    try:
        said = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError):
        said = str(value)
    return " ".join(said.encode(errors="replace").decode().split())


def is_answer(subject: str) -> bool:
    return bool(ANSWERS.match(subject))


# Its words ----------------------------------------------------------------------------------------------------------


def words_in(part: Part) -> str:
    """Plain text where there is some, else what the HTML says."""
    if is_attached(part):
        return ""
    if part.get_content_type() == "multipart/alternative":
        choices = [(leaf_types(child), words_in(child)) for child in children(part)]
        wanted = [words for types, words in choices if "text/plain" in types and words.strip()]
        return (wanted or [words for _, words in choices if words.strip()] or [""])[0]
    if part.is_multipart():
        return "\n\n".join(words for words in map(words_in, children(part)) if words.strip())
    if part.get_content_type() == "text/plain":
        return flowed(part, decoded(part))
    return plain(decoded(part)) if part.get_content_type() == "text/html" else ""


def children(part: Part) -> list[Part]:
    found = part.get_payload()
    return [child for child in found if isinstance(child, Part)][:MOST_PARTS] if isinstance(found, list) else []


def leaf_types(part: Part) -> set[str]:
    return {leaf.get_content_type() for leaf in leaves(part)}


def leaves(part: Part) -> Iterator[Part]:
    """All that is no box of other parts; a letter in a letter is a file."""
    if part.get_content_maintype() != "multipart":
        yield part
        return
    for child in children(part):
        yield from leaves(child)


def decoded(part: Part) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), errors="replace")[:LONGEST]
    except LookupError:
        return raw.decode("utf-8", errors="replace")[:LONGEST]


def flowed(part: Part, text: str) -> str:
    """Lines that the program broke are whole again (RFC 3676)."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    space = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
    whole: list[str] = []
    goes_on, before = False, 0
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        if goes_on and depth == before:
            whole[-1] = whole[-1].rstrip(" ") + space + line.lstrip("> ")
        else:
            whole.append(line.removeprefix(" "))
        goes_on, before = line.endswith(" ") and line.lstrip("> ") not in ("-- ", "--"), depth
    return "\n".join(whole)


# Its files ----------------------------------------------------------------------------------------------------------


def is_attached(part: Part) -> bool:
    """Whether somebody sent it along, if it is no part of a page."""
    if part.get_content_maintype() == "multipart" or part.get_content_type() in SEALS:
        return False
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return part.get_content_disposition() == "attachment" or bool(part.get_filename()) or not is_text


def pictures_of_pages(part: Part) -> list[Part]:
    """What stands in the text itself: pasted pictures, and the logos of signatures."""
    if part.get_content_type() == "multipart/related":
        return [leaf for leaf in leaves(part) if is_attached(leaf)]
    return [picture for child in children(part) for picture in pictures_of_pages(child)]


def is_among(picture: Part, words: str) -> bool:
    """Whether the picture's place is among these words."""
    places = {place_named(name) for name in PLACES.findall(words)}
    return place_of(picture) in places or place_named(name_of(picture)) in places


def place_of(part: Part) -> str:
    return place_named(str(part.get("Content-ID", "")))


def place_named(name: str) -> str:
    return name.strip(" <>").lower()


def enclosed(part: Part) -> Enclosed:
    if part.is_multipart():
        return Enclosed(name_of(part), b"".join(child.as_bytes() for child in children(part)))
    content = part.get_payload(decode=True)
    return Enclosed(name_of(part), content if isinstance(content, bytes) else b"")


def name_of(part: Part) -> str:
    """What its sender calls it, or what kind of thing it is."""
    ending = {"jpeg": "jpg", "rfc822": "eml"}.get(part.get_content_subtype(), part.get_content_subtype())
    return in_words(part.get_filename() or "") or f"{part.get_content_maintype()}.{ending}"
