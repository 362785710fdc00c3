"""What comes of a letter: what its writer typed, all of it, and nothing else."""

from email.message import EmailMessage

import pytest

from members.mail import ANSWER_ABOVE
from notifications.replies.cutting import typed
from notifications.replies.plain import plain
from notifications.replies.reading import read_letter
from tests.notifications.answers import KEPT, OURS, PLAIN
from tests.samples import picture

ALICE = frozenset({"alice", "example"})


@pytest.mark.parametrize("program", PLAIN)
def test_what_is_answered_and_put_beneath_is_cut(program: str) -> None:
    came, was_typed = PLAIN[program]
    assert typed(came, ALICE) == was_typed
    assert typed(came.replace("\n", "\r\n"), ALICE) == was_typed


@pytest.mark.parametrize("what", KEPT)
def test_what_was_typed_stays(what: str) -> None:
    assert typed(KEPT[what], ALICE) == KEPT[what]


def letter(**headers: str) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["Message-ID"] = "Alice <Alice@Example.org>", "<1@example.org>"
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    return written


def what_was_typed(written: EmailMessage) -> str:
    return read_letter(written.as_bytes()).typed(ALICE)[0]


def files_of(written: EmailMessage) -> list[str]:
    return [file.name for file in read_letter(written.as_bytes()).typed(ALICE)[1]]


HTML: dict[str, tuple[str, str]] = {
    "Outlook": (
        (
            "<html><head><style>p {margin: 0}</style></head><body><p class=MsoNormal>Soup, <b>please</b>.</p><p class=MsoNormal>"
            "<o:p>&nbsp;</o:p></p><p>And bread.</p><div style='border-top: solid'><p><b>From:</b> R &lt;r@example.org&gt;<br>"
            "<b>Sent:</b> 03 November 2025 07:00<br><b>To:</b> Alice<br><b>Subject:</b> Supper</p></div>"
            f"<p>{ANSWER_ABOVE}</p><p>Soup or salad?</p></body></html>"
        ),
        "Soup, please.\n\nAnd bread.",
    ),
    "Gmail": (
        (
            '<div dir="ltr"><div>Soup</div><div><br></div><div>and bread</div></div><br><div class="gmail_quote"><div '
            'class="gmail_attr">On Mon, 3 Nov 2025 at 07:00, R &lt;<a href="mailto:r@example.org">r@example.org</a>&gt; wrote:'
            f"<br></div><blockquote><p>{ANSWER_ABOVE}</p><p>Soup or salad?</p></blockquote></div>"
        ),
        "Soup\n\nand bread",
    ),
    "points": ("<ul><li>Soup</li><li>Bread</li></ul><p>Both</p>", "- Soup\n- Bread\n\nBoth"),
    "points in paragraphs": ("<ul><li><p>Soup</p></li></ul>", "- Soup"),
    "what only Word reads": (
        "<!--[if mso]><p>Word</p><![endif]--><!--[if !mso]><!--><p>Soup &lt; salad</p><!--<![endif]-->",
        "Soup < salad",
    ),
    "signs": ("<p>5 < 6 & 7 > 2 <!-- and so on", "5 < 6 & 7 > 2 <!-- and so on"),
    "written beneath": (
        "<div>On 3 Nov 2025, at 07:00, R wrote:</div><blockquote type=cite><p>Soup?</p></blockquote><div>Yes</div>",
        "Yes",
    ),
}


@pytest.mark.parametrize("program", HTML)
def test_a_letter_that_is_a_page_is_read_as_text(program: str) -> None:
    came, was_typed = HTML[program]
    written = letter()
    written.set_content(came, subtype="html")
    assert what_was_typed(written) == was_typed


def test_plain_text_comes_before_a_page() -> None:
    written = letter()
    written.set_content(f"Soup\n\n{OURS}")
    written.add_alternative("<p>Something else</p>", subtype="html")
    assert what_was_typed(written) == "Soup"


def test_lines_that_the_program_broke_are_whole_again() -> None:
    written = letter()
    written.set_content("Soup, since the \nsalad was gone.\nAnd bread.\n\n-- \nAlice\n")
    written.set_param("format", "flowed")
    assert what_was_typed(written) == "Soup, since the salad was gone.\nAnd bread."


def test_old_letters_and_odd_ones_are_read_too() -> None:
    raw = b"From: alice@example.org\nContent-Type: text/plain; charset=iso-8859-1\n\nCr\xe8me br\xfbl\xe9e"
    assert read_letter(raw).all_words == "Crème brûlée"
    assert read_letter(raw.replace(b"iso-8859-1", b"no-such")).all_words.startswith("Cr")
    assert read_letter(b"\xff\x00\x80 no letter at all").sender == ""
    assert read_letter(b"").all_words == ""
    assert read_letter(b"Subject: =?x?q?y?=\nFrom: =?utf-8?b?!?= <a@example.org>\n\nx").sender == "a@example.org"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("Alice <Alice@Example.org>", "alice@example.org"),
        ("alice@example.org, bob@example.org", ""),
        ('"bob@example.org" <alice@example.org>', "alice@example.org"),
        ("alice@example.org <bob@example.org>", ""),
        ("", ""),
    ],
)
def test_a_letter_is_from_the_one_address_in_from(given: str, read: str) -> None:
    raw = f"From: {given}\nReply-To: mo@example.org\nSender: mo@example.org\n\nSoup".encode()
    assert read_letter(raw).sender == read
    assert read_letter(b"From: bob@example.org\n" + raw).sender == ""


def test_what_was_sent_along_comes_and_logos_stay_behind() -> None:
    written = letter()
    written.set_content("Look: [cid:pasted@1]\n\nKind regards\nAlice\n[cid:logo@1]")
    written.add_alternative("<p>Look: <img src='cid:pasted@1'><p>Alice<img src='cid:logo@1'>", subtype="html")
    page = next(part for part in written.iter_parts() if part.get_content_type() == "text/html")
    assert isinstance(page, EmailMessage)
    page.add_related(picture(), "image", "png", cid="<pasted@1>", filename="image001.png")
    page.add_related(picture(), "image", "png", cid="<logo@1>", filename="image002.png")
    written.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="Überblick.pdf")
    written.add_attachment(picture(), maintype="image", subtype="png", filename="Ward.png", cid="<f_1>")
    written.add_attachment(b"seal", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    assert files_of(written) == ["Überblick.pdf", "Ward.png", "image001.png"]
    assert what_was_typed(written) == "Look:"


def test_a_letter_in_a_letter_is_a_file_and_not_its_words() -> None:
    written, inner = letter(), letter(Subject="Inside")
    inner.set_content("Salad")
    written.set_content("Soup")
    written.add_attachment(inner)
    assert what_was_typed(written) == "Soup"
    assert files_of(written) == ["message.eml"]


def test_a_long_letter_is_read_in_no_time() -> None:
    for line in ("On " + "a " * 50_000, "this message " * 20_000, "best " * 40_000, "From: a\nSent: b\n" * 10_000):
        assert typed(line, ALICE)
    assert typed(">" * 300_000, ALICE)
    for page in ("<a" * 100_000, "<b>a</b>" * 25_000, "<![CDATA[" * 20_000, "<div>" * 40_000 + "Soup", "<!--" * 50_000):
        plain(page)
