"""A message in the wrong room is moved to another of the same group: nothing is lost, and nobody reads what they could not."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation.actions import Order, Subject, decide, file_report, undo
from moderation.appeals.hearing import appeal_against
from moderation.models import Case, Decision
from moderation.moving import move
from moderation.slips.flagging import flag_patient
from notifications.models import Notice
from rooms import access
from rooms.access import file_for, message_for
from rooms.actions.groups import begin_membership
from rooms.actions.messages import pin_message, set_reaction
from rooms.actions.reading import read_room
from rooms.actions.retention import clear_old_messages
from rooms.commands import PinMessage, ReadRoom, SetReaction
from rooms.doors import changes_for
from rooms.models import HeldPost, Message, Reading, Room, WorkingGroup
from rooms.sidebar import sidebar_for
from tests.cast import Cast, person
from tests.moderation.test_pages import asks, reads
from tests.speaking import Tab, brings, edits, posts, removes, tries_to_post

MOVED = "A moderator moved this message to another room."
LATER = timedelta(days=400)


@pytest.fixture
def tea(cast: Cast) -> Room:
    return Room.objects.create(group=cast.workshop, name="Tea")


def to(room: Room) -> Order:
    return Order("move", "off_topic", "It is about another subject.", "Thank you for it.", to=room.pk)


def moves(message: Message, room: Room, moderator: Member) -> Message:
    moved = move(moderator, message.pk, to(room))
    assert moved.room == room
    return moved


def takes_back(cast: Cast) -> None:
    undo(cast.mo, Decision.objects.latest("number").number, "It was in the right place.")


def page(member: Member, room: Room) -> str:
    return reads(member, f"/rooms/{room.pk}/")


def unread(member: Member, room: Room) -> int:
    return next(each.unread for group in sidebar_for(member) for each in group.rooms if each.id == room.pk)


def test_a_message_goes_with_all_that_belongs_to_it_and_comes_back_to_its_place(cast: Cast, tea: Room) -> None:
    question = posts(cast.bob, cast.supper, "What is there to drink?")
    file = brings(cast.alice, cast.supper)
    said = posts(cast.alice, cast.supper, "@lena Green tea", reply_to=question.pk, files=[file])
    edits(cast.alice, said, "@lena Black tea")
    set_reaction(cast.bob, SetReaction(said.pk, "thanks", True))
    pin_message(cast.bob, PinMessage(said.pk, True))
    posts(cast.bob, cast.supper, "With milk", reply_to=said.pk)

    moves(said, tea, cast.mo)
    here, there = page(cast.bob, cast.supper), page(cast.bob, tea)
    assert "Black tea" not in here
    assert "Report.pdf" not in here
    assert MOVED in here
    assert "a message that was moved" in here
    for words in ("Black tea", "Report.pdf", 'data-reaction="thanks" data-members="', "moved this message here"):
        assert words in there, words
    assert "What is there to drink" not in there
    assert file_for(cast.bob, file.pk).room == tea
    assert "Green tea" in reads(cast.bob, f"/messages/{said.pk}/history/")
    assert [notice.message_id for notice in Notice.objects.filter(member=cast.lena)] == [said.pk]
    assert (unread(cast.bob, tea), unread(cast.alice, tea)) == (1, 0)

    takes_back(cast)
    assert "Black tea" not in page(cast.bob, tea)
    assert "moved this message" not in page(cast.bob, tea)
    after = page(cast.bob, cast.supper)
    for words in ("Black tea", "Report.pdf", "What is there to drink?", "With milk"):
        assert words in after, words
    assert MOVED not in after
    said.refresh_from_db()
    assert (said.room, said.created_version, said.reply_to) == (cast.supper, 2, question)
    assert (unread(cast.bob, tea), file_for(cast.bob, file.pk).room) == (0, cast.supper)


def test_links_lead_to_where_it_stands_now(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    moves(said, tea, cast.mo)
    place = Message.objects.get(room=cast.supper)
    assert asks(cast.bob, f"/messages/{said.pk}/").headers["Location"].startswith(f"/rooms/{tea.pk}/?around=1#")
    assert asks(cast.bob, f"/messages/{place.pk}/").headers["Location"] == f"/messages/{said.pk}/"
    assert asks(cast.charlie, f"/messages/{place.pk}/").status_code == 404


def test_its_author_hears_why_and_everybody_finds_the_record(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    moves(said, tea, cast.mo)
    decision = Decision.objects.get()
    assert (decision.act, decision.role, decision.about, decision.room) == (
        "move",
        "moderator",
        cast.alice,
        cast.supper,
    )
    assert list(Notice.objects.values_list("member", "kind")) == [(cast.alice.pk, "decision")]
    letter = reads(cast.alice, f"/decisions/{decision.number}/")
    for words in ("moved a message of yours to another room", "It is about another subject.", "Thank you for it."):
        assert words in letter
    place = Message.objects.get(room=cast.supper)
    for message in (said, place):
        assert asks(cast.alice, f"/messages/{message.pk}/why").headers["Location"] == f"/decisions/{decision.number}/"
        assert asks(cast.bob, f"/messages/{message.pk}/why").headers["Location"] == "/record/"
    appeal_against(cast.alice, decision.number, "It was about supper.")
    takes_back(cast)
    assert Decision.objects.latest("number").act == "move_back"


def test_a_case_is_decided_so_too(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    case = file_report(cast.bob, Subject("message", said.pk), "off_topic").case
    address = f"/moderation/cases/{case.pk}/"
    assert "Move the message to another room" in reads(cast.mo, address)
    form = {"act": "move", "ground": "off_topic", "reason": "Another subject", "version": case.version, "step": "do"}
    assert b"Choose the room where it belongs" in asks(cast.mo, f"{address}decide", form).content
    assert asks(cast.mo, f"{address}decide", form | {"to": tea.pk}).status_code == 302
    case.refresh_from_db()
    said.refresh_from_db()
    assert (case.state, said.room) == ("closed", tea)
    file_report(cast.lena, Subject("message", said.pk), "unkind")
    again = Case.objects.get()
    decide(cast.mo, again.pk, again.version, Order("lock", "unkind", "It gets heated there."))
    tea.refresh_from_db()
    assert tea.locked_at


def test_from_its_menu_by_form(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    assert 'data-action="move"' in page(cast.mo, cast.supper)
    assert 'data-action="move"' not in page(cast.lena, cast.supper)
    address = f"/messages/{said.pk}/move"
    form = {"ground": "off_topic", "reason": "It is what Alice always does", "words": "", "to": tea.pk}
    refused = asks(cast.mo, address, form)
    assert (refused.status_code, b"names somebody" in refused.content, b"always does" in refused.content) == (
        400,
        True,
        True,
    )
    assert asks(cast.mo, address, form | {"reason": "Another subject"}).status_code == 302
    assert "Tea" in page(cast.bob, tea)


def test_the_form_does_not_show_the_words_of_a_hidden_message(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea with rum")
    case = file_report(cast.bob, Subject("message", said.pk), "unkind").case
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Not here."))
    answer = asks(cast.mo, f"/messages/{said.pk}/move")
    assert (answer.status_code, b"rum" in answer.content) == (403, False)


@pytest.mark.parametrize("who", ["alice", "bob", "lena", "charlie", "ola"])
def test_only_moderators_of_the_group_move_and_nobody_their_own(cast: Cast, tea: Room, who: str) -> None:
    ola = person("ola", role=Member.Role.MODERATOR)
    said = posts(cast.alice, cast.supper, "Tea")
    with pytest.raises((NotHere, NotAllowed, BadRequest)):
        move(ola if who == "ola" else getattr(cast, who), said.pk, to(tea))
    case = file_report(cast.bob, Subject("message", said.pk), "off_topic").case
    if who == "ola":
        assert "Move the message" not in reads(ola, f"/moderation/cases/{case.pk}/")
        with pytest.raises(BadRequest, match="Choose the room"):
            decide(ola, case.pk, case.version, to(tea))
    own = posts(cast.mo, cast.supper, "Coffee")
    with pytest.raises(NotAllowed, match="concerns you"):
        move(cast.mo, own.pk, to(tea))
    said.refresh_from_db()
    assert said.room == cast.supper
    assert not Decision.objects.exists()


def test_who_reported_it_does_not_move_it(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    file_report(cast.mo, Subject("message", said.pk), "off_topic")
    with pytest.raises(NotAllowed, match="concerns you"):
        move(cast.mo, said.pk, to(tea))


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("another group", "within its working group"),
        ("sensitive", "leave by mail"),
        ("short", "shorter time"),
        ("archived", "archived"),
        ("same", "already"),
        ("hidden", "hidden or removed"),
        ("newcomer", "joined after"),
        ("closed", "closed"),
    ],
)
def test_it_stays_where_moving_would_show_it_to_others_or_lose_it(cast: Cast, tea: Room, what: str, why: str) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    match what:
        case "another group":
            choir = WorkingGroup.objects.create(name="Choir", slug="choir")
            begin_membership(cast.mo, choir)
            Room.objects.filter(pk=tea.pk).update(group=choir)
        case "sensitive":
            Room.objects.filter(pk=cast.supper.pk).update(is_sensitive=True)
        case "short":
            Message.objects.filter(pk=said.pk).update(posted_at=timezone.now() - LATER)
            Room.objects.filter(pk=tea.pk).update(keep_months=12, keep_from=timezone.localdate())
        case "archived":
            Room.objects.filter(pk=tea.pk).update(archived_at=timezone.now())
        case "same":
            tea = cast.supper
        case "hidden":
            Message.objects.filter(pk=said.pk).update(hidden_at=timezone.now())
        case "newcomer":
            Reading.objects.create(member=cast.bob, room=cast.supper, version=1, floor=1)
        case "closed":
            WorkingGroup.objects.update(closed_at=timezone.now())
    with pytest.raises(NotAllowed, match=why):
        move(cast.mo, said.pk, to(tea))
    assert Message.objects.get().room == cast.supper


def test_who_was_kept_from_it_and_left_does_not_hold_it_up(cast: Cast, tea: Room) -> None:
    Reading.objects.create(member=cast.charlie, room=cast.supper, version=1, floor=1)
    moves(posts(cast.alice, cast.supper, "Tea"), tea, cast.mo)


def test_what_was_moved_twice_is_taken_back_from_the_last_place(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    bar = Room.objects.create(group=cast.workshop, name="Bar")
    for room in (tea, bar, tea):
        moves(said, room, cast.mo)
    for number in (1, 2):
        with pytest.raises(NotAllowed, match="moved again since"):
            undo(cast.mo, number, "No")
    for number, room in ((3, bar), (2, tea), (1, cast.supper)):
        undo(cast.mo, number, "It was in the right place.")
        said.refresh_from_db()
        assert (said.room, said.moved_at is None) == (room, room == cast.supper)
    assert said.created_version == 1
    assert not Message.objects.kept().exclude(pk=said.pk).exists()


def test_answers_on_their_way_find_the_place_where_it_stood(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    Room.objects.filter(pk=cast.supper.pk).update(held_at=timezone.now())
    waiting = tries_to_post(cast.bob, cast.supper, "With milk", reply_to=said.pk)
    assert isinstance(waiting, HeldPost)
    moves(said, tea, cast.mo)
    place = Message.objects.get(moved_to=said)
    waiting.refresh_from_db()
    later = tries_to_post(cast.bob, cast.supper, "With lemon", reply_to=said.pk)
    assert isinstance(later, HeldPost)
    assert (waiting.reply_to, later.reply_to) == (place, place)
    assert asks(cast.mo, f"/moderation/waiting/{waiting.pk}/let-through", {}).status_code == 302
    assert posts(cast.lena, cast.supper, "With rum", reply_to=said.pk).reply_to == place
    answer = posts(cast.lena, tea, "Which?", reply_to=said.pk)
    takes_back(cast)
    answers = list(Message.objects.filter(reply_to=said).order_by("pk").values_list("text", flat=True))
    assert answers == ["With milk", "With rum"]
    answer.refresh_from_db()
    assert (answer.reply_to, answer.text) == (None, "Which?")


def test_removed_where_it_stands_it_leaves_nothing_behind(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Secret tea")
    posts(cast.bob, cast.supper, "With milk", reply_to=said.pk)
    moves(said, tea, cast.mo)
    removes(cast.alice, said)
    assert not Message.objects.filter(text__contains="Secret").exists()
    for room in (cast.supper, tea):
        assert "Secret" not in page(cast.bob, room)
    with pytest.raises(NotAllowed, match="hidden or removed meanwhile"):
        takes_back(cast)


def test_the_empty_place_is_nothing_that_could_be_acted_on(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    moves(said, tea, cast.mo)
    place = Message.objects.get(moved_to=said)
    with pytest.raises(NotAllowed):
        set_reaction(cast.bob, SetReaction(place.pk, "thanks", True))
    with pytest.raises(NotAllowed):
        edits(cast.alice, place, "Coffee")
    with pytest.raises(NotAllowed, match="hidden or removed"):
        move(cast.mo, place.pk, to(tea))
    assert removes(cast.alice, place).version == place.version


def test_a_place_that_its_room_has_cleared_is_not_filled_again(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea")
    moves(said, tea, cast.mo)
    Message.objects.update(posted_at=timezone.now() - LATER)
    Room.objects.filter(pk=cast.supper.pk).update(keep_months=12, keep_from=timezone.localdate())
    assert clear_old_messages() == 1
    with pytest.raises(NotAllowed, match="is gone"):
        takes_back(cast)
    assert message_for(cast.bob, said.pk).text == "Tea"


def test_who_had_read_it_in_the_other_room_is_known_where_it_names_a_patient(cast: Cast, tea: Room) -> None:
    said = posts(cast.alice, cast.supper, "Tea for two")
    read_room(cast.lena, ReadRoom(cast.supper.pk, 1))
    moves(said, tea, cast.mo)
    slip = flag_patient(cast.bob, said.pk)
    assert (cast.lena.pk, "read") in slip.readers.values_list("member", "how")


def test_who_looked_its_room_up_before_it_was_moved_does_not_change_it(
    cast: Cast, tea: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes a message looks up its room, waits for the room's lock, and has it when the message has gone."""
    said = posts(cast.alice, cast.supper, "Tea")
    standing_in = access.standing_in

    def moved_meanwhile(member: Member, room_id: int, *, locked: bool = False) -> access.Standing:
        monkeypatch.undo()
        moves(said, tea, cast.mo)
        return standing_in(member, room_id, locked=locked)

    monkeypatch.setattr(access, "standing_in", moved_meanwhile)
    with transaction.atomic(), pytest.raises(NotHere):
        access.message_and_standing(cast.alice, said.pk)
    assert edits(cast.alice, said, "Coffee").room == tea


