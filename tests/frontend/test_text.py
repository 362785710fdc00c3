"""What members write, and how it looks."""

import hashlib

import pytest

from frontend import markdown
from frontend.text import (
    VERSION,
    clean,
    excerpt,
    is_blank,
    names_mentioned,
    stored_html,
    to_html,
    to_plain,
)

NAMES = {"bob": (7, "Bob <Baker>"), "a.b": (8, "A. B.")}
REL = 'rel="nofollow noopener noreferrer"'
BOB = '<a class="mention" href="/members/7/" data-member="7">@Bob &lt;Baker&gt;</a>'
LOOKS = [
    # As people expect it in a chat.
    ("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>"),
    ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
    ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
    ("3 < 5 & 7 > 2", "<p>3 &lt; 5 &amp; 7 &gt; 2</p>"),
    ("snake_case and 2*3*4", "<p>snake_case and 2<em>3</em>4</p>"),
    ("above\n\n***", "<p>above</p>\n<hr>"),
    # Headings go under those of the page.
    ("# Top", "<h4>Top</h4>"),
    ("## Next", "<h5>Next</h5>"),
    ("###### Low", "<h6>Low</h6>"),
    # Code scrolls by keyboard; only a language is a language.
    ("```Python\na < b\n```", '<pre tabindex="0"><code class="language-python">a &lt; b\n</code></pre>'),
    ("```as Bob said\nx\n```", '<pre tabindex="0"><code>as Bob said\nx\n</code></pre>'),
    # Lists keep their numbers.
    ("1. yes\n3. no", '<ol>\n<li>yes</li>\n<li value="3">no</li>\n</ol>'),
    ("4. a\n4. b", '<ol start="4">\n<li>a</li>\n<li>b</li>\n</ol>'),
    # Links.
    ("[x](/rooms/1/)", '<p><a href="/rooms/1/">x</a></p>'),
    ("[x](https://x.example 'Bank')", f'<p><a href="https://x.example" {REL}>x</a></p>'),
    ("https://x.example/a.", f'<p><a href="https://x.example/a" {REL}>https://x.example/a</a>.</p>'),
    ("www.nhs.uk/start", f'<p><a href="https://www.nhs.uk/start" {REL}>www.nhs.uk/start</a></p>'),
    ("http://x.example", f'<p><a href="http://x.example" {REL}>http://x.example</a></p>'),
    ("ann@nhs.net", f'<p><a href="mailto:ann@nhs.net" {REL}>ann@nhs.net</a></p>'),
    ("Thanks.Is it in notes.md?", "<p>Thanks.Is it in notes.md?</p>"),
    ("![scan](https://x.example/a.png)", f'<p><a href="https://x.example/a.png" {REL}>scan</a></p>'),
    ("[](https://x.example)", f'<p><a href="https://x.example" {REL}>https://x.example</a></p>'),
    ("[<https://a.example>](/b)", '<p><a href="/b">https://a.example</a></p>'),
    ("[x](javascript:x)", "<p>[x](javascript:x)</p>"),
    ("[x]()", "<p>[x]()</p>"),
    # Mentions.
    ("@Bob, @bob.", f"<p>{BOB}, {BOB}.</p>"),
    ("Ask @A.B.", '<p>Ask <a class="mention" href="/members/8/" data-member="8">@A. B.</a>.</p>'),
    ("**@bob**-@bob", f"<p><strong>{BOB}</strong>-{BOB}</p>"),
    ("@room", '<p><span class="mention everyone">@room</span></p>'),
    ("@nobody @bobby @bob_b @bob@x", "<p>@nobody @bobby @bob_b @bob@x</p>"),
    ("`@bob` \\@bob x@bob /@bob", "<p><code>@bob</code> @bob x@bob /@bob</p>"),
    ("[@bob](/x)", '<p><a href="/x">@bob</a></p>'),
    # Direction is for whole messages, and flags may fly.
    ("a\u202eb &#x202e;c", "<p>ab c</p>"),
    ("\u200fשלום\u200e 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "<p>\u200fשלום\u200e 🏴󠁧󠁢󠁥󠁮󠁧󠁿</p>"),
]


@pytest.mark.parametrize(("text", "html"), LOOKS)
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert to_html(text, names=NAMES).strip() == html


def test_a_task_can_be_seen_and_heard() -> None:
    assert to_html("- [ ] soup\n- [x] bread\n- [ ](/x)") == (
        '<ul>\n<li class="task"><span aria-hidden="true">☐</span> <span class="visually-hidden">To do: </span>soup</li>\n'
        '<li class="task"><span aria-hidden="true">☑</span> <span class="visually-hidden">Done: </span>bread</li>\n'
        '<li><a href="/x">/x</a></li>\n</ul>\n'
    )


def test_a_wide_table_scrolls_by_keyboard_and_keeps_every_cell() -> None:
    html = to_html("|a|b|\n|-|-:|\n|1|2|3|")
    assert html.startswith('<div class="table" role="group" aria-label="Table" tabindex="0"><table>')
    assert '<th class="right">b</th>' in html
    assert '<td>1</td>\n<td class="right">2 | 3</td>' in html


def test_a_table_of_countless_cells_stays_as_typed() -> None:
    typed = "|a" * 60 + "\n" + "|-" * 60 + "\n" + "x\n" * 60
    assert "<table>" not in to_html(typed)
    assert "<table>" in to_html(typed[:-60])


def test_deep_quotes_end_in_a_paragraph() -> None:
    html = to_html("> " * 30 + "still here")
    assert html.count("<blockquote>") == 16
    assert "still here" in html


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@bob and @Bob", {"bob"}),
        ("(@a.b), @x-y: @room!", {"a.b", "x-y", "room"}),
        ("`@bob` x@bob.example https://x.example/@bob", set()),
        ("```\n@bob\n```", set()),
        ("[@bob](https://x.example)", set()),
        ("- @bob\n\n> @lena", {"bob", "lena"}),
        ("@" + "a" * 60 + " @" + "b" * 61, {"a" * 60}),
        ("@\u017fam @\u212aim @éva", set()),
    ],
)
def test_mentions_are_read_as_they_are_drawn(text: str, handles: set[str]) -> None:
    assert names_mentioned(text) == handles


