"""Notices: recorded with the message, withdrawn with it, shown only to who may read it."""

import pytest
from django.db import transaction

from events import publish as publishing
from events.catalogue import DemonstrationFilled, MessagePosted, RoomOpened
from events.publish import Reactions, publish
from members.models import Member
from notifications.actions import notices_for, record_unread_mentions, see_notices, unseen_notices
from notifications.models import Notice
from rooms.actions.groups import leave_group
from rooms.actions.reading import read_room
from rooms.commands import ReadRoom
from rooms.models import Message
from tests.cast import Cast
from tests.speaking import edits, posts, removes


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def test_a_mention_and_a_reply_are_noticed_once_each(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    posts(cast.bob, cast.supper, "With bread, @alice @lena", reply_to=soup.pk)
    posts(cast.lena, cast.supper, "And butter", reply_to=soup.pk)
    assert (kinds(cast.alice), kinds(cast.lena)) == (["mention", "reply"], ["mention"])


def test_nobody_is_noticed_of_themselves(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Note to @alice")
    posts(cast.alice, cast.supper, "Again", reply_to=soup.pk)
    assert kinds(cast.alice) == []


def test_a_name_that_an_edit_adds_is_noticed(cast: Cast) -> None:
    edits(cast.alice, posts(cast.alice, cast.supper, "Soup"), "Soup, @bob")
    assert kinds(cast.bob) == ["mention"]


def test_a_removed_message_takes_its_notices_along(cast: Cast) -> None:
    removes(cast.alice, posts(cast.alice, cast.supper, "Soup, @bob"))
    assert kinds(cast.bob) == []


def test_who_left_sees_no_notice_of_what_was_said(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Soup, @bob")
    leave_group(cast.bob, cast.workshop.pk)
    assert not notices_for(cast.bob).exists()


def test_seen_is_seen(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Soup, @bob")
    assert unseen_notices(cast.bob).count() == 1
    see_notices(cast.bob)
    assert unseen_notices(cast.bob).count() == 0


def test_who_reads_the_message_has_seen_its_notice(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Soup, @bob and @lena")
    posts(cast.alice, cast.supper, "Stew, @bob")
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    assert list(unseen_notices(cast.bob).values_list("message__created_version", flat=True)) == [2]
    assert unseen_notices(cast.lena).count() == 1


def test_a_name_that_an_edit_added_is_noticed_though_the_place_was_read_before(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    edits(cast.alice, soup, "Soup, @bob")
    posts(cast.alice, cast.supper, "Stew")
    read_room(cast.bob, ReadRoom(cast.supper.pk, 3))
    assert unseen_notices(cast.bob).count() == 1


def test_a_reaction_that_fails_inside_undoes_the_message(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: object) -> None:
        raise RuntimeError("no notice, no message")

    table = {**publishing.table(), MessagePosted: Reactions(record=(fail,))}
    monkeypatch.setattr(publishing, "table", lambda: table)
    with pytest.raises(RuntimeError, match="no notice"):
        posts(cast.alice, cast.supper, "Soup")
    cast.supper.refresh_from_db()
    assert (Message.objects.count(), cast.supper.version) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_reaction_that_fails_after_the_commit_harms_nothing(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    def fail(event: object) -> None:
        raise RuntimeError("the network is away")

    table = {**publishing.table(), MessagePosted: Reactions(tell=(fail, told.append))}
    monkeypatch.setattr(publishing, "table", lambda: table)
    assert posts(live_cast.alice, live_cast.supper, "Soup").pk
    assert len(told) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_was_rolled_back(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(publishing, "table", lambda: {RoomOpened: Reactions(tell=(told.append,))})
    with transaction.atomic():
        publish(RoomOpened(room=1, group=1))
        transaction.set_rollback(True)
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        publish(RoomOpened(room=1, group=1))


def test_the_demonstration_begins_with_notices_of_what_was_not_read_yet(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Read, @bob")
    posts(cast.alice, cast.supper, "Unread, @bob and @lena")
    Notice.objects.all().delete()
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    record_unread_mentions(DemonstrationFilled())
    assert sorted(Notice.objects.values_list("member__handle", "message__created_version")) == [("bob", 2), ("lena", 2)]