def test_what_the_house_looks_for_it_finds_where_it_was_moved_to(
    cast: Cast, tea: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purge that took it for gone would leave it."""
    said = posts(cast.alice, cast.supper, "Tea")
    one_of = access.one_of

    def moved_meanwhile(rows: Any) -> Any:
        monkeypatch.undo()
        room = one_of(rows)
        moves(said, tea, cast.mo)
        return room

    with transaction.atomic():
        monkeypatch.setattr(access, "one_of", moved_meanwhile)
        assert access.message_of_nobody(said.pk) == (said, tea)


# --- Live ---

live = pytest.mark.usefixtures("delivery")


def drawn(member: Member, room: Room, after: int) -> list[tuple[int, int, str]]:
    """What catching up says of a room: place, message, HTML."""
    frames = changes_for(member, room.pk, after).changes["frames"]
    return [(frame["created"], frame["message"], frame["html"]) for frame in frames]


@live
@pytest.mark.django_db(transaction=True)
async def test_both_rooms_hear_of_it_and_catching_up_says_the_same(live_cast: Cast) -> None:
    cast, act = live_cast, sync_to_async
    tea = await Room.objects.acreate(group=cast.workshop, name="Tea")
    said = await act(posts)(cast.alice, cast.supper, "Green tea")
    await act(posts)(cast.bob, cast.supper, "With milk", reply_to=said.pk)
    async with Tab(cast.bob) as bob, Tab(cast.lena) as lena:
        await bob.opens(cast.supper, after=2)
        await lena.opens(tea)
        await act(moves)(said, tea, cast.mo)
        left, quoting = [await bob.hears("message.changed", room=cast.supper.pk) for _ in range(2)]
        arrived = await lena.hears("message.posted", room=tea.pk)
        assert MOVED in left["html"]
        assert "Green tea" not in left["html"] + quoting["html"]
        assert (left["created"], left["version"], arrived["version"]) == (1, 3, 1)
        assert "Green tea" in arrived["html"]
        moved = await bob.hears("room.moved", room=tea.pk)
        assert moved["posted"] == 1
        assert await act(drawn)(cast.bob, cast.supper, 2) == [
            (1, left["message"], left["html"]),
            (2, quoting["message"], quoting["html"]),
        ]
        assert await act(drawn)(cast.lena, tea, 0) == [(1, said.pk, arrived["html"])]

        await act(takes_back)(cast)
        gone = await lena.hears("message.changed", room=tea.pk)
        back, quoting = [await bob.hears("message.changed", room=cast.supper.pk) for _ in range(2)]
        assert (gone["created"], gone["html"]) == (1, "")
        assert (back["created"], back["message"], "Green tea" in quoting["html"]) == (1, said.pk, True)
        assert await act(drawn)(cast.lena, tea, 0) == [(1, gone["message"], "")]
        assert await act(drawn)(cast.bob, cast.supper, 2) == [
            (1, said.pk, back["html"]),
            (2, quoting["message"], quoting["html"]),
        ]