def test_nobody_can_call_the_whole_community() -> None:
    crowd = " ".join(f"@m{number}" for number in range(60))
    assert names_mentioned(crowd) == {f"m{number}" for number in range(50)}
    html = to_html(crowd, names={f"m{number}": (number, "M") for number in range(60)})
    assert html.count("mention") == 50


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u200b", "\u2800", "\u00a0\u3000", "\u2060\ufeff", "\ufe0f", "&nbsp;&#8203;"]
)
def test_what_nobody_can_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "😀", "👍🏽", "\u2066ا", "0", "&", "\U000ffffd"])
def test_what_somebody_can_see_is_not(text: str) -> None:
    assert not is_blank(text)


def test_what_is_kept_has_one_kind_of_line_end_and_no_controls() -> None:
    assert clean("  a\r\nb\rc\x00\x07\td\ud800  \n\n") == "  a\nb\nc\td"
    assert clean("\u202ekept as typed\u200b") == "\u202ekept as typed\u200b"


def test_plain_words() -> None:
    text = (
        "# Soup\n\nWith **bread**,\nand [butter](https://x.example) ![x](/y)\n\n- one\n- [x] two\n\n7. three\n\n"
        "|a|b|\n|-|-|\n|1|2|\n\n```py\nx = 1\n```\n@bob &lt;b&gt; &#x202e;end"
    )
    assert to_plain(text) == (
        "Soup\nWith bread,\nand butter x\n- one\n- ☑ two\n7. three\na | b\n1 | 2\nx = 1\n@bob <b> end"
    )


def test_an_excerpt_is_one_line_and_says_that_it_was_cut() -> None:
    text = "# Soup\n\nWith **bread**,\nand butter"
    assert excerpt(text) == "Soup With bread, and butter"
    assert excerpt(text, 12) == "Soup With b…"
    assert excerpt("[x](/" + "y" * 5000 + ") and more", 10).endswith("…")


def test_a_text_that_breaks_the_parser_is_shown_as_typed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(markdown.Dialect, "parse", lambda _, text, env: env[text])
    assert to_html("*secret* @bob\n<b>", names=NAMES) == "<p>*secret* @bob<br>\n&lt;b&gt;</p>"
    assert to_plain("*secret* @bob\n<b>") == "*secret* @bob\n<b>"
    assert names_mentioned("@bob") == frozenset()
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


def test_what_is_stored_is_drawn_as_it_was() -> None:
    html = to_html("*a* @bob", names=NAMES)
    assert stored_html(str(html)).__html__() == html


def test_a_change_of_what_is_made_comes_with_a_new_version() -> None:
    """Stored HTML is drawn anew only under a new version: raise VERSION, then put the new pair here.

    Where only texts were added above, the second of the pair is enough.
    """
    made = "".join(to_html(text, names=NAMES) for text, _ in LOOKS)
    assert (VERSION, hashlib.sha256(made.encode()).hexdigest()[:16]) == (2, "aefc1698bfd83991")
