"""What waits for a moderator's look: nobody but its author knows of it until it is let through."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from events.catalogue import Because
from members.actions import hold_posts_of
from members.community.actions import hold_all_posts
from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere, WouldWait
from moderation import holding
from moderation.holding import Chosen, Why, waiting_posts
from moderation.models import Decision
from notifications.models import Notice
from rooms.access import file_for
from rooms.actions.direct import open_direct
from rooms.actions.files import sweep_files, take_back_file
from rooms.actions.groups import begin_membership, leave_group
from rooms.actions.rooms import lock_room
from rooms.actions.waiting import forget_answered, take_back_held
from rooms.doors import carry_out, changes_for
from rooms.models import File, HeldPost, Message, Room
from tests.cast import Cast, person
from tests.speaking import brings, edits, posts, removes, tries_to_post

WHY = Why("advert", "Advertising", "Please write about soup.")
BECAUSE = Because(None, "operator", "other", "Trouble")


def holds_room(cast: Cast, *, on: bool = True) -> None:
    holding.hold_room(cast.mo, cast.supper.pk, WHY, on=on)
    cast.supper.refresh_from_db()


def waits(author: Member, room: Room, text: str, **fields: Any) -> HeldPost:
    """The author posts, and it waits."""
    held = tries_to_post(author, room, text, **fields)
    assert isinstance(held, HeldPost)
    return held


def test_in_a_room_on_hold_a_post_waits_and_moves_nothing(cast: Cast) -> None:
    holds_room(cast)
    version = cast.supper.version
    held = waits(cast.alice, cast.supper, "Soup, @bob")
    cast.supper.refresh_from_db()
    assert (held.state, cast.supper.version) == ("waiting", version)
    assert not Message.objects.exists()
    assert not Notice.objects.filter(member=cast.bob).exists()
    assert "Soup" not in str(changes_for(cast.bob, cast.supper.pk, 0).changes)


def test_who_leads_or_moderates_does_not_wait(cast: Cast) -> None:
    holds_room(cast)
    posts(cast.lena, cast.supper, "Dinner is served")
    posts(cast.mo, cast.supper, "Mind the soup")


def test_the_author_hears_that_it_waits_and_the_same_when_it_is_sent_again(cast: Cast) -> None:
    holds_room(cast)
    frame = {"kind": "message.post", "client_id": str(uuid4()), "room": cast.supper.pk, "text": "Soup"}
    first = carry_out(cast.alice, frame)
    assert first["state"] == "waiting"
    assert first["words"] == "New messages in this room wait for a moderator's look."
    holds_room(cast, on=False)
    assert carry_out(cast.alice, frame) == first
    assert not Message.objects.exists()


def test_what_was_posted_before_the_hold_is_answered_as_posted(cast: Cast) -> None:
    client_id = uuid4()
    first = posts(cast.alice, cast.supper, "Soup", client_id=client_id)
    holds_room(cast)
    assert posts(cast.alice, cast.supper, "Soup", client_id=client_id) == first
    assert not HeldPost.objects.exists()


def test_let_through_it_is_posted_as_if_it_were_sent_now(cast: Cast) -> None:
    holds_room(cast)
    soup = posts(cast.lena, cast.supper, "Soup?")
    held = waits(cast.alice, cast.supper, "Yes, @bob", reply_to=soup.pk, files=[brings(cast.alice, cast.supper)])
    bread = posts(cast.mo, cast.supper, "Bread")
    message = holding.let_through(cast.mo, held.pk)
    assert message.created_version > bread.created_version
    assert (message.author, message.text, message.reply_to, message.client_id) == (
        cast.alice,
        "Yes, @bob",
        soup,
        held.client_id,
    )
    assert message.files.get().held_id is None
    assert Notice.objects.get(member=cast.bob).message == message
    assert Notice.objects.get(member=cast.lena, kind="reply").message == message
    held.refresh_from_db()
    assert (held.state, held.text, held.answered_by) == ("posted", "", cast.mo)
    assert posts(cast.alice, cast.supper, "Yes, @bob", client_id=held.client_id) == message
    with pytest.raises(NotAllowed):
        holding.let_through(cast.mo, held.pk)


def test_who_left_meanwhile_is_not_posted_for(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup", files=[brings(cast.alice, cast.supper)])
    leave_group(cast.alice, cast.workshop.pk)
    with pytest.raises(NotAllowed, match="may no longer write"):
        holding.let_through(cast.mo, held.pk)
    held.refresh_from_db()
    assert (held.state, held.files.count()) == ("waiting", 1)


def test_in_a_room_locked_meanwhile_it_is_not_posted(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    lock_room(cast.lena, cast.supper.pk, on=True)
    with pytest.raises(NotAllowed, match="may no longer write"):
        holding.let_through(cast.mo, held.pk)


def test_declined_its_author_reads_why_beside_their_words(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Buy my soup")
    holding.decline(cast.mo, held.pk, WHY)
    held.refresh_from_db()
    assert (held.state, held.text, held.answer) == ("declined", "Buy my soup", "Advertising\nPlease write about soup.")
    decision = Decision.objects.latest("number")
    assert (decision.act, decision.about, decision.room) == ("decline", cast.alice, cast.supper)
    assert "Buy my soup" not in decision.sealed
    assert Notice.objects.filter(member=cast.alice, decision=decision).exists()
    again = waits(cast.alice, cast.supper, "Buy my soup", client_id=held.client_id)
    assert again.state == "declined"


def test_what_was_declined_can_be_let_through_after_all(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    holding.decline(cast.mo, held.pk, WHY)
    message = holding.let_through(cast.mo, held.pk)
    decision = Decision.objects.latest("number")
    assert (decision.act, decision.message) == ("let_through", message)


@pytest.mark.parametrize("who", ["alice", "bob", "lena", "charlie"])
def test_who_is_no_moderator_finds_nothing_that_waits(cast: Cast, who: str) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    member = getattr(cast, who)
    assert not waiting_posts(member, Chosen()).exists()
    with pytest.raises(NotHere):
        holding.let_through(member, held.pk)
    with pytest.raises(NotHere):
        holding.decline(member, held.pk, WHY)
    with pytest.raises(NotAllowed):
        holding.decline_all(member, Chosen(member=cast.alice.pk), WHY)


def test_nobody_lets_their_own_through(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    cast.alice.role = Member.Role.MODERATOR
    cast.alice.save()
    assert not waiting_posts(cast.alice, Chosen()).exists()
    with pytest.raises(NotAllowed, match="concerns you"):
        holding.let_through(cast.alice, held.pk)


def test_a_decision_says_why(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    for why in (Why("rude", "Because"), Why("other", " ")):
        with pytest.raises(BadRequest):
            holding.decline(cast.mo, held.pk, why)
    with pytest.raises(BadRequest, match="Say whose"):
        holding.decline_all(cast.mo, Chosen(), WHY)


def test_a_file_that_waits_is_its_authors_and_the_moderators_and_is_not_swept(cast: Cast) -> None:
    holds_room(cast)
    file = brings(cast.alice, cast.supper)
    held = waits(cast.alice, cast.supper, "The recipe", files=[file])
    sweep_files(timezone.now() + timedelta(days=3))
    assert file_for(cast.alice, file.pk) == file_for(cast.mo, file.pk) == file
    for member in (cast.bob, cast.lena, cast.charlie):
        with pytest.raises(NotHere):
            file_for(member, file.pk)
    with pytest.raises(NotHere):
        take_back_file(cast.alice, file.pk)
    with pytest.raises(BadRequest):
        tries_to_post(cast.alice, cast.supper, "Again", files=[file])
    take_back_held(cast.alice, held.pk)
    assert not File.objects.filter(discarded_at=None).exists()


def test_its_author_takes_it_back_and_nobody_else_does(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    for member in (cast.bob, cast.mo):
        with pytest.raises(NotHere):
            take_back_held(member, held.pk)
    assert take_back_held(cast.alice, held.pk).text == "Soup"
    held.refresh_from_db()
    assert (held.state, held.text) == ("taken_back", "")
    with pytest.raises(NotHere):
        take_back_held(cast.alice, 10**9)
    with pytest.raises(NotAllowed):
        holding.let_through(cast.mo, held.pk)


def test_what_is_posted_is_not_taken_back(cast: Cast) -> None:
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    holding.let_through(cast.mo, held.pk)
    with pytest.raises(NotAllowed):
        take_back_held(cast.alice, held.pk)


def test_what_was_declined_is_forgotten_after_a_month(cast: Cast) -> None:
    holds_room(cast)
    declined = waits(cast.alice, cast.supper, "Soup", files=[brings(cast.alice, cast.supper)])
    holding.decline(cast.mo, declined.pk, WHY)
    waiting = waits(cast.alice, cast.supper, "Bread")
    forget_answered(timezone.now() + timedelta(days=29))
    assert HeldPost.objects.count() == 2
    forget_answered(timezone.now() + timedelta(days=31))
    assert list(HeldPost.objects.all()) == [waiting]
    assert not File.objects.filter(discarded_at=None).exists()


def test_a_member_on_hold_waits_in_every_room_until_it_ends(cast: Cast) -> None:
    holding.hold_member(cast.mo, cast.bob.pk, 2, WHY)
    held = waits(cast.bob, cast.supper, "Soup")
    assert "until" in held.why
    posts(cast.alice, cast.supper, "Bread")
    assert Notice.objects.filter(member=cast.bob, kind="decision").count() == 1
    Member.objects.filter(pk=cast.bob.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    posts(cast.bob, cast.supper, "Cheese")
    holding.hold_member(cast.mo, cast.bob.pk, 2, WHY)
    holding.hold_member(cast.mo, cast.bob.pk, 0, WHY)
    posts(cast.bob, cast.supper, "Grapes")
    assert [decision.act for decision in Decision.objects.filter(about=cast.bob)] == ["hold", "hold", "end_hold"]


def test_a_leader_on_hold_waits_too(cast: Cast) -> None:
    holding.hold_member(cast.mo, cast.lena.pk, 2, WHY)
    waits(cast.lena, cast.supper, "Soup")


def test_only_moderators_hold_and_not_one_another(cast: Cast) -> None:
    for member in (cast.alice, cast.lena):
        with pytest.raises(NotAllowed):
            holding.hold_member(member, cast.bob.pk, 2, WHY)
        with pytest.raises(NotAllowed):
            holding.hold_room(member, cast.supper.pk, WHY, on=True)
        with pytest.raises(NotAllowed):
            holding.hold_community(member, WHY, on=True)
    with pytest.raises(NotAllowed, match="does not wait"):
        holding.hold_member(cast.mo, cast.mo.pk, 2, WHY)
    with pytest.raises(BadRequest):
        holding.hold_member(cast.mo, cast.bob.pk, 91, WHY)
    leave_group(cast.mo, cast.workshop.pk)
    with pytest.raises(NotHere):
        holding.hold_room(cast.mo, cast.supper.pk, WHY, on=True)


def test_the_communitys_hold_is_everywhere_and_ends(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        holding.hold_community(cast.mo, WHY, on=True)
    assert "everywhere" in waits(cast.alice, cast.supper, "Soup").why
    posts(cast.lena, cast.supper, "Dinner is served")
    with django_capture_on_commit_callbacks(execute=True):
        holding.hold_community(cast.mo, WHY, on=False)
    posts(cast.alice, cast.supper, "Bread")
    assert [decision.act for decision in Decision.objects.order_by("number")] == ["hold", "end_hold"]


def test_in_a_direct_conversation_nothing_waits_for_who_could_not_look(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    with django_capture_on_commit_callbacks(execute=True):
        hold_all_posts(BECAUSE, on=True)
    posts(cast.alice, room, "Soup")
    hold_posts_of(cast.alice, timezone.now() + timedelta(days=1), BECAUSE)
    with pytest.raises(WouldWait, match="cannot read direct"):
        tries_to_post(cast.alice, room, "Bread")
    assert not HeldPost.objects.exists()


def test_an_edit_does_not_get_round_the_hold(cast: Cast) -> None:
    message = posts(cast.alice, cast.supper, "Soup")
    holds_room(cast)
    with pytest.raises(WouldWait):
        edits(cast.alice, message, "Buy my soup")
    message.refresh_from_db()
    assert message.text == "Soup"
    edits(cast.lena, posts(cast.lena, cast.supper, "Dinner"), "Dinner is served")


def test_a_raid_shows_nothing_and_one_act_clears_it(cast: Cast, django_assert_max_num_queries: Any) -> None:
    holds_room(cast)
    raiders = [person(f"raider-{number}") for number in range(50)]
    for raider in raiders:
        begin_membership(raider, cast.workshop)
    waits(cast.bob, cast.supper, "I am no raider")
    HeldPost.objects.update(held_at=timezone.now() - timedelta(hours=2))
    HeldPost.objects.bulk_create(
        HeldPost(room=cast.supper, author=raider, client_id=uuid4(), text=f"Buy soup {number}", code="held", why="Wait")
        for raider in raiders
        for number in range(20)
    )
    frames = str(changes_for(cast.alice, cast.supper.pk, 0).changes)
    assert "Buy soup" not in frames
    with django_assert_max_num_queries(10 + 12 * len(raiders)):
        assert holding.decline_all(cast.mo, Chosen(minutes=10), WHY) == 1_000
    assert [held.author for held in waiting_posts(cast.mo, Chosen())] == [cast.bob]
    assert Decision.objects.filter(act="decline").count() == len(raiders)
    assert holding.decline_all(cast.mo, Chosen(member=cast.bob.pk), WHY) == 1


def test_in_a_slow_room_each_member_writes_once_in_a_while(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    holding.slow_room(cast.lena, cast.supper.pk, 60, WHY)
    with pytest.raises(Exception, match="once in a minute") as refused:
        posts(cast.alice, cast.supper, "Bread")
    assert refused.value.code == "slow_room"  # type: ignore[attr-defined]
    assert posts(cast.alice, cast.supper, "Soup", client_id=soup.client_id) == soup
    posts(cast.bob, cast.supper, "Bread")
    for member in (cast.lena, cast.mo):
        posts(member, cast.supper, "First")
        posts(member, cast.supper, "Second")
    edits(cast.alice, soup, "Leek soup")
    removes(cast.alice, soup)
    with pytest.raises(Exception, match="once in a minute"):
        posts(cast.alice, cast.supper, "Bread")
    Message.objects.filter(author=cast.alice).update(posted_at=timezone.now() - timedelta(seconds=61))
    posts(cast.alice, cast.supper, "Bread")


def test_what_waits_counts_in_a_slow_room(cast: Cast) -> None:
    holding.slow_room(cast.lena, cast.supper.pk, 60, WHY)
    holds_room(cast)
    held = waits(cast.alice, cast.supper, "Soup")
    take_back_held(cast.alice, held.pk)
    with pytest.raises(Exception, match="once in a minute"):
        posts(cast.alice, cast.supper, "Bread")


def test_leaders_and_moderators_slow_a_room_and_the_record_says_so(cast: Cast) -> None:
    holding.slow_room(cast.lena, cast.supper.pk, 60, WHY)
    holding.slow_room(cast.mo, cast.supper.pk, 0, WHY)
    said = [(each.act, each.role) for each in Decision.objects.order_by("number")]
    assert said == [("slow", "group leader"), ("end_slow", "moderator")]
    with pytest.raises(NotAllowed):
        holding.slow_room(cast.alice, cast.supper.pk, 60, WHY)
    with pytest.raises(BadRequest):
        holding.slow_room(cast.lena, cast.supper.pk, 7, WHY)
    with pytest.raises(NotHere):
        holding.slow_room(cast.charlie, cast.supper.pk, 60, WHY)
