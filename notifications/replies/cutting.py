"""What a person typed, out of what their mail program sent: without what they answer, and what was put beneath it.

In doubt a line stays: a line too many can be removed from a message, a line too few is lost. So nothing is cut for
looking like a signature or a quotation alone; it has to stand where mail programs put it, in the words that they use.
"""

import re
from collections.abc import Iterable, Sequence

from members.mail import ANSWER_ABOVE

LONGEST = 200_000
"""Characters that are looked at, of text or of a page. What is typed stands at the beginning, or beneath a quotation of
reasonable length."""
NO_NAMES: frozenset[str] = frozenset()
MOST_OF_A_SIGNATURE = 12
"""Lines. Whoever says goodbye and then writes more than that has not ended."""
LONGEST_OF_A_SIGNATURE = 90
"""Characters of one of its lines; a sentence runs on."""
MARKUP = "*_#~ \t\u200b\ufeff"

QUOTED = re.compile(r"\s?>")
ROW = re.compile(r"[\W_]*[-_*=]{5,}[\W_]*")
FORWARDED = re.compile(
    r"[-\s>]*(forwarded message|begin forwarded message|weitergeleitete nachricht|anfang der weitergeleiteten"
    r"|message transféré|début du message)",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"[-_]{3,}\s*(original message|original appointment|ursprüngliche nachricht|originalnachricht|message d.origine"
    r"|message original|mensaje original|messaggio originale|oorspronkelijk bericht)\b",
    re.IGNORECASE,
)
WROTE = re.compile(
    r"\b(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev|escreveu|napisał\(a\)|ysgrifennodd)\b.*:\s*$",
    re.IGNORECASE | re.DOTALL,
)
WROTE_BEGINS = re.compile(
    r"\s*(on|am|le|el|il|op|den|em|w dniu|ar)\s|\d|.{0,60}(schrieb|wrote)\s+(am|on)\s", re.IGNORECASE
)
SAYS_WHEN = re.compile(r"\d[:.h]\d\d|@")
LABELS = {
    "from": ("from", "von", "de", "da", "van", "oddi wrth"),
    "when": ("sent", "date", "gesendet", "datum", "envoyé", "date d'envoi", "enviado", "fecha", "inviato", "anfonwyd"),
    "to": ("to", "an", "à", "para", "a", "aan", "at", "cc", "kopie", "copie"),
    "about": ("subject", "betreff", "objet", "asunto", "oggetto", "onderwerp", "pwnc"),
}
LABEL = re.compile(r"[*\s]*([^\W\d_][\w' ]{0,14}?)\s?:[*\s]")

PHONE = re.compile(
    r"(sent (from|via|with) (my |the )?(i?phone|ipad|i(pod|os)|galaxy|samsung|android|mobile|blackberry|huawei|pixel"
    r"|outlook|yahoo|mail for|windows|proton|gmail|aol|nhsmail|thunderbird|k-9|fairemail)\b.*"
    r"|get outlook for (ios|android|mac|windows)\b.*"
    r"|get bluemail for .*"
    r"|(von meinem .{2,40} gesendet|gesendet von (meinem|mail|outlook|der) .*|gesendet mit .*)"
    r"|(envoyé|télécharger|obtenez|obtenir) (de mon|depuis|à partir de|outlook|avec) .*"
    r"|anfonwyd o fy .*|enviado desde mi .*|inviato da(l mio)? .*|verzonden vanaf mijn .*)",
    re.IGNORECASE,
)
LONGEST_PHONE_LINE = 100
DISCLAIMER = re.compile(
    r"[*_\s]*("
    r"(this|the) (e-?mail|message|communication|information)( \(?(and|including|contained|in|is|any)\b.{0,80})?"
    r".{0,40}\b(may contain|is confidential|are confidential|is intended|are intended|is strictly|contains?) .{0,60}"
    r"(confidential|privileged|solely|intended|only for)?"
    r"|(confidentiality|privacy|legal) (notice|note|disclaimer)|disclaimer\b[:*_ ]*$|disclaimer:|confidential(ity)?:"
    r"|if you are not the intended recipient|if you have received this (e-?mail|message) in error"
    r"|nhsmail is (the secure|approved)|please consider the environment|think before you print"
    r"|diese e-?mail (und|enthält|kann) .{0,60}(vertraulich|anhäng)|ce (message|courriel|mail) .{0,80}confidentiel"
    r")",
    re.IGNORECASE,
)
DISCLAIMER_SAYS = re.compile(
    r"confidential|privileged|intended recipient|recipients?\b|in error|consider the environment|before you print"
    r"|secure (e-?mail|accredited)|vertraulich|confidentiel|disclaimer",
    re.IGNORECASE,
)
GOODBYE = re.compile(
    r"(with )?(very |my |many |all |the |kind(est)? |warm(est)? |best |good )*"
    r"(regards|wishes|thanks|best|thank you|cheers|sincerely|faithfully|kr|bw)( (again|in advance|and best wishes|to all|all))?"
    r"|yours( (sincerely|faithfully|truly|ever))?|take care"
    r"|(mit )?(freundlichen|freundliche|besten|beste|herzlichen|herzliche|vielen|viele|liebe|lieben) "
    r"(grüßen|grüße|gruß|dank)|lg|mfg"
    r"|(bien |très )?cordialement|(bien )?à (vous|toi)|merci( d'avance)?|amitiés",
    re.IGNORECASE,
)


