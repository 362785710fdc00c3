"""The digest: what it tells, to whom, and what it never tells. Sent through a real mail server and read there."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.community.proposals import propose_rules
from members.complaints.actions import complain
from members.limits import Allowance, Limits
from members.models import Member, Mute
from moderation import screens
from notifications.digests import gathering, sending
from notifications.digests.gathering import gather
from notifications.digests.sending import send_digests
from notifications.models import Digest, Notice, Preference, RoomLevel, StoppedAddress
from notifications.preferences import choose, preference_of_reader
from rooms.actions.direct import open_direct
from rooms.actions.groups import begin_membership, close_group, leave_group
from rooms.actions.memberships import ask_to_join
from rooms.actions.reading import read_room
from rooms.actions.rooms import open_room
from rooms.commands import ReadRoom
from rooms.mail_address import reply_address
from rooms.models import Membership, Message, Room, WorkingGroup
from tests.cast import Cast, person
from tests.letters import MailServer, words_of
from tests.notifications.conftest import Clock
from tests.speaking import brings, edits, posts, removes


@pytest.fixture(autouse=True)
def due(clock: Clock, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's digest is due with the next turn of the clock, and nobody writes too fast."""
    monkeypatch.setattr(screens, "posting", Limits(Allowance(10_000, 60)))
    make_due()


def make_due() -> None:
    sending.greet_newcomers(timezone.now())
    Preference.objects.update(next_digest_at=timezone.now() - timedelta(minutes=1))


def html_of(letter: EmailMessage) -> str:
    body = letter.get_body(("html",))
    assert body
    return str(body.get_content())


def digest_to(mail: MailServer, member: Member) -> str:
    """Both forms of the digest that the member has got."""
    letter = mail.letter_to(member.email, about="Your digest")
    return words_of(letter) + html_of(letter)


def addresses(mail: MailServer) -> set[str]:
    return {str(letter["to"]) for letter in mail.letters}


def states(member: Member) -> list[str]:
    return list(Digest.objects.filter(member=member).order_by("day").values_list("state", flat=True))


def test_it_tells_first_what_needs_the_member_and_then_rooms_with_the_most_voices_first(
    cast: Cast, mail: MailServer
) -> None:
    tea = open_room(cast.lena, cast.workshop.pk, name="Tea")
    for words in ("Green", "Black", "White"):
        posts(cast.lena, tea, words)
    posts(cast.alice, cast.supper, "Soup is ready. Bring a spoon!")
    posts(cast.lena, cast.supper, "What about **bread**?")
    posts(cast.lena, tea, "Milk, @bob?")

    assert send_digests() > 0

    letter = mail.letter_to(cast.bob.email)
    assert letter["subject"] == "Your digest: 1 for you, 5 new messages in 2 rooms"
    for said in (words_of(letter), html_of(letter)):
        in_order = [
            "Milk, @bob?",
            "Supper",
            "Soup is ready. Bring a spoon!",
            "What about bread?",
            "from one person",
            "Green",
        ]
        places = [said.index(words) for words in in_order]
        assert places == sorted(places), said
        assert "Diabetes specialist midwife · St Example's" in unescape(said)
        assert "2 new messages from 2 people" in said
        assert f"/messages/{Message.objects.get(text__startswith='Soup').pk}/" in said
        assert "every day at 07:00 (Europe/London)" in said
        assert "Black" not in said  # Each voice is heard once.


