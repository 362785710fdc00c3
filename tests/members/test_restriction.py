"""A member has the use of their data restricted: it is kept, and nothing is done with it."""

import pytest

from members.models import Member
from members.refusals import NotAllowed
from members.restriction import restrict
from notifications.models import Notice
from rooms.actions.direct import open_direct
from rooms.models import Message
from tests.cast import Cast
from tests.rooms.test_pages import browser, text_of
from tests.speaking import edits, posts, removes


@pytest.fixture
def restricted(cast: Cast) -> Cast:
    """Bob has restricted the use of his data, on his own page."""
    posts(cast.bob, cast.supper, "Bread")
    assert browser(cast.bob).post("/you/data/restrict", {"on": "1"}).status_code == 302
    cast.bob.refresh_from_db()
    assert cast.bob.restricted_at
    return cast


def test_they_are_found_nowhere(restricted: Cast) -> None:
    supper = f"/rooms/{restricted.supper.pk}/"
    for who in (restricted.alice, restricted.charlie):
        assert "Bob" not in text_of(browser(who), "/members/")
        assert "0 found" in text_of(browser(who), "/members/?find=bob")
    assert "Bob" not in text_of(browser(restricted.alice), f"{supper}names?q=bo")
    assert browser(restricted.charlie).get(f"/members/{restricted.bob.pk}/").status_code == 404
    assert "Bread" in text_of(browser(restricted.alice), supper)


def test_nobody_writes_to_them_or_has_them_told(restricted: Cast) -> None:
    with pytest.raises(NotAllowed, match="You cannot write to this person"):
        open_direct(restricted.alice, [restricted.bob.pk])
    bread = Message.objects.get()
    posts(restricted.alice, restricted.supper, "@bob, and butter?", reply_to=bread.pk)
    assert not Notice.objects.filter(member=restricted.bob).exists()


def test_they_read_and_do_not_write_but_can_take_their_words_away(restricted: Cast) -> None:
    bob = browser(restricted.bob)
    assert "Bread" in text_of(bob, f"/rooms/{restricted.supper.pk}/")
    refused = bob.post(f"/rooms/{restricted.supper.pk}/messages", {"text": "Butter"})
    assert (refused.status_code, "lift that on the page Your data" in refused.content.decode()) == (403, True)
    bread = Message.objects.get()
    with pytest.raises(NotAllowed):
        edits(restricted.bob, bread, "Butter")
    removes(restricted.bob, bread)
    assert bob.post("/you/data/copies").status_code == 302


def test_they_lift_it_themselves_and_nobody_else_does(restricted: Cast) -> None:
    browser(restricted.mo).post("/you/data/restrict", {"on": "0"})
    assert Member.objects.get(pk=restricted.bob.pk).restricted_at
    bob = browser(restricted.bob)
    assert "Lift the restriction" in text_of(bob, "/you/data/")
    bob.post("/you/data/restrict", {"on": "0"})
    posts(Member.objects.get(pk=restricted.bob.pk), restricted.supper, "Butter")
    posts(restricted.alice, restricted.supper, "@bob, thanks")
    assert Notice.objects.filter(member=restricted.bob).count() == 1


def test_restricting_twice_keeps_the_first_time(restricted: Cast) -> None:
    first = restricted.bob.restricted_at
    restrict(restricted.bob, on=True)
    assert Member.objects.get(pk=restricted.bob.pk).restricted_at == first