def typed(text: str, names: frozenset[str] = NO_NAMES) -> str:
    """The words of whoever wrote the letter. `names`: how they may sign, in small letters."""
    lines = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    lines = without_what_is_answered(lines)
    lines = without_the_foot(lines, names)
    return "\n".join(unwrapped(lines)).strip("\n")


# What is answered ---------------------------------------------------------------------------------------------------


def without_what_is_answered(lines: list[str]) -> list[str]:
    """Without the letter that this one answers, whether it stands beneath, above or between."""
    at = next((at for at, line in enumerate(lines) if is_marker(line)), None)
    if at is not None and not QUOTED.match(lines[at]):
        return without_header(lines[:at])
    lines = without_header(lines)
    head = attribution_in(lines)
    if head:
        start, end = head
        quote = [line for line in lines[end:] if QUOTED.match(line)]
        # Some programs do not mark what they quote: then all of it is beneath its head.
        after = [line for line in lines[end:] if not QUOTED.match(line)] if quote else []
        return lines[:start] + after
    return [line for line in lines if not QUOTED.match(line)] if at is not None else lines


def is_marker(line: str) -> bool:
    return ANSWER_ABOVE.casefold() in line.casefold()


def without_header(lines: list[str]) -> list[str]:
    """Without an answered letter that begins with its own From, Sent, To and Subject, or with a line that says so.

    What is passed on is meant to be read: beneath the mark of a forwarded letter nothing is cut.
    """
    for at, line in enumerate(lines):
        if FORWARDED.match(line):
            return lines
        if ORIGINAL.match(line) or is_header(lines, at):
            return lines[:at]
        if head := attribution_at(lines, at, unmarked=True):
            return lines[: head[0]]
    return lines


def is_header(lines: Sequence[str], at: int) -> bool:
    """Whether a letter's head begins here: who it is from, and at least two of when, to whom, about what."""
    if label_of(lines[at]) != "from":
        return False
    next_lines = [line for line in lines[at + 1 : at + 9] if line.strip(MARKUP)][:6]
    return len({label_of(line) for line in next_lines} & {"when", "to", "about"}) >= 2


def label_of(line: str) -> str:
    found = LABEL.match(line + " ")
    name = found[1].strip().lower() if found else ""
    return next((kind for kind, names in LABELS.items() if name in names), "")


def attribution_in(lines: Sequence[str]) -> tuple[int, int] | None:
    """Where the line stands that says who wrote what is quoted beneath it, and when: its first line, and the one after it."""
    for at in range(len(lines)):
        if found := attribution_at(lines, at, unmarked=False):
            return found
    return None


def attribution_at(lines: Sequence[str], at: int, *, unmarked: bool) -> tuple[int, int] | None:
    """Whether it begins here, in one to three lines.

    `unmarked`: and what follows is not marked as quoted. That could be somebody's own "Bob wrote:", so it has to have an
    address in it.
    """
    if not WROTE_BEGINS.match(lines[at]) or QUOTED.match(lines[at]):
        return None
    for end in range(at + 1, min(at + 4, len(lines) + 1)):
        said = " ".join(lines[at:end])
        if len(said) > 400 or not lines[end - 1].strip():
            return None
        if WROTE.search(said) and SAYS_WHEN.search(said):
            is_marked = any(QUOTED.match(line) for line in lines[end:])
            return (at, end) if is_marked != unmarked and (is_marked or "@" in said) else None
    return None