def test_what_a_member_wrote_or_has_read_is_no_news_to_them(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Soup")
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    posts(cast.bob, cast.supper, "Bread")

    send_digests()

    assert addresses(mail) == {cast.alice.email, cast.lena.email, cast.mo.email}
    assert "Soup" not in digest_to(mail, cast.alice)
    assert states(cast.bob) == ["empty"]


def test_nothing_happened_so_nothing_is_sent(cast: Cast, mail: MailServer) -> None:
    begin_membership(cast.charlie, cast.workshop)
    open_room(cast.lena, cast.workshop.pk, name="Tea")
    assert send_digests() == 0
    assert not mail.letters


def test_one_a_day_and_nothing_twice(cast: Cast, mail: MailServer, clock: Clock) -> None:
    posts(cast.alice, cast.supper, "Soup")
    send_digests()
    digest_to(mail, cast.bob)
    posts(cast.alice, cast.supper, "Bread")
    make_due()
    assert send_digests() == 0

    clock.moves(days=1)
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Bread" in said
    assert "Soup" not in said
    assert states(cast.bob) == ["sent", "sent"]


def test_what_was_told_once_and_stays_unread_is_not_told_again_after_other_rooms_moved(
    cast: Cast, mail: MailServer, clock: Clock
) -> None:
    tea = open_room(cast.lena, cast.workshop.pk, name="Tea")
    posts(cast.alice, cast.supper, "Soup")
    send_digests()
    for words in ("Green", "Black"):
        clock.moves(days=1)
        posts(cast.lena, tea, words)
        send_digests()
    clock.moves(days=20)
    posts(cast.lena, tea, "White")
    send_digests()
    [*_, newest] = [letter for letter in mail.letters if letter["to"] == cast.bob.email]
    assert "White" in words_of(newest)
    assert "Green" not in words_of(newest)
    assert "Soup" not in words_of(newest)


def test_a_mention_that_a_letter_told_of_already_is_not_repeated(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Soup, @bob")
    Notice.objects.update(mailed_at=timezone.now())
    send_digests()
    assert states(cast.bob) == ["empty"]
    assert cast.bob.email not in addresses(mail)


def test_what_was_removed_or_changed_before_the_hour_is_told_so(cast: Cast, mail: MailServer) -> None:
    removes(cast.alice, posts(cast.alice, cast.supper, "Secret, @bob"))
    edits(cast.alice, posts(cast.alice, cast.supper, "Soop, @bob"), "Soup, @bob")
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Secret" not in said
    assert "Soop" not in said
    assert "Soup" in said


@pytest.mark.parametrize("happens", ["leaves", "removed", "suspended", "stops", "pauses"])
def test_it_asks_once_more_just_before_it_is_sent(
    cast: Cast, mail: MailServer, monkeypatch: pytest.MonkeyPatch, happens: str
) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    gathered: Callable[..., Any] = vars(sending)["quoted_in"]
    deeds: dict[str, Callable[[], Any]] = {
        "leaves": lambda: leave_group(cast.bob, cast.workshop.pk),
        "removed": lambda: removes(cast.alice, soup),
        "suspended": lambda: Member.objects.filter(pk=cast.bob.pk).update(
            suspended_until=timezone.now() + timedelta(days=1)
        ),
        "stops": lambda: choose(cast.bob, digest_days=""),
        "pauses": lambda: choose(cast.bob, paused_until=timezone.localdate() + timedelta(days=2)),
    }

    def meanwhile(letters: Any) -> Any:
        quoted = gathered(letters)
        monkeypatch.setattr(sending, "quoted_in", gathered)
        deeds[happens]()
        return quoted

    monkeypatch.setattr(sending, "quoted_in", meanwhile)
    send_digests()
    assert cast.bob.email not in addresses(mail)
    assert states(cast.bob) in (["empty"], ["withdrawn"])


def test_words_that_change_before_it_is_sent_are_told_as_they_are_then(
    cast: Cast, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch is gathered some time before its last letter leaves; what an author took back meanwhile is in none of them."""
    soup = posts(cast.alice, cast.supper, "Soup for Bob's mother")
    gathered: Callable[..., Any] = vars(sending)["quoted_in"]

    def meanwhile(letters: Any) -> Any:
        quoted = gathered(letters)
        monkeypatch.setattr(sending, "quoted_in", gathered)
        edits(cast.alice, soup, "Soup for four")
        return quoted

    monkeypatch.setattr(sending, "quoted_in", meanwhile)
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Soup for four" in said
    assert "mother" not in said


def test_who_may_not_read_is_not_told(cast: Cast, mail: MailServer) -> None:
    begin_membership(cast.charlie, cast.workshop)
    posts(cast.alice, cast.supper, "Soup, @charlie @bob")
    leave_group(cast.charlie, cast.workshop.pk)
    Member.objects.filter(pk=cast.mo.pk).update(restricted_at=timezone.now())
    send_digests()
    assert addresses(mail) == {cast.bob.email, cast.lena.email}


def test_a_newcomer_to_a_closed_history_hears_of_it_from_joining_on(cast: Cast, mail: MailServer) -> None:
    WorkingGroup.objects.update(history=WorkingGroup.History.FROM_JOINING)
    posts(cast.alice, cast.supper, "Before")
    begin_membership(cast.charlie, cast.workshop)
    posts(cast.alice, cast.supper, "After")
    send_digests()
    said = digest_to(mail, cast.charlie)
    assert "After" in said
    assert "Before" not in said


def test_a_room_that_keeps_its_words_sends_none(cast: Cast, mail: MailServer) -> None:
    quiet = open_room(cast.lena, cast.workshop.pk, name="Quiet", is_sensitive=True)
    posts(cast.alice, quiet, "Something hard, @bob")
    posts(cast.lena, quiet, "Something harder")
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "hard" not in said
    assert "Alice" not in said
    assert "Somebody mentions you in" in said
    assert "1 new message from one person" in said
    assert "keeps its words out of mail" in said


def test_a_content_note_stands_for_what_it_warns_of(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Content note: baby loss\n\nIt was in March.")
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Content note: baby loss" in said
    assert "March" not in said


def test_whom_and_which_rooms_a_member_does_not_wish_to_hear_are_left_out(cast: Cast, mail: MailServer) -> None:
    tea = open_room(cast.lena, cast.workshop.pk, name="Tea")
    posts(cast.lena, tea, "Green, @bob")
    posts(cast.lena, tea, "Black")
    posts(cast.alice, cast.supper, "Soup, @bob")
    posts(cast.alice, cast.supper, "More soup")
    posts(cast.lena, cast.supper, "Bread")
    RoomLevel.objects.create(member=cast.bob, room=tea, level=RoomLevel.Level.NOTHING)
    Mute.objects.create(member=cast.bob, other=cast.alice)
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Bread" in said
    assert "Green" not in said
    assert "Black" not in said
    assert "oup" not in said.replace("Workshop", "").replace("groups", "")


def test_a_notice_from_before_one_left_and_came_back_to_a_closed_history_is_gone(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Before, @bob")
    leave_group(cast.bob, cast.workshop.pk)
    WorkingGroup.objects.update(history=WorkingGroup.History.FROM_JOINING)
    begin_membership(cast.bob, cast.workshop)
    posts(cast.alice, cast.supper, "After")
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "After" in said
    assert "Before" not in said


def test_a_direct_conversation_of_which_a_letter_told_is_told_again_only_when_more_was_written(
    cast: Cast, mail: MailServer, clock: Clock
) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    posts(cast.alice, room, "Are you there?")
    clock.moves(minutes=1)
    Notice.objects.update(mailed_at=timezone.now())
    send_digests()
    assert states(cast.bob) == ["empty"]
    clock.moves(days=1)
    posts(cast.alice, room, "It is about Monday.")
    send_digests()
    assert "Monday." in digest_to(mail, cast.bob)


def test_what_is_posted_while_rooms_are_read_waits_for_the_next(
    cast: Cast, mail: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(cast.alice, cast.supper, "Soup")
    heads_above = gathering.heads_above

    def meanwhile(lowest: Any) -> Any:
        monkeypatch.setattr(gathering, "heads_above", heads_above)
        posts(cast.alice, cast.supper, "Bread")
        return heads_above(lowest)

    monkeypatch.setattr(gathering, "heads_above", meanwhile)
    send_digests()
    assert "Bread" not in digest_to(mail, cast.bob)
    clock.moves(days=1)
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "1 new message" in said
    assert "Bread" in said


def test_a_direct_conversation_is_told_as_a_whole(cast: Cast, mail: MailServer) -> None:
    room = open_direct(cast.alice, [cast.bob.pk])
    posts(cast.alice, room, "Are you there?")
    posts(cast.alice, room, "It is about Monday.")
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "2 new messages" in said
    assert "Are you there?" in said
    assert addresses(mail) == set()
    assert Notice.objects.get(member=cast.bob).mailed_at


def test_new_rooms_and_members_are_told_along(cast: Cast, mail: MailServer, clock: Clock) -> None:
    Preference.objects.update(told_at=timezone.now())
    Room.objects.update(opened_at=timezone.now() - timedelta(days=9))
    posts(cast.alice, cast.supper, "Soup")
    clock.moves(minutes=1)
    tea = open_room(cast.lena, cast.workshop.pk, name="Tea")
    begin_membership(person("nina", display_name="Nina"), cast.workshop)
    Room.objects.filter(pk=tea.pk).update(opened_at=timezone.now())
    Membership.objects.filter(member__handle="nina").update(joined_at=timezone.now())
    clock.moves(minutes=1)
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Tea" in said
    assert "Nina" in said
    assert "Supper" in said


def test_nobody_is_news_to_themselves(cast: Cast, mail: MailServer, clock: Clock) -> None:
    clock.moves(minutes=1)
    nina, nora = (person(name.lower(), display_name=name) for name in ("Nina", "Nora"))
    for newcomer in (nina, nora):
        begin_membership(newcomer, cast.workshop)
    Membership.objects.filter(member__in=[nina, nora]).update(joined_at=timezone.now())
    Membership.objects.filter(member=nora).update(joined_at=timezone.now() + timedelta(seconds=1))
    clock.moves(minutes=1)
    posts(cast.alice, cast.supper, "Soup")
    sending.greet_newcomers(timezone.now())
    Preference.objects.update(next_digest_at=timezone.now())
    send_digests()
    told = {member: words_of(mail.letter_to(member.email)) for member in (cast.bob, nina, nora)}
    assert "Nina, Nora" in told[cast.bob]
    assert "Nora" in told[nina]
    assert "Nina" not in told[nina]
    assert "Nora" not in told[nora]


def test_who_restricted_the_use_of_their_data_is_no_news(cast: Cast, mail: MailServer, clock: Clock) -> None:
    clock.moves(minutes=1)
    for name in ("Nina", "Nora"):
        begin_membership(person(name.lower(), display_name=name), cast.workshop)
    Member.objects.filter(handle="nora").update(restricted_at=timezone.now())
    posts(cast.alice, cast.supper, "Soup")
    send_digests()
    said = digest_to(mail, cast.bob)
    assert "Nina" in said
    assert "Nora" not in said


def test_who_asks_to_join_concerns_only_who_leads(cast: Cast, mail: MailServer) -> None:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.BY_REQUEST)
    ask_to_join(cast.charlie, cast.workshop.pk, words="May I?")
    posts(cast.alice, cast.supper, "Soup")
    Membership.objects.filter(member=cast.lena).update(role=Membership.Role.MEMBER)
    Membership.objects.filter(member=cast.mo).update(role=Membership.Role.LEADER)
    Notice.objects.create(member=cast.mo, kind=Notice.Kind.ASKS, group=cast.workshop, by=cast.charlie)
    send_digests()
    assert "Charlie asks to join Workshop" in words_of(mail.letter_to(cast.mo.email))
    assert "Charlie" not in digest_to(mail, cast.lena)


def test_a_busy_day_stays_a_short_letter(cast: Cast, mail: MailServer) -> None:
    for number in range(30):
        room = open_room(cast.lena, cast.workshop.pk, name=f"Room {number}")
        for author in (cast.alice, cast.lena, cast.mo):
            posts(author, room, f"Words of {author.display_name} in {number}. " + "And so on and on. " * 200)
    for number in range(20):
        posts(cast.alice, cast.supper, f"Call {number}, @bob")
    send_digests()
    letter = mail.letter_to(cast.bob.email)
    assert Digest.objects.get(member=cast.bob).items == 12
    assert "And 12 more in your notices" in words_of(letter)
    assert "And 26 more rooms" in words_of(letter)
    assert len(letter.as_bytes()) < 100_000


def test_a_room_far_ahead_is_counted_as_more_than(cast: Cast, mail: MailServer) -> None:
    Message.objects.bulk_create(
        Message(
            room=cast.supper, version=number, created_version=number, author=cast.alice, text="Soup", client_id=uuid4()
        )
        for number in range(1, 701)
    )
    Room.objects.filter(pk=cast.supper.pk).update(version=700)
    send_digests()
    assert "more than 500 new messages from one person" in digest_to(mail, cast.bob)


def test_a_shared_file_without_words_is_told_as_such(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "", files=[brings(cast.alice, cast.supper)])
    send_digests()
    assert "A shared file" in digest_to(mail, cast.bob)


def test_markup_in_every_field_stays_words(cast: Cast, mail: MailServer) -> None:
    hostile = "<script>alert(1)</script>"
    Member.objects.filter(pk=cast.alice.pk).update(display_name=hostile)
    WorkingGroup.objects.filter(pk=cast.workshop.pk).update(name=f"{hostile}\r\nBcc: all@example.org")
    room = open_room(cast.alice, cast.workshop.pk, name="<img src=x onerror=alert(1)>")
    posts(cast.alice, room, f"{hostile} <b>bold</b> [link](javascript:alert(1)) @bob")
    posts(cast.alice, room, hostile)
    send_digests()
    letter = mail.letter_to(cast.bob.email)
    assert "<script" not in html_of(letter)
    assert "<img" not in html_of(letter)
    assert '"javascript:' not in html_of(letter)
    assert hostile in words_of(letter)
    assert letter["bcc"] is None


def test_a_room_drawn_for_one_is_not_told_to_another_to_whom_something_else_is_new(
    cast: Cast, mail: MailServer
) -> None:
    """All of these are written in one batch: Bob has read the first, Lena does not hear Alice, Mo has all before him."""
    begin_membership(cast.mo, cast.workshop)
    Mute.objects.create(member=cast.lena, other=cast.alice)
    posts(cast.alice, cast.supper, "Soup")
    read_room(cast.bob, ReadRoom(cast.supper.pk, 1))
    posts(cast.alice, cast.supper, "Bread")
    posts(cast.bob, cast.supper, "Salt")
    send_digests()
    heard = {who.handle: digest_to(mail, who) for who in (cast.bob, cast.lena, cast.mo)}
    told = {who: {word for word in ("Soup", "Bread", "Salt") if word in said} for who, said in heard.items()}
    assert told == {"bob": {"Bread"}, "lena": {"Salt"}, "mo": {"Soup", "Salt"}}
    counts = {who: said.count("1 new message from one person") for who, said in heard.items()}
    assert counts == {"bob": 2, "lena": 2, "mo": 0}


def test_html_travels_as_it_is_whatever_letters_people_write(cast: Cast, mail: MailServer) -> None:
    """In ASCII and in lines that every mail system takes, so nothing on the way has to encode it anew."""
    posts(cast.alice, cast.supper, "Ein Löffel für Zoë 🥄")
    send_digests()
    body = mail.letter_to(cast.bob.email).get_body(("html",))
    assert body
    assert body["content-transfer-encoding"] == "7bit"
    assert "Ein Löffel für Zoë 🥄" in unescape(str(body.get_content()))


def test_a_letter_says_what_list_it_is_of_and_how_one_leaves_it(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Soup")
    send_digests()
    letter = mail.letter_to(cast.bob.email)
    assert letter["list-id"] == '"Roundtable Digest" <digest.127.0.0.1>'
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert str(letter["list-unsubscribe"]).startswith("<http://127.0.0.1:8000/stop/")
    assert letter["auto-submitted"] == "auto-generated"
    assert letter["message-id"] == Digest.objects.get(member=cast.bob).message_id


def test_nothing_goes_to_an_address_at_which_mail_was_stopped(cast: Cast, mail: MailServer) -> None:
    StoppedAddress.objects.create(address=cast.bob.email, why=StoppedAddress.Why.BOUNCED)
    posts(cast.alice, cast.supper, "Soup, @bob")
    send_digests()
    assert cast.bob.email not in addresses(mail)
    assert states(cast.bob) == ["withdrawn"]


def test_a_closed_group_is_told_of_no_more(cast: Cast, mail: MailServer) -> None:
    posts(cast.alice, cast.supper, "Soup")
    close_group(cast.lena, cast.workshop.pk, on=True)
    assert send_digests() == 0


def test_a_hundred_members_cost_as_many_queries_as_three(cast: Cast) -> None:
    posts(cast.alice, cast.supper, "Soup, @bob")

    def queries() -> int:
        preferences = list(Preference.objects.select_related("member"))
        with CaptureQueriesContext(connection) as asked:
            gather(preferences, timezone.now())
        return len(asked)

    few = queries()
    for number in range(50):
        begin_membership(person(f"member{number}"), cast.workshop)
        posts(cast.lena, open_room(cast.lena, cast.workshop.pk, name=f"Room {number}"), "Words")
    make_due()
    assert queries() == few


def test_who_pauses_gets_the_next_after_the_pause(cast: Cast, mail: MailServer, clock: Clock) -> None:
    posts(cast.alice, cast.supper, "Soup")
    today = timezone.localdate()
    choose(cast.bob, paused_until=today + timedelta(days=3))
    for _ in range(3):
        send_digests()
        clock.moves(days=1)
    assert cast.bob.email not in addresses(mail)
    assert preference_of_reader(cast.bob).next_digest_at is not None
    clock.moves(days=1)
    send_digests()
    assert "Soup" in digest_to(mail, cast.bob)


def test_a_proposal_of_other_house_rules_is_told_and_a_complaint_to_administrators_alone(
    cast: Cast, mail: MailServer
) -> None:
    proposal = propose_rules(cast.bob, "Be kind.", "We are not.", after=0)
    complaint = complain("Why me?", "", from_where="here")
    Notice.objects.create(member=cast.mo, kind=Notice.Kind.COMPLAIN, complaint=complaint)
    assert send_digests() > 0
    for member in (cast.charlie, cast.mo):
        told = digest_to(mail, member)
        assert "Bob proposes to change the house rules" in told
        assert f"/rules/proposals/{proposal.pk}/" in told
        assert "/complaints/" not in told


def test_twice_a_year_it_asks_whether_one_is_still_there(cast: Cast, mail: MailServer) -> None:
    Member.objects.filter(pk=cast.alice.pk).update(affiliation_confirmed_at=timezone.now() - timedelta(days=200))
    posts(cast.lena, cast.supper, "Soup")
    send_digests()
    assert "still at St Example" in digest_to(mail, cast.alice)
    assert "still at" not in digest_to(mail, cast.bob)


def test_where_mail_to_us_is_taken_each_room_can_be_written_to(cast: Cast, mail: MailServer, settings: Any) -> None:
    settings.MAIL_IN_DOMAIN = "in.example.org"
    soup = posts(cast.alice, cast.supper, "Soup, @bob?")
    posts(cast.alice, cast.supper, "Anybody?")
    send_digests()
    said = digest_to(mail, cast.bob)
    for address in (reply_address(cast.bob.pk, cast.supper.pk, soup.pk), reply_address(cast.bob.pk, cast.supper.pk)):
        assert said.count(f"mailto:{address}?subject=Re%3A%20Supper") == 2  # as text and as HTML
