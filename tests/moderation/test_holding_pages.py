"""The pages of what waits, as a browser without a script meets them."""

import pytest

from moderation.models import Decision, WatchedWord
from rooms.models import HeldPost, Message
from tests.cast import Cast
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts, tries_to_post

WHY = {"ground": "advert", "reason": "Advertising", "words": "Not here, please."}


@pytest.fixture
def held(cast: Cast) -> HeldPost:
    """Alice's soup waits in Supper, which Mo has on hold."""
    assert browser(cast.mo).post(f"/rooms/{cast.supper.pk}/hold", {**WHY, "on": "1"}).status_code == 302
    held = tries_to_post(cast.alice, cast.supper, "Buy my soup")
    assert isinstance(held, HeldPost)
    return held


def test_a_form_posts_and_its_author_alone_sees_that_it_waits(cast: Cast, held: HeldPost) -> None:
    alice, address = browser(cast.alice), f"/rooms/{cast.supper.pk}/"
    answer = alice.post(f"{address}messages", {"text": "And my bread"})
    assert answer.headers["Location"].startswith(f"{address}#held-")
    page = text_of(alice, address)
    for words in ("Buy my soup", "And my bread", "Only you see this. New messages in this room wait for a moderator"):
        assert words in page
    for other in (cast.bob, cast.lena, cast.mo):
        page = text_of(browser(other), address)
        assert "Buy my soup" not in page
        assert "wait for a moderator" in page


def test_taken_back_the_words_are_in_the_composer(cast: Cast, held: HeldPost) -> None:
    answer = browser(cast.alice).post(f"/held/{held.pk}/take-back")
    assert ">Buy my soup</textarea>" in answer.content.decode()
    held.refresh_from_db()
    assert held.state == "taken_back"


def test_a_moderator_lets_through_and_declines(cast: Cast, held: HeldPost) -> None:
    other = tries_to_post(cast.bob, cast.supper, "Bread at noon")
    mo = browser(cast.mo)
    page = text_of(mo, "/moderation/waiting/")
    assert "Buy my soup" in page
    assert "2 messages wait." in page
    assert "Bread at noon" not in text_of(mo, f"/moderation/waiting/?member={cast.alice.pk}")
    assert mo.post(f"/moderation/waiting/{other.pk}/let-through").status_code == 302
    assert Message.objects.get().text == "Bread at noon"
    assert mo.post(f"/moderation/waiting/{held.pk}/decline", {"ground": "advert"}).status_code == 400
    assert mo.post(f"/moderation/waiting/{held.pk}/decline", WHY).status_code == 302
    page = text_of(browser(cast.alice), f"/rooms/{cast.supper.pk}/")
    assert "Not posted. Advertising" in page
    assert "Not here, please." in page
    assert mo.post(f"/moderation/waiting/{held.pk}/let-through").status_code == 302
    assert Message.objects.count() == 2


def test_all_of_a_member_are_declined_at_once(cast: Cast, held: HeldPost) -> None:
    tries_to_post(cast.alice, cast.supper, "More soup")
    tries_to_post(cast.bob, cast.supper, "Bread")
    mo = browser(cast.mo)
    assert "Decline all 2" in text_of(mo, f"/moderation/waiting/?member={cast.alice.pk}")
    assert mo.post("/moderation/waiting/decline-all", WHY).status_code == 400
    assert mo.post("/moderation/waiting/decline-all", {**WHY, "member": str(cast.alice.pk)}).status_code == 302
    assert HeldPost.objects.get(state="waiting").author == cast.bob


def test_switches_are_forms_on_pages(cast: Cast) -> None:
    mo, room = browser(cast.mo), f"/rooms/{cast.supper.pk}"
    card = f"/moderation/members/{cast.bob.pk}/hold"
    assert "Have what they post wait" in text_of(mo, f"/members/{cast.bob.pk}/")
    assert mo.post(card, {**WHY, "days": "x"}).status_code == 400
    assert mo.post(card, {**WHY, "days": "3"}).status_code == 302
    assert "until" in text_of(mo, card)
    assert mo.post(f"{room}/pace", {**WHY, "seconds": "60"}).status_code == 302
    assert "Each member writes once in a minute." in text_of(browser(cast.alice), f"{room}/about/")
    assert mo.post("/moderation/hold", {**WHY, "on": "1"}).status_code == 302
    assert [decision.act for decision in Decision.objects.order_by("number")] == ["hold", "slow", "hold"]


def test_a_word_is_kept_only_after_it_was_tried(cast: Cast) -> None:
    mo, wish = browser(cast.mo), {"word": "gruel*", "act": "block", "why": "It misleads."}
    page = mo.post("/moderation/words/", {**wish, "sample": "Gruelling\nsoup"}).content.decode()
    assert "finds “Gruelling”" in page
    assert not WatchedWord.objects.exists()
    assert mo.post("/moderation/words/", {**wish, "word": "gruel", "tried": "gruel*"}).status_code == 200
    assert mo.post("/moderation/words/", {**wish, "word": "*"}).status_code == 400
    assert mo.post("/moderation/words/", {**wish, "tried": "gruel*"}).status_code == 302
    word = WatchedWord.objects.get()
    assert "gruel*" in text_of(mo, "/moderation/words/")
    assert mo.post(f"/moderation/words/{word.pk}/remove").status_code == 302
    assert not WatchedWord.objects.exists()


def test_a_slow_room_gives_the_words_back(cast: Cast) -> None:
    assert browser(cast.lena).post(f"/rooms/{cast.supper.pk}/pace", {**WHY, "seconds": "60"}).status_code == 302
    posts(cast.alice, cast.supper, "Soup")
    answer = browser(cast.alice).post(f"/rooms/{cast.supper.pk}/messages", {"text": "And bread"})
    assert answer.status_code == 429
    assert ">And bread</textarea>" in answer.content.decode()