# What was put beneath ---------------------------------------------------------------------------------------------


def without_the_foot(lines: list[str], names: frozenset[str]) -> list[str]:
    """Without what mail programs and hospitals put under a letter, and without its signature; again until nothing goes."""
    while True:
        shorter = trimmed(lines)
        for cut in (without_disclaimer, without_phone_line, without_marked_signature):
            shorter = trimmed(cut(shorter))
        shorter = trimmed(without_signature(shorter, names))
        if shorter == lines:
            return lines
        lines = shorter


def trimmed(lines: list[str]) -> list[str]:
    """Without empty lines and rows of signs at the end."""
    end = len(lines)
    while end and (not lines[end - 1].strip(MARKUP) or ROW.fullmatch(lines[end - 1])):
        end -= 1
    return lines[:end]


def without_disclaimer(lines: list[str]) -> list[str]:
    """A disclaimer goes on to the end; it begins a paragraph."""
    for at, line in enumerate(lines):
        begins = at == 0 or not lines[at - 1].strip(MARKUP) or bool(ROW.fullmatch(lines[at - 1]))
        paragraph = " ".join(lines[at : at + 6])
        if begins and DISCLAIMER.match(line) and DISCLAIMER_SAYS.search(paragraph):
            return lines[:at]
    return lines


def without_phone_line(lines: list[str]) -> list[str]:
    last = lines[-1].strip(MARKUP) if lines else ""
    return lines[:-1] if len(last) <= LONGEST_PHONE_LINE and PHONE.fullmatch(last) else lines


def without_marked_signature(lines: list[str]) -> list[str]:
    """Beneath the line that mail programs have for it: two hyphens and a space."""
    for at, line in enumerate(lines):
        if line.rstrip() == "--" and (line == "-- " or is_short(lines[at + 1 :])):
            return lines[:at]
    return lines


def without_signature(lines: list[str], names: frozenset[str]) -> list[str]:
    """A goodbye, and beneath it first the name of whoever writes: to the end, where that is short.

    Without the name it could be a sentence: "Thanks," and what they still ask for.
    """
    for at in range(len(lines) - 1, max(0, len(lines) - 3 * MOST_OF_A_SIGNATURE), -1):
        beneath = [line for line in lines[at + 1 :] if line.strip(MARKUP)]
        if not GOODBYE.fullmatch(lines[at].strip(MARKUP + ",.!;-–")) or not beneath:
            continue
        if is_short(beneath) and is_name(beneath[0], names) and not says_more(beneath):
            return lines[:at]
    return lines


def is_short(lines: Sequence[str]) -> bool:
    said = [line for line in lines if line.strip()]
    return len(said) <= MOST_OF_A_SIGNATURE and all(len(line) <= LONGEST_OF_A_SIGNATURE for line in said)


def is_name(line: str, names: frozenset[str]) -> bool:
    """Whether the line is their name, perhaps with a title before and letters after it, and no sentence."""
    words = re.findall(r"\w[\w'’-]*", line.casefold())
    return len(words) <= 8 and bool(names & set(words[:2])) and not line.rstrip().endswith((".", "!", ":"))


def says_more(lines: Iterable[str]) -> bool:
    """Whether something is added beneath a name, or asked."""
    return any(re.match(r"\s*p\.?\s?s\b", line, re.IGNORECASE) or line.rstrip().endswith("?") for line in lines)


# Lines ------------------------------------------------------------------------------------------------------------

NARROW, WIDE = 64, 80
BEGINS_ANEW = re.compile(r"\s|[-*+•>#|]|\d+[.)]\s|```|~~~")


def unwrapped(lines: Sequence[str]) -> list[str]:
    """Lines as they were typed, for some programs break them near 72 characters: where the next word had no room, they go on."""
    if any(len(line) > WIDE and " " in line.strip() for line in lines):
        return [line.rstrip() for line in lines]
    whole: list[str] = []
    previous = ""
    for line in lines:
        first = line.split(" ", 1)[0]
        had_no_room = NARROW <= len(previous) <= WIDE and len(previous) + 1 + len(first) > 72
        if had_no_room and line.strip() and not BEGINS_ANEW.match(line) and not previous.startswith((" ", "|", "\t")):
            whole[-1] = f"{whole[-1].rstrip()} {line}"
        else:
            whole.append(line.rstrip())
        previous = line.rstrip()
    return whole
