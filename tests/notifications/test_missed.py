"""Mail of what was missed: when it comes, what it tells and what never. Sent through a real mail server and read there."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone

from members.mail import ANSWER_ABOVE
from members.models import Block, Member, Mute
from notifications.digests.sending import greet_newcomers
from notifications.missed.sending import LOOK_AGAIN, send_missed
from notifications.models import MissedLetter, Notice, Preference, RoomLevel, StoppedAddress
from notifications.preferences import choose
from notifications.replies.taking import take_letter
from rooms.actions.direct import open_direct
from rooms.actions.groups import leave_group
from rooms.actions.reading import read_room
from rooms.actions.rooms import open_room
from rooms.commands import ReadRoom
from rooms.mail_address import reply_address
from rooms.models import Message, Room, WorkingGroup
from tests.cast import Cast
from tests.letters import MailServer, words_of
from tests.notifications.conftest import Clock
from tests.speaking import edits, posts, removes

pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture(autouse=True)
def nobody_has_quiet_hours_now(clock: Clock) -> None:
    clock.is_at_noon_of_a(0)


def says(author: Member, room: Room, text: str, **fields: Any) -> Message:
    """The author posts by the clock of the test; what the database fills in by itself goes by the true one."""
    message = posts(author, room, text, **fields)
    now = timezone.now()
    Message.objects.filter(pk=message.pk).update(posted_at=now)
    Notice.objects.filter(message=message).update(created_at=now)
    return message


def reads(member: Member, room: Room) -> None:
    version = Room.objects.get(pk=room.pk).version
    read_room(Member.objects.get(pk=member.pk), ReadRoom(room.pk, version))


def to(mail: MailServer, member: Member) -> list[EmailMessage]:
    return [letter for letter in mail.letters if letter["to"] == member.email]


def whole(letter: EmailMessage) -> str:
    """Both forms of the letter."""
    body = letter.get_body(("html",))
    assert body
    return words_of(letter) + str(body.get_content())


def states() -> list[str]:
    return list(MissedLetter.objects.order_by("pk").values_list("state", flat=True))


# When it comes ----------------------------------------------------------------------------------------------------


def test_a_mention_that_stays_unread_is_mailed_after_the_delay(cast: Cast, mail: MailServer, clock: Clock) -> None:
    says(cast.alice, cast.supper, "Soup for @bob **tonight**")
    clock.moves(minutes=9)
    assert send_missed() == 0
    clock.moves(minutes=2)
    assert send_missed() == 1
    [letter] = mail.letters
    assert (letter["to"], letter["subject"]) == ("bob@example.org", "[Workshop] Supper")
    for said in (
        "Alice",
        "mentions you",
        "Diabetes specialist midwife · St Example's",
        "Soup for",
        "tonight",
        "/messages/",
    ):
        assert said.replace("'", "&#x27;") in whole(letter) or said in whole(letter), said
    assert "**" not in whole(letter)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "missed." in letter["List-Id"]
    assert Notice.objects.get(member=cast.bob).mailed_at, "the digest does not repeat it"
    clock.moves(days=2)
    assert send_missed() == 0


def test_a_reply_and_a_direct_message_are_mailed_too(cast: Cast, mail: MailServer, clock: Clock) -> None:
    soup = says(cast.bob, cast.supper, "Soup?")
    says(cast.alice, cast.supper, "Yes", reply_to=soup.pk)
    direct = open_direct(cast.lena, [cast.bob.pk])
    says(cast.lena, direct, "Between us")
    says(cast.lena, direct, "And this")
    clock.moves(minutes=11)
    assert send_missed() == 2
    by_subject = {letter["subject"]: whole(letter) for letter in to(mail, cast.bob)}
    assert "replies to you" in by_subject["[Workshop] Supper"]
    assert "Between us" in by_subject["[Direct] Lena"]
    assert "And this" in by_subject["[Direct] Lena"]


def test_read_before_the_delay_there_is_no_mail(cast: Cast, mail: MailServer, clock: Clock) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    reads(cast.bob, cast.supper)
    clock.moves(minutes=11)
    assert send_missed() == 0


def test_read_while_the_letter_waits_there_is_no_mail_but_what_comes_later_is_mailed(
    cast: Cast, mail: MailServer, clock: Clock
) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(minutes=11)
    mail.goes_away()
    send_missed()
    reads(cast.bob, cast.supper)
    clock.moves(minutes=30)
    says(cast.alice, cast.supper, "Bread, @bob")
    mail.comes_back()
    assert send_missed() == 0, "the bread has not been there for ten minutes"
    assert states() == ["withdrawn"]
    clock.moves(minutes=11)
    assert send_missed() == 1
    [letter] = mail.letters
    assert "Bread" in whole(letter)
    assert "Soup" not in whole(letter)


def test_everybody_waits_as_long_as_they_chose(cast: Cast, mail: MailServer, clock: Clock) -> None:
    greet_newcomers(timezone.now())
    choose(cast.bob, missed_after=60)
    choose(cast.lena, missed_after=None)
    says(cast.alice, cast.supper, "Soup, @bob, @lena, @mo")
    clock.moves(minutes=11)
    send_missed()
    assert [letter["to"] for letter in mail.letters] == [cast.mo.email]
    clock.moves(minutes=50)
    send_missed()
    assert [letter["to"] for letter in mail.letters] == [cast.mo.email, cast.bob.email]


def test_one_letter_a_room_and_a_day_until_they_come_back(cast: Cast, mail: MailServer, clock: Clock) -> None:
    for words in ("Soup, @bob", "Bread, @bob"):
        says(cast.alice, cast.supper, words)
    clock.moves(minutes=11)
    assert send_missed() == 1
    assert all(word in whole(mail.letters[0]) for word in ("Soup", "Bread"))

    says(cast.alice, cast.supper, "Butter, @bob")
    clock.moves(hours=23)
    assert send_missed() == 0
    tea = open_room(cast.lena, cast.workshop.pk, name="Tea")
    says(cast.lena, tea, "Green, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 1, "another room has its own"
    clock.moves(hours=1)
    assert send_missed() == 1
    assert "Butter" in whole(mail.letters[-1])
    assert "Soup" not in whole(mail.letters[-1])

    reads(cast.bob, cast.supper)
    says(cast.alice, cast.supper, "Salt, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 1, "who came back hears again at once"
    assert "Salt" in whole(mail.letters[-1])


def test_letters_about_one_room_make_a_thread(cast: Cast, mail: MailServer, clock: Clock) -> None:
    for words in ("Soup, @bob", "Bread, @bob", "Butter, @bob"):
        says(cast.alice, cast.supper, words)
        clock.moves(days=1, minutes=11)
        assert send_missed() == 1
    first, second, third = mail.letters
    ids = [letter["Message-ID"] for letter in mail.letters]
    assert ids == list(MissedLetter.objects.order_by("pk").values_list("message_id", flat=True))
    assert len(set(ids)) == 3
    assert (first["In-Reply-To"], second["In-Reply-To"], third["In-Reply-To"]) == (None, ids[0], ids[1])
    assert third["References"].split() == ids[:2]
    assert len({letter["subject"] for letter in mail.letters}) == 1


def test_who_wishes_to_hear_every_message_of_a_room_misses_any(cast: Cast, mail: MailServer, clock: Clock) -> None:
    RoomLevel.objects.create(member=cast.bob, room=cast.supper, level=RoomLevel.Level.ALL)
    says(cast.bob, cast.supper, "Mine")
    says(cast.alice, cast.supper, "Soup")
    clock.moves(minutes=9)
    says(cast.lena, cast.supper, "Bread")
    assert send_missed() == 0
    clock.moves(minutes=2)
    assert send_missed() == 1
    [letter] = mail.letters
    assert [word in whole(letter) for word in ("Soup", "Bread", "Mine")] == [True, True, False]
    clock.moves(days=1, minutes=1)
    assert (send_missed(), states()) == (0, ["sent"])
    says(cast.lena, cast.supper, "Salt")
    reads(cast.bob, cast.supper)
    clock.moves(minutes=11)
    assert (send_missed(), states()) == (0, ["sent"])
    says(cast.lena, cast.supper, "Butter")
    clock.moves(minutes=11)
    assert send_missed() == 1


@pytest.mark.parametrize("level", [RoomLevel.Level.DIGEST, RoomLevel.Level.NOTHING])
def test_rooms_that_are_to_be_quiet_are(cast: Cast, mail: MailServer, clock: Clock, level: str) -> None:
    RoomLevel.objects.create(member=cast.bob, room=cast.supper, level=level)
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(minutes=11)
    assert (send_missed(), states()) == (0, [])


def test_what_is_days_old_is_left_to_the_digest(cast: Cast, mail: MailServer, clock: Clock) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(days=3, minutes=1)
    assert (send_missed(), states()) == (0, [])


def test_during_a_pause_it_waits(cast: Cast, mail: MailServer, clock: Clock) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    choose(cast.bob, paused_until=tomorrow)
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 0
    assert states() == ["waiting"]
    choose(cast.bob, paused_until=None)
    clock.moves(seconds=LOOK_AGAIN.total_seconds() + 1)
    assert send_missed() == 1
    assert MissedLetter.objects.get().tries == 1


# What it tells ----------------------------------------------------------------------------------------------------


def test_it_tells_the_words_as_they_stand_and_nothing_that_was_removed(
    cast: Cast, mail: MailServer, clock: Clock
) -> None:
    soup = says(cast.alice, cast.supper, "Soup, @bob")
    bread = says(cast.alice, cast.supper, "Bread, @bob")
    clock.moves(minutes=11)
    edits(cast.alice, soup, "Stew, @bob")
    removes(cast.alice, bread)
    assert send_missed() == 1
    [letter] = mail.letters
    assert [word in whole(letter) for word in ("Stew", "Soup", "Bread")] == [True, False, False]


def test_of_what_was_removed_or_hidden_there_is_no_mail(cast: Cast, mail: MailServer, clock: Clock) -> None:
    removes(cast.alice, says(cast.alice, cast.supper, "Soup, @bob"))
    hidden = says(cast.alice, cast.supper, "Bread, @bob")
    Message.objects.filter(pk=hidden.pk).update(hidden_at=timezone.now())
    clock.moves(minutes=11)
    assert send_missed() == 0


def test_of_a_room_that_keeps_its_words_it_tells_none(cast: Cast, mail: MailServer, clock: Clock) -> None:
    Room.objects.filter(pk=cast.supper.pk).update(is_sensitive=True)
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 1
    said = whole(mail.letters[0])
    assert "Somebody" in said
    assert not any(word in said for word in ("Soup", "Alice", "midwife"))


def test_a_content_note_stands_for_the_words(cast: Cast, mail: MailServer, clock: Clock) -> None:
    says(cast.alice, cast.supper, "Content note: loss\n\nSoup, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 1
    assert ("Content note: loss" in whole(mail.letters[0]), "Soup" in whole(mail.letters[0])) == (True, False)


def test_hostile_names_and_words_stay_words(cast: Cast, mail: MailServer, clock: Clock) -> None:
    Room.objects.filter(pk=cast.supper.pk).update(name="Soup\r\nBcc: charlie@example.org <b>x</b>")
    WorkingGroup.objects.filter(pk=cast.workshop.pk).update(name="Work\nshop")
    Member.objects.filter(pk=cast.alice.pk).update(display_name="<img src=x onerror=alert(1)>")
    says(cast.alice, cast.supper, "<script>alert(1)</script> @bob [x](javascript:alert(1))")
    clock.moves(minutes=11)
    assert send_missed() == 1
    [letter] = mail.letters
    body = letter.get_body(("html",))
    assert body
    html = str(body.get_content())
    assert letter["Bcc"] is None
    assert letter["subject"] == "[Work shop] Soup Bcc: charlie@example.org <b>x</b>"
    assert not any(bad in html for bad in ("<script", "<img", "<b>x</b>", 'href="javascript'))


def test_of_many_the_first_are_quoted_and_the_rest_counted(cast: Cast, mail: MailServer, clock: Clock) -> None:
    for number in range(12):
        says(cast.alice, cast.supper, f"Soup {number}, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 1
    assert "And 2 more messages" in whole(mail.letters[0])
    assert not Notice.objects.filter(member=cast.bob, mailed_at=None).exists()


# To whom it does not go -------------------------------------------------------------------------------------------


def left_the_group(cast: Cast) -> None:
    leave_group(cast.bob, cast.workshop.pk)


def is_suspended(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(suspended_until=timezone.now() + timedelta(days=9))


def left_the_community(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(is_active=False)


def restricted_their_data(cast: Cast) -> None:
    Member.objects.filter(pk=cast.bob.pk).update(restricted_at=timezone.now())


def muted_the_author(cast: Cast) -> None:
    Mute.objects.create(member=cast.bob, other=cast.alice)


def blocked_the_author(cast: Cast) -> None:
    Block.objects.create(member=cast.bob, other=cast.alice)


def has_an_address_that_bounces(cast: Cast) -> None:
    StoppedAddress.objects.create(address=cast.bob.email, why="bounced")


def wants_none(cast: Cast) -> None:
    Preference.objects.update_or_create(member=cast.bob, defaults={"missed_after": None})


def quietened_the_room(cast: Cast) -> None:
    RoomLevel.objects.create(member=cast.bob, room=cast.supper, level=RoomLevel.Level.NOTHING)


@pytest.mark.parametrize(
    "meanwhile",
    [
        left_the_group,
        is_suspended,
        left_the_community,
        restricted_their_data,
        muted_the_author,
        blocked_the_author,
        has_an_address_that_bounces,
        wants_none,
        quietened_the_room,
    ],
)
@pytest.mark.parametrize("is_begun", [False, True])
def test_whoever_may_not_or_does_not_wish_to_read_it_any_more_gets_none(
    cast: Cast, mail: MailServer, clock: Clock, meanwhile: Any, *, is_begun: bool
) -> None:
    says(cast.alice, cast.supper, "Soup, @bob")
    says(cast.alice, cast.supper, "Soup, @lena")
    clock.moves(minutes=11)
    if is_begun:
        mail.goes_away()
        send_missed()
        assert MissedLetter.objects.filter(member=cast.bob, state="waiting").exists()
        mail.comes_back()
    meanwhile(cast)
    clock.moves(hours=1)
    assert (send_missed(), [letter["to"] for letter in mail.letters]) == (1, [cast.lena.email])
    rows = MissedLetter.objects.count()
    clock.moves(hours=1)
    assert send_missed() == 0
    assert MissedLetter.objects.count() == rows, "and nothing is begun again with every turn"


def test_in_quiet_hours_it_waits_until_they_are_over_and_is_not_sent_if_read_meanwhile(
    cast: Cast, mail: MailServer, clock: Clock
) -> None:
    clock.moves(hours=8)  # Eight in the evening.
    says(cast.alice, cast.supper, "Soup, @bob @lena")
    clock.moves(minutes=11)
    assert send_missed() == 0
    reads(cast.lena, cast.supper)
    clock.moves(hours=12)
    assert send_missed() == 1
    assert "Soup" in words_of(mail.letter_to(cast.bob.email))
    assert not mail.letters


def test_who_wants_no_quiet_hours_hears_at_night(cast: Cast, mail: MailServer, clock: Clock) -> None:
    choose(cast.bob, quiet="never")
    clock.moves(hours=14)
    says(cast.alice, cast.supper, "Soup, @bob")
    clock.moves(minutes=11)
    assert send_missed() == 1


def test_where_mail_to_us_is_taken_the_letter_can_be_answered(
    cast: Cast, mail: MailServer, clock: Clock, settings: Any
) -> None:
    settings.MAIL_IN_DOMAIN = "in.example.org"
    soup = says(cast.alice, cast.supper, "Soup, @bob?")
    clock.moves(minutes=11)
    send_missed()
    letter = mail.letter_to(cast.bob.email)
    assert letter["reply-to"] == reply_address(cast.bob.pk, cast.supper.pk, soup.pk)
    assert words_of(letter).startswith(ANSWER_ABOVE)
    answer = f"With bread\n\nOn Mon, 23 Nov 2026 at 12:11, Roundtable <us@example.org> wrote:\n> {ANSWER_ABOVE}\n> Soup, @bob?\n"
    raw = f"From: {cast.bob.email}\nTo: {letter['reply-to']}\nMessage-ID: <x@example.org>\nSubject: Re\n\n{answer}"
    take_letter(raw.encode(), str(letter["reply-to"]), envelope_from=cast.bob.email)
    assert list(Message.objects.filter(reply_to=soup).values_list("author__handle", "text")) == [("bob", "With bread")]
