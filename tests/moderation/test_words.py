"""Watched words: found as people write them, each with what is then done; and patterns that cannot hang."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.refusals import Asks, BadRequest, NotAllowed, NotHere, WouldWait
from moderation import words
from moderation.actions import Subject, file_report
from moderation.models import Decision, WatchedWord
from moderation.words import BlockedWord, Wish, pattern_of, tried, unwatch, watch
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.commands import PostMessage
from rooms.models import HeldPost
from tests.cast import Cast
from tests.speaking import edits, posts, tries_to_post


@pytest.fixture
def keep(cast: Cast, django_capture_on_commit_callbacks: Any) -> Any:
    """Mo watches a word, and this process knows it at once."""

    def keep(word: str, act: str, instead: str = "") -> WatchedWord:
        with django_capture_on_commit_callbacks(execute=True):
            return watch(cast.mo, Wish(word, act, instead, "It misleads."))

    return keep


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("gruel", "Thin GRUEL again", "GRUEL"),
        ("gruel", "gruelling", ""),
        ("gruel", "no-gruel.", "gruel"),
        ("gruel*", "gruelling", "gruelling"),
        ("*gruel", "porridgegruel", "porridgegruel"),
        ("thin  gruel", "thin\n gruel", "thin\n gruel"),
        ("gr*l", "grail, growl", "grail"),
        ("gr*l", "gr" + "o" * 21 + "l", ""),
        ("ab++", "in ab++ and", "ab++"),
        ("a.c", "abc", ""),
        ("(a+)+b", "(a+)+b", "(a+)+b"),
        ("café", "CAFÉ noir", "CAFÉ"),
    ],
)
def test_a_word_is_found_as_people_write_it(word: str, text: str, found: str) -> None:
    match = pattern_of(word).search(text)
    assert (match[0] if match else "") == found


@pytest.mark.parametrize("word", ["", "*", "a", "**", "a*b*c*d", "ab**", "- -"])
def test_what_is_no_word_is_refused(word: str) -> None:
    with pytest.raises(BadRequest):
        pattern_of(word)


@pytest.mark.parametrize("text", ["a" * 10_000, "a " * 5_000, "aaaaaaaaaaaaaaaaaaab " * 500, "b" + " " * 9_999])
def test_no_word_hangs(text: str) -> None:
    """What could not would not come back in anybody's lifetime: `(a|a*)*b` and its like cannot be said."""
    for word in ("*a*c", "a*a*c", "*b c*", "a b c d e"):
        assert pattern_of(word).search(text) is None


def test_a_blocked_word_is_refused_in_whatever_is_written(cast: Cast, keep: Any) -> None:
    message = posts(cast.alice, cast.supper, "Soup")
    keep("gruel*", "block")
    for write in (
        lambda: posts(cast.alice, cast.supper, "More gruels?"),
        lambda: edits(cast.alice, message, "Gruel"),
        lambda: open_room(cast.alice, cast.workshop.pk, name="Gruel"),
    ):
        with pytest.raises(BlockedWord, match="misleads"):
            write()
    file_report(cast.bob, Subject("message", message.pk), "unkind", "She said gruel")


def test_a_held_word_has_a_message_wait_and_refuses_what_cannot(cast: Cast, keep: Any) -> None:
    message = posts(cast.alice, cast.supper, "Soup")
    keep("gruel", "hold")
    held = tries_to_post(cast.alice, cast.supper, "More gruel")
    assert isinstance(held, HeldPost)
    assert held.code == "watched_word"
    with pytest.raises(WouldWait):
        edits(cast.alice, message, "Gruel")
    with pytest.raises(WouldWait):
        open_room(cast.alice, cast.workshop.pk, name="Gruel")
    message.refresh_from_db()
    assert message.text == "Soup"


def test_a_question_is_asked_once_and_answered(cast: Cast, keep: Any) -> None:
    keep("gruel", "ask")
    with pytest.raises(Asks) as asked:
        posts(cast.alice, cast.supper, "More gruel")
    assert (asked.value.code, asked.value.marks) == ("watched_word", ((5, 10),))
    command = PostMessage(uuid4(), cast.supper.pk, "More gruel", answered=frozenset({"watched_word"}))
    assert post_message(cast.alice, command).text == "More gruel"


def test_words_are_replaced_and_notes_put_before(cast: Cast, keep: Any) -> None:
    keep("gruel", "replace", r"thin \1 porridge")
    keep("hunger", "tag", "hunger")
    message = posts(cast.alice, cast.supper, "Gruel against hunger")
    assert message.text == "Content note: hunger\n\nthin \\1 porridge against hunger"
    assert edits(cast.alice, message, message.text) == message
    edited = edits(cast.alice, message, "Content warning: food\n\nHunger and gruel")
    assert edited.text == "Content warning: food\n\nHunger and thin \\1 porridge"
    with pytest.raises(BadRequest, match="too long"):
        posts(cast.alice, cast.supper, "gruel " * 1_600)


def test_only_moderators_keep_words_and_the_record_says_that_they_did(cast: Cast, keep: Any) -> None:
    word = keep("gruel", "block")
    for member in (cast.alice, cast.lena):
        with pytest.raises(NotAllowed):
            watch(member, Wish("soup", "block", "", "Why"))
        with pytest.raises(NotAllowed):
            tried(member, Wish("soup", "block", "", "Why"), "Soup")
        with pytest.raises(NotHere):
            unwatch(member, word.pk)
    unwatch(cast.mo, word.pk)
    words.MEMORY.forget()
    posts(cast.alice, cast.supper, "Gruel")
    decisions = list(Decision.objects.order_by("number"))
    assert [decision.act for decision in decisions] == ["watch", "end_watch"]
    assert "gruel" not in "".join(decision.sealed for decision in decisions)


@pytest.mark.parametrize(
    "wish",
    [
        Wish("gruel", "shout", "", "Why"),
        Wish("g" * 61, "block", "", "Why"),
        Wish("gruel", "block", "", " "),
        Wish("gruel", "replace", "", "Why"),
        Wish("gruel", "tag", "", "Why"),
        Wish("gruel", "replace", "thin gruel", "Why"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(cast: Cast, wish: Wish) -> None:
    with pytest.raises(BadRequest):
        watch(cast.mo, wish)


def test_a_word_is_watched_once(cast: Cast, keep: Any) -> None:
    keep("gruel", "block")
    with pytest.raises(BadRequest, match="watched already"):
        keep("GRUEL", "hold")


def test_a_word_is_tried_before_it_is_kept(cast: Cast) -> None:
    assert tried(cast.mo, Wish("gruel*", "block", "", "Why"), "Gruelling\n\nsoup") == [
        ("Gruelling", "Gruelling"),
        ("soup", ""),
    ]
    assert not WatchedWord.objects.exists()


def test_watched_words_cost_a_post_no_query(cast: Cast, keep: Any, django_assert_num_queries: Any) -> None:
    posts(cast.alice, cast.supper, "Soup")
    with CaptureQueriesContext(connection) as before:
        posts(cast.alice, cast.supper, "Soup again")
    keep("gruel", "block")
    words.MEMORY.fresh()
    with django_assert_num_queries(len(before)):
        posts(cast.alice, cast.supper, "Soup once more")
