"""Posting, editing and removing, told through the actions that every door calls."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from members.limits import Allowance, Limits
from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere, TooFast
from moderation import screens
from rooms import commands
from rooms.actions.groups import leave_group
from rooms.actions.messages import pin_message, set_reaction
from rooms.actions.rooms import archive_room, lock_room
from rooms.commands import PinMessage, SetReaction
from rooms.doors import changes_for
from rooms.models import Membership, Mention, Message, Revision
from tests.cast import Cast
from tests.speaking import edits, posts, removes


def test_a_message_takes_the_rooms_next_version(cast: Cast) -> None:
    first, second = posts(cast.alice, cast.supper, "Soup"), posts(cast.bob, cast.supper, "Bread")
    cast.supper.refresh_from_db()
    assert [first.version, second.version, cast.supper.version] == [1, 2, 2]


def test_affiliation_stays_as_it_was_when_written(cast: Cast) -> None:
    message = posts(cast.alice, cast.supper, "Soup")
    Member.objects.filter(pk=cast.alice.pk).update(organisation=None, profession=None)
    message.refresh_from_db()
    assert message.badge == "Diabetes specialist midwife · St Example's"


def test_sent_again_it_answers_with_the_first_one(cast: Cast) -> None:
    client_id = uuid4()
    first = posts(cast.alice, cast.supper, "Soup", client_id=client_id)
    again = posts(cast.alice, cast.supper, "Soup", client_id=client_id)
    assert again.pk == first.pk
    assert Message.objects.count() == 1


def test_sent_again_after_the_room_was_locked_it_still_answers_with_the_first_one(cast: Cast) -> None:
    client_id = uuid4()
    first = posts(cast.alice, cast.supper, "Soup", client_id=client_id)
    lock_room(cast.lena, cast.supper.pk, on=True)
    assert posts(cast.alice, cast.supper, "Soup", client_id=client_id).pk == first.pk


def test_another_members_client_id_is_not_mine(cast: Cast) -> None:
    client_id = uuid4()
    posts(cast.alice, cast.supper, "Soup", client_id=client_id)
    posts(cast.bob, cast.supper, "Bread", client_id=client_id)
    assert Message.objects.count() == 2


def test_an_outsider_posts_nowhere_and_a_missing_room_looks_the_same(cast: Cast) -> None:
    assert not Membership.objects.filter(member=cast.charlie).exists()
    with pytest.raises(NotHere) as forbidden:
        posts(cast.charlie, cast.supper, "Let me in")
    cast.supper.pk = 10**9
    with pytest.raises(NotHere) as missing:
        posts(cast.charlie, cast.supper, "Let me in")
    assert forbidden.value.as_answer() == missing.value.as_answer()
    assert not Message.objects.exists()


def test_who_left_posts_no_more(cast: Cast) -> None:
    leave_group(cast.bob, cast.workshop.pk)
    with pytest.raises(NotHere):
        posts(cast.bob, cast.supper, "One more thing")


def test_a_silenced_member_is_told_until_when(cast: Cast) -> None:
    Membership.objects.filter(member=cast.bob).update(silenced_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(NotAllowed, match="until"):
        posts(cast.bob, cast.supper, "Bread")


def test_a_suspended_member_finds_nothing(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(suspended_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(NotHere):
        posts(cast.bob, cast.supper, "Bread")


@pytest.mark.parametrize("state", [{"suspended_until": timezone.now() + timedelta(days=9)}, {"is_active": False}])
def test_who_may_not_be_here_cannot_ask_what_changed(cast: Cast, state: dict[str, object]) -> None:
    assert changes_for(cast.bob, cast.supper.pk, 0)[0] == cast.supper
    Member.objects.filter(pk=cast.bob.pk).update(**state)
    for member in (cast.bob, cast.charlie):
        with pytest.raises(NotHere):
            changes_for(member, cast.supper.pk, 0)


def test_in_a_locked_room_leaders_and_moderators_write(cast: Cast) -> None:
    lock_room(cast.lena, cast.supper.pk, on=True)
    posts(cast.lena, cast.supper, "Dinner is served")
    posts(cast.mo, cast.supper, "Mind the soup")
    with pytest.raises(NotAllowed, match="locked"):
        posts(cast.alice, cast.supper, "Soup")


def test_in_an_archived_room_nobody_writes(cast: Cast) -> None:
    archive_room(cast.lena, cast.supper.pk, on=True)
    with pytest.raises(NotAllowed, match="archived"):
        posts(cast.lena, cast.supper, "Soup")


def test_a_reply_stays_in_its_room(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    assert posts(cast.bob, cast.supper, "With bread", reply_to=soup.pk).reply_to == soup
    with pytest.raises(NotHere):
        posts(cast.bob, cast.supper, "With bread", reply_to=10**9)


def test_a_mention_is_kept_for_members_of_the_group_alone(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "@bob and @charlie, and `@lena` in code")
    assert list(Mention.objects.values_list("member__handle", flat=True)) == ["bob"]


def test_writing_too_fast_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "posting", Limits(Allowance(burst=1, a_minute=1)))
    posts(cast.alice, cast.supper, "Soup")
    with pytest.raises(TooFast):
        posts(cast.alice, cast.supper, "Soup again")
    posts(cast.bob, cast.supper, "Bread")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        (" \n\t ", "blank"),
        ("\u200b\u2060", "blank"),
        ("x" * 10_001, "too_long"),
        ("x" * 100_000, "too_long"),
    ],
)
def test_text_that_cannot_be_posted_has_its_code(text: str, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        commands.post_message({"client_id": str(uuid4()), "room": 1, "text": text})
    assert (refused.value.code, refused.value.field) == (code, "text")


def test_an_edit_keeps_what_was_there_before(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    edited = edits(cast.alice, soup, "Soup, @bob")
    assert (edited.version, edited.created_version) == (2, 1)
    assert list(Revision.objects.values_list("text", flat=True)) == ["Soup"]
    assert Mention.objects.get().member == cast.bob


def test_an_edit_that_changes_nothing_takes_no_version(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    assert edits(cast.alice, soup, "Soup").version == 1


def test_nobody_else_edits_or_removes(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    for other in (cast.bob, cast.lena, cast.mo):
        with pytest.raises(NotAllowed):
            edits(other, soup, "Stew")
        with pytest.raises(NotAllowed):
            removes(other, soup)
    with pytest.raises(NotHere):
        edits(cast.charlie, soup, "Stew")


def test_removed_means_removed(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup for @bob")
    edits(cast.alice, soup, "Hot soup for @bob")
    set_reaction(cast.bob, SetReaction(soup.pk, "thanks", on=True))
    pin_message(cast.bob, PinMessage(soup.pk, on=True))
    removed = removes(cast.alice, soup)
    assert (removed.text, removed.html, removed.pinned_at) == ("", "", None)
    for rows in (removed.revisions, removed.mentions, removed.reactions, removed.notices):
        assert not rows.exists()


def test_who_left_can_still_not_reach_their_words(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    leave_group(cast.alice, cast.workshop.pk)
    with pytest.raises(NotHere):
        removes(cast.alice, soup)


def test_a_reaction_given_twice_is_given_once(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    for _ in range(2):
        reacted = set_reaction(cast.bob, SetReaction(soup.pk, "thanks", on=True))
    assert reacted.reactions.count() == 1
    assert reacted.version == 2


def test_a_reply_changes_with_the_words_it_shows(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Secret soup")
    reply = posts(cast.bob, cast.supper, "Nice", reply_to=soup.pk)
    edits(cast.alice, soup, "Stew")
    reply.refresh_from_db()
    assert reply.version == 4
    removes(cast.alice, soup)
    reply.refresh_from_db()
    cast.supper.refresh_from_db()
    assert reply.version == cast.supper.version == 6
