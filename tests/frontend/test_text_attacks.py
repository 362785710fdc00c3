"""Member text never becomes script: whatever is typed, a browser finds only what we meant to draw."""

import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from bleach.html5lib_shim import HTMLParser  # type: ignore[attr-defined]  # its stubs forget that it is there
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend import markdown
from frontend.allow_list import is_allowed, rewritten, sanitise
from frontend.text import LONGEST, clean, excerpt, is_blank, names_mentioned, to_html, to_plain
from tests.frontend.attacks import ADDRESSES, HTML, HUGE, MARKDOWN, MARKUP, PIECES, TAGS

NAMES = {"bob": (7, 'Bob"><img src=x onerror=alert(1)>\u202e'), "a": (8, "A" * 80)}

# Said once more, and otherwise than in the allow-list: these lists shall differ when one of them is wrong.
PLAIN_TAGS = {"a", "blockquote", "br", "code", "div", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "span"}
PLAIN_TAGS |= {"strong", "table", "tbody", "td", "th", "thead", "tr", "ul"}
ATTRIBUTES = {
    ("a", "class"): ["mention"],
    ("a", "rel"): ["nofollow noopener noreferrer"],
    ("div", "class"): ["table"],
    ("div", "role"): ["group"],
    ("div", "aria-label"): ["Table"],
    ("div", "tabindex"): ["0"],
    ("li", "class"): ["task"],
    ("pre", "tabindex"): ["0"],
    ("span", "aria-hidden"): ["true"],
    ("span", "class"): ["mention everyone", "visually-hidden"],
    ("td", "class"): ["center", "right"],
    ("th", "class"): ["center", "right"],
}
NUMBERS = {("a", "data-member"), ("li", "value"), ("ol", "start")}
# Not one sign of HTML beside these, so no two parsers can read it differently.
SHAPE = re.compile(rf'(?:[^<>"]|</?(?:{"|".join(PLAIN_TAGS)})(?: [a-z-]+="[^<>"]*")*>)*')
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(autouse=True, scope="module")
def _parser_that_takes_everything() -> Iterator[None]:
    """Here it shall fail where it would otherwise show a text as typed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(markdown, "as_typed")
        yield


def elements(html: str) -> Iterator[Element]:
    """Everything that a browser would make of it."""
    tree = HTMLParser(namespaceHTMLElements=False).parseFragment(html, container="div")
    return (element for element in tree.iter() if element is not tree)


def harmless(html: str) -> None:
    """Fails unless a browser would find only the tags, attributes and addresses that we draw."""
    for element in elements(html):
        assert element.tag in PLAIN_TAGS
        for name, value in element.attrib.items():
            assert is_ours(str(element.tag), name, value), (element.tag, name, value)


def is_ours(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("a", "href"):
        return leads_well(value)
    if (tag, name) == ("code", "class"):
        return value.startswith("language-") and re.sub("[a-z0-9+-]", "", value) == ""
    return value in ATTRIBUTES.get((tag, name), []) or ((tag, name) in NUMBERS and value.isdecimal())


def leads_well(address: str) -> bool:
    parts = urlsplit(address)
    if not address.isascii() or not address.isprintable() or {"<", ">", '"', "\\", " "} & set(address):
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname) and "@" not in parts.netloc
    return parts.scheme == "mailto" or (parts.scheme == "" == parts.netloc and address.startswith("/"))


def drawn(text: str) -> str:
    """The HTML of a message, having passed all that holds for every message."""
    html = to_html(text, names=NAMES)
    harmless(html)
    assert SHAPE.fullmatch(html)
    assert not UNSEEN.search(html)
    assert is_allowed(html)
    assert rewritten(html) == html
    for link in elements(html):
        assert "rel" in link.attrib or link.tag != "a" or link.attrib["href"].startswith("/")
    return html


@pytest.mark.parametrize("text", [*MARKUP, *MARKDOWN])
def test_what_looks_like_markup_stays_words(text: str) -> None:
    drawn(text)
    drawn(f"> - {text}\n\n*{text}* [{text}](https://x.example/{text})")


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_misleads_does_not_become_a_link(address: str) -> None:
    for form in ("[x]({})", "[x](<{}>)", "![x]({})", "[x]: {}\n\n[x]", "[x][y]\n\n[y]: <{}>"):
        html = drawn(form.format(address))
        assert "x" not in [link.text for link in elements(html) if link.tag == "a"]
    drawn(f"<{address}>")
    drawn(address)


@pytest.mark.parametrize("html", [*HTML, *MARKUP])
def test_the_allow_list_alone_is_enough(html: str) -> None:
    for whole in (html, f"<table><a href='/x'><pre><svg>{html}", f"<p>{html}</p>"):
        harmless(sanitise(whole))
        harmless(rewritten(whole))


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_allow_list_knows_addresses_by_itself(address: str) -> None:
    for html in (f'<a href="{address}">x</a>', f"<a href={address}>x</a>"):
        harmless(sanitise(html))
        harmless(rewritten(html))


@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[:8].encode("unicode_escape").decode())
def test_a_huge_text_is_drawn_in_bounds(text: str) -> None:
    html = to_html(text, names=NAMES)
    assert is_allowed(html)
    assert len(text) <= LONGEST
    assert len(html) < 16 * LONGEST
    assert len(names_mentioned(text)) <= 50
    assert len(excerpt(text)) <= 140


def test_a_picture_from_elsewhere_is_not_loaded() -> None:
    html = drawn("![scan](https://evil.example/who-reads-here.png)")
    assert [(element.tag, element.get("href")) for element in elements(html)] == [
        ("p", None),
        ("a", "https://evil.example/who-reads-here.png"),
    ]


def test_only_a_mention_is_a_mention() -> None:
    for text in MARKUP + MARKDOWN:
        html = drawn(text.replace("@bob", "").replace("@room", ""))
        assert not [element for element in elements(html) if "mention" in element.get("class", "")]


def test_a_host_in_foreign_letters_does_not_pass_for_another() -> None:
    html = drawn("https://аpple.com <https://аpple.com> https://nhs\u200b.uk")
    assert [link.text for link in elements(html) if link.tag == "a"] == [
        "https://xn--pple-43d.com",
        "https://xn--pple-43d.com",
        "https://xn--nhs-7m0a.uk",
    ]


def test_nothing_typed_is_hidden() -> None:
    hidden = [
        "[//]: # (words1)",
        "[words1]: https://x.example",
        "```x words1\n```",
        "|a|\n|-|\n|b|words1|",
        "<!-- words1 -->",
        "- " * 30 + "words1",
        "> " * 30 + "words1",
        "![words1](javascript:x)",
        "[](https://x.example/words1)",
        "[&nbsp;](https://x.example/words1)",
    ]
    for text in hidden:
        assert "words1" in re.sub("<[^>]*>", "", drawn(text)), text
        assert "words1" in to_plain(text)


@pytest.mark.parametrize("work", [to_html, rewritten])
def test_threads_do_not_mix_their_texts(work: Callable[[str], str]) -> None:
    texts = (MARKUP + MARKDOWN) * 3
    alone = [work(text) for text in texts]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(work, texts)) == alone
    finally:
        sys.setswitchinterval(usual)


# Anything -----------------------------------------------------------------------------------------------------------------

SIGNS = st.sampled_from("<>&\"'`*_~[]()!#|-+. \n\t\r:/@\\abcx10=;\x00\x0c\u00a0\u0130\u017f\u2028\u202e\u200b\ud800😀é")
TEXTS = st.text(max_size=60) | st.text(SIGNS, max_size=60) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_whatever_is_typed_is_harmless(text: str) -> None:
    html = drawn(text)
    assert to_html(text, names=NAMES) == html
    kept = clean(text)
    assert clean(kept) == kept
    assert len(drawn(kept).encode()) >= 0
    to_plain(text)
    excerpt(text)
    is_blank(text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_whatever_the_sanitiser_is_given_is_harmless(html: str) -> None:
    harmless(sanitise(html))
    harmless(rewritten(html))


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(TAGS), max_size=12).map("".join))
def test_what_passes_as_it_is_would_be_harmless_parsed(html: str) -> None:
    if is_allowed(html):
        harmless(html)
        *_, last = HTMLParser(namespaceHTMLElements=False).parseFragment(
            f"<div>{html}</div><main></main>", container="div"
        )
        assert last.tag == "main", "it reaches beyond the message"


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_mention_is_drawn_exactly_when_it_is_counted(text: str) -> None:
    classes = [element.get("class", "") for element in elements(drawn(text))]
    assert ("mention" in classes) == ("bob" in names_mentioned(text) or "a" in names_mentioned(text))
    assert ("mention everyone" in classes) == ("room" in names_mentioned(text))
