"""Answering by mail, through the door that a mail server knocks at."""

import logging
import smtplib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from members import screens
from members.actions import leave_community
from members.models import Member
from members.refusals import BadRequest
from notifications.replies import listener as listening
from notifications.replies import taking
from notifications.replies.listener import Listener
from notifications.replies.taking import LARGEST_LETTER, Taken, take_letter
from rooms.actions.groups import leave_group
from rooms.mail_address import HOLDS, MailAddress, NoSuchAddress, read_address, reply_address
from rooms.models import File, HeldPost, Membership, Message, Room, WorkingGroup
from tests import samples
from tests.cast import Cast
from tests.notifications.answers import QUOTED
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = f"Soup, please.\n\nOn Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n{QUOTED}"


@pytest.fixture(autouse=True)
def by_mail(settings: Any) -> None:
    settings.MAIL_IN_DOMAIN = "in.example.org"


@pytest.fixture
def door() -> Iterator[Listener]:
    listener = Listener("smtp", "127.0.0.1", 0)
    listener.start()
    yield listener
    listener.stop()


def letter(to: str, words: str = ANSWER, *, sender: str = "Alice <alice@example.org>", **headers: str) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, to, headers.pop("Subject", "Re: Supper")
    written["Message-ID"] = headers.pop("Message_ID", "<1@phone.example.org>")
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(words)
    return written


def bring(
    door: Listener, written: EmailMessage, *, envelope: str = "alice@example.org", to: str = ""
) -> tuple[int, str]:
    """What the door answers to a mail server that brings this letter."""
    with closing(smtplib.SMTP("127.0.0.1", door.port, timeout=10)) as server:
        server.ehlo()
        try:
            server.sendmail(envelope, [to or str(written["To"])], written.as_bytes(policy=SMTP))
        except smtplib.SMTPRecipientsRefused as refused:
            [(code, words)] = refused.recipients.values()
            return code, words.decode()
        except smtplib.SMTPResponseException as refused:
            return refused.smtp_code, str(refused.smtp_error)
    return 250, ""


def words_of(room: Room) -> list[str]:
    return list(Message.objects.filter(room=room).in_order().values_list("text", flat=True))


def our_letter() -> str:
    [sent] = mail.outbox
    assert sent.to == ["alice@example.org"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
    return str(sent.body)


@pytest.fixture
def question(live_cast: Cast) -> Message:
    """What Bob asks and Alice answers."""
    return posts(live_cast.bob, live_cast.supper, "Soup or salad?")


@pytest.fixture
def to(live_cast: Cast, question: Message) -> str:
    """Where Alice's answer goes."""
    return reply_address(live_cast.alice.pk, live_cast.supper.pk, question.pk)


# What is posted -----------------------------------------------------------------------------------------------------


def test_what_waits_for_a_look_is_said_by_mail(live_cast: Cast, door: Listener, to: str) -> None:
    Room.objects.filter(pk=live_cast.supper.pk).update(held_at=timezone.now())
    assert bring(door, letter(to)) == (250, "")
    held = HeldPost.objects.get(author=live_cast.alice)
    assert (held.text, held.state) == ("Soup, please.", "waiting")
    assert words_of(live_cast.supper) == ["Soup or salad?"]
    told = our_letter()
    for words in ("New messages in this room wait for a moderator's look.", "Soup, please.", "take it back"):
        assert words in told


def test_an_answer_is_posted_in_the_right_room_as_that_member(
    live_cast: Cast, door: Listener, question: Message, to: str
) -> None:
    assert bring(door, letter(to)) == (250, "")
    posted = Message.objects.get(author=live_cast.alice)
    assert (posted.room, posted.text, posted.reply_to) == (live_cast.supper, "Soup, please.", question)
    assert posted.organisation_name == "St Example's"
    assert mail.outbox == []


def test_a_mail_server_may_speak_lmtp_and_write_addresses_large(live_cast: Cast, to: str) -> None:
    listener = Listener("lmtp", "127.0.0.1", 0)
    listener.start()
    with closing(smtplib.LMTP("127.0.0.1", listener.port)) as server:
        assert server.sendmail("alice@example.org", [to.upper()], letter(to).as_bytes()) == {}
    listener.stop()
    assert words_of(live_cast.supper)[1:] == ["Soup, please."]


def test_a_new_message_begins_with_its_subject(live_cast: Cast, door: Listener) -> None:
    to = reply_address(live_cast.alice.pk, live_cast.supper.pk)
    bring(door, letter(to, "Who brings it?", Subject="Soup on Friday"))
    assert words_of(live_cast.supper) == ["**Soup on Friday**\n\nWho brings it?"]


def test_a_room_may_take_no_new_messages_by_mail_and_still_takes_answers(
    live_cast: Cast, door: Listener, to: str
) -> None:
    Room.objects.update(refuses_mail=True)
    bring(door, letter(reply_address(live_cast.alice.pk, live_cast.supper.pk), "Who brings it?"))
    assert "This room takes no new messages by mail." in our_letter()
    bring(door, letter(to))
    assert words_of(live_cast.supper)[1:] == ["Soup, please."]


def test_one_letter_to_two_rooms_is_posted_in_both(live_cast: Cast, door: Listener, to: str) -> None:
    tea = Room.objects.create(group=live_cast.workshop, name="Tea")
    both = [to, reply_address(live_cast.alice.pk, tea.pk)]
    with closing(smtplib.SMTP("127.0.0.1", door.port)) as server:
        refused = server.sendmail("alice@example.org", both, letter(to).as_bytes())
        # The second is to be brought by itself, as mail servers do.
        assert [code for code, _ in refused.values()] == [452]
        server.sendmail("alice@example.org", list(refused), letter(to).as_bytes())
    assert words_of(live_cast.supper)[1:] == words_of(tea) == ["Soup, please."]


def test_files_come_along(live_cast: Cast, door: Listener, to: str) -> None:
    written = letter(to, f"No patient\n\n{ANSWER}")
    written.add_attachment(samples.PDF, maintype="application", subtype="pdf", filename="Soups.pdf")
    written.add_attachment(samples.photo_from_a_phone(), maintype="image", subtype="jpeg", filename="Pot.jpg")
    bring(door, written)
    posted = Message.objects.get(author=live_cast.alice)
    assert [file.name for file in posted.files.order_by("pk")] == ["Soups.pdf", "Pot.jpg"]
    assert mail.outbox == []


def test_a_letter_about_a_patient_comes_back_without_its_words_and_is_posted_once_it_is_answered(
    live_cast: Cast, door: Listener, to: str
) -> None:
    bring(door, letter(to, f"Mrs Khan is 34 weeks and on insulin\n\n{ANSWER}"))
    [asked] = mail.outbox
    assert "Is this about a patient?" in asked.body
    assert "\nNo patient\n" in asked.body
    assert "Khan" not in str(asked.message())
    bring(
        door,
        letter(
            to, f"No patient\n\nMrs Khan is 34 weeks and on insulin\n\n{ANSWER}", Message_ID="<2@phone.example.org>"
        ),
    )
    assert Message.objects.get(author=live_cast.alice).text.startswith("Mrs Khan is 34 weeks")
    bring(door, letter(to, f"No patient\n\nNHS number 999 672 1108\n\n{ANSWER}", Message_ID="<3@phone.example.org>"))
    stopped = mail.outbox[-1]
    assert ("999" in stopped.body, "No patient" in stopped.body) == (False, False)


def test_a_file_alone_is_a_message(live_cast: Cast, door: Listener, to: str) -> None:
    written = letter(to, QUOTED)
    written.add_attachment(samples.PDF, maintype="application", subtype="pdf", filename="Soups.pdf")
    bring(door, written)
    assert Message.objects.get(author=live_cast.alice).files.count() == 1


def test_a_file_that_is_refused_does_not_hold_up_the_words(live_cast: Cast, door: Listener, to: str) -> None:
    written = letter(to)
    written.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="Soup.exe")
    written.add_attachment(samples.PDF, maintype="application", subtype="pdf", filename="Soups.pdf")
    assert bring(door, written) == (250, "")
    posted = Message.objects.get(author=live_cast.alice)
    assert (posted.text, [file.name for file in posted.files.all()]) == ("Soup, please.", ["Soups.pdf"])
    assert "Soup.exe: Files of this kind cannot be shared here." in our_letter()


def test_more_files_than_a_message_takes_are_named(live_cast: Cast, door: Listener, to: str, settings: Any) -> None:
    settings.FILES_A_MESSAGE = 1
    written = letter(to)
    for name in ("One.pdf", "Two.pdf"):
        written.add_attachment(samples.PDF, maintype="application", subtype="pdf", filename=name)
    bring(door, written)
    assert Message.objects.get(author=live_cast.alice).files.count() == 1
    assert "Two.pdf: No more than 1 file" in our_letter()


# Once, and not lost -------------------------------------------------------------------------------------------------


def test_a_letter_that_comes_twice_is_posted_once(live_cast: Cast, door: Listener, to: str) -> None:
    written = letter(to)
    written.add_attachment(samples.PDF, maintype="application", subtype="pdf", filename="Soups.pdf")
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: bring(door, written)[0], range(3)))
    assert set(answers) <= {250, 451}
    assert bring(door, written) == (250, "")
    assert words_of(live_cast.supper)[1:] == ["Soup, please."]
    assert File.objects.filter(discarded_at=None).count() == 1
    bring(door, letter(to, Message_ID="<2@phone.example.org>"))
    assert len(words_of(live_cast.supper)) == 3


def test_what_was_committed_before_a_crash_is_not_posted_again(
    live_cast: Cast, door: Listener, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def posts_and_dies(*args: Any, **kwargs: Any) -> Taken:
        assert take_letter(*args, **kwargs) is Taken.POSTED
        raise SystemError

    with monkeypatch.context() as during:
        during.setattr(listening, "take_letter", posts_and_dies)
        assert bring(door, letter(to))[0] == 451
    assert bring(door, letter(to)) == (250, "")
    assert words_of(live_cast.supper)[1:] == ["Soup, please."]


def test_what_was_posted_once_is_not_refused_or_remarked_on_the_second_time(
    live_cast: Cast, door: Listener, to: str
) -> None:
    written = letter(to)
    written.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="Soup.exe")
    bring(door, written)
    archived(live_cast)
    assert bring(door, written) == (250, "")
    assert "Soup.exe" in our_letter()


def test_a_signature_does_not_give_away_who_goes_by_an_alias(live_cast: Cast, door: Listener, to: str) -> None:
    Member.objects.filter(pk=live_cast.alice.pk).update(display_name="Robin", real_name="Maria Example")
    bring(door, letter(to, "Soup, please.\n\nKind regards\nMaria Example\nSt Example's, ward 7\n"))
    assert words_of(live_cast.supper)[1:] == ["Soup, please."]


def test_while_the_database_is_away_a_letter_waits(
    live_cast: Cast, door: Listener, to: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("no connection for Soup, please")

    with monkeypatch.context() as during:
        during.setattr(taking, "post_message", away)
        assert bring(door, letter(to))[0] == 451
    assert "Soup" not in caplog.text
    assert bring(door, letter(to)) == (250, "")
    assert words_of(live_cast.supper)[1:] == ["Soup, please."]


def test_who_writes_too_fast_need_do_nothing(live_cast: Cast, door: Listener, to: str) -> None:
    from moderation import screens as limits

    while limits.posting.allow(live_cast.alice.pk):
        pass
    assert bring(door, letter(to))[0] == 451
    assert mail.outbox == []


def test_a_refusal_that_cannot_be_said_yet_waits(
    live_cast: Cast, door: Listener, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Room.objects.update(archived_at=timezone.now())
    with monkeypatch.context() as during:
        during.setattr(taking, "send_letter", lambda *_, **__: False)
        assert bring(door, letter(to))[0] == 451
    assert bring(door, letter(to)) == (250, "")
    assert "archived" in our_letter()


# What is refused with words -----------------------------------------------------------------------------------------


def archived(cast: Cast) -> None:
    Room.objects.update(archived_at=timezone.now())


def locked(cast: Cast) -> None:
    Room.objects.update(locked_at=timezone.now())


def closed(cast: Cast) -> None:
    WorkingGroup.objects.update(closed_at=timezone.now())


def silenced(cast: Cast) -> None:
    Membership.objects.filter(member=cast.alice).update(silenced_until=timezone.now() + timedelta(days=2))


def suspended(cast: Cast) -> None:
    Member.objects.filter(pk=cast.alice.pk).update(suspended_until=timezone.now() + timedelta(days=2))


def restricted(cast: Cast) -> None:
    Member.objects.filter(pk=cast.alice.pk).update(restricted_at=timezone.now())


def gone(cast: Cast) -> None:
    leave_group(cast.alice, cast.workshop.pk)


@pytest.mark.parametrize(
    ("befalls", "words"),
    [
        (archived, "This room is archived."),
        (locked, "This room is locked"),
        (closed, "This group is closed."),
        (silenced, "You cannot write in this group until"),
        (suspended, "Your account is suspended"),
        (restricted, "You have restricted the use of your data"),
        (gone, "There is nothing here, or it is not open to you."),
    ],
)
def test_what_may_not_be_posted_comes_back_with_its_words(
    live_cast: Cast, door: Listener, to: str, befalls: Callable[[Cast], None], words: str
) -> None:
    befalls(live_cast)
    written = letter(to)
    written.add_attachment(samples.PDF, maintype="application", subtype="pdf", filename="Soups.pdf")
    assert bring(door, written) == (250, "")
    assert words in our_letter()
    assert "Soup, please." in our_letter()
    assert mail.outbox[0].extra_headers["In-Reply-To"] == "<1@phone.example.org>"
    assert not Message.objects.filter(author=live_cast.alice).exists()
    assert not File.objects.filter(discarded_at=None).exists()


def test_whoever_was_removed_hears_what_all_hear_of_what_is_not_there(live_cast: Cast, door: Listener, to: str) -> None:
    bring(door, letter(reply_address(live_cast.alice.pk, 999_999, 1)))
    of_nothing = our_letter()
    mail.outbox.clear()
    gone(live_cast)
    bring(door, letter(to))
    assert our_letter() == of_nothing


def test_an_answer_to_a_message_of_another_room_is_refused(live_cast: Cast, door: Listener) -> None:
    other = WorkingGroup.objects.create(name="Elsewhere", slug="elsewhere")
    secret = Message.objects.create(
        room=Room.objects.create(group=other, name="Away"),
        version=1,
        created_version=1,
        author=live_cast.bob,
        client_id="0b0f0000-0000-4000-8000-000000000000",
        text="Secret",
    )
    bring(door, letter(reply_address(live_cast.alice.pk, live_cast.supper.pk, secret.pk)))
    assert "not in this room" in our_letter()
    assert words_of(live_cast.supper) == []


def test_screens_see_letters_too(
    live_cast: Cast, door: Listener, to: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ours = settings.SCREENS
    settings.SCREENS = ["tests.notifications.test_letters_in.no_soup"]
    screens.screens.cache_clear()
    try:
        assert bring(door, letter(to)) == (250, "")
    finally:
        settings.SCREENS = ours
        screens.screens.cache_clear()
    assert "Soup is not stored here." in our_letter()
    assert len(words_of(live_cast.supper)) == 1
    assert "please" not in caplog.text


def no_soup(draft: screens.Draft) -> None:
    if "Soup" in draft.text:
        raise BadRequest("Soup is not stored here.", code="soup")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (QUOTED, "We found no words of yours in it."),
        ("x" * 10_001, "over the limit"),
    ],
)
def test_a_letter_with_no_words_or_too_many_comes_back(
    live_cast: Cast, door: Listener, to: str, words: str, why: str
) -> None:
    bring(door, letter(to, words))
    assert why in our_letter()
    assert words.strip().splitlines()[-1][:60] in our_letter()
    assert len(words_of(live_cast.supper)) == 1


# What is not answered -----------------------------------------------------------------------------------------------

MACHINES = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated; x=y"},
    {"Precedence": "bulk"},
    {"Precedence": "auto_reply"},
    {"X_Auto_Response_Suppress": "All"},
    {"X_Autoreply": "yes"},
    {"List_Id": "<list.example.org>"},
    {"Return_Path": "<>"},
]


@pytest.mark.parametrize("headers", MACHINES, ids=str)
def test_a_machine_is_neither_posted_nor_answered(
    live_cast: Cast, door: Listener, to: str, headers: dict[str, str]
) -> None:
    archived(live_cast)
    assert bring(door, letter(to, "I am away.", **headers)) == (250, "")
    assert (len(words_of(live_cast.supper)), mail.outbox) == (1, [])


def test_what_comes_back_is_neither_posted_nor_answered(live_cast: Cast, door: Listener, to: str) -> None:
    assert bring(door, letter(to), envelope="") == (250, "")
    daemon = letter(to, sender="Mail <mailer-daemon@example.org>")
    assert bring(door, daemon) == (250, "")
    assert (len(words_of(live_cast.supper)), mail.outbox) == (1, [])


def test_our_own_letters_make_no_loop(live_cast: Cast, door: Listener, to: str, settings: Any) -> None:
    archived(live_cast)
    bring(door, letter(to))
    [ours] = mail.outbox
    returned = EmailMessage()
    returned["To"], returned["From"], returned["Message-ID"] = to, settings.MAIL_FROM, "<ours@example.org>"
    returned.set_content(str(ours.body))
    assert bring(door, returned) == (250, "")
    assert take_letter(ours.message().as_bytes(), to, envelope_from="roundtable@localhost") is Taken.DROPPED
    assert len(mail.outbox) == 1


def test_a_forged_sender_is_refused(live_cast: Cast, door: Listener, to: str) -> None:
    forged = letter(to, sender="Alice <alice@example.com>", Reply_To="alice@example.org", Sender="alice@example.org")
    assert bring(door, forged)[0] == 550
    assert bring(door, letter(to, sender="alice@example.org, bob@example.org"))[0] == 550
    bob = letter(to, sender="Bob <bob@example.org>")
    assert bring(door, bob, envelope="bob@example.org")[0] == 550
    assert (len(words_of(live_cast.supper)), mail.outbox) == (1, [])


def test_who_left_the_community_and_who_changed_address_are_refused(live_cast: Cast, door: Listener, to: str) -> None:
    Member.objects.filter(pk=live_cast.alice.pk).update(email="alice@new.example.org")
    assert bring(door, letter(to))[0] == 550
    assert bring(door, letter(to, sender="alice@new.example.org"))[0] == 250
    leave_community(Member.objects.get(pk=live_cast.alice.pk))
    assert bring(door, letter(to, sender="alice@new.example.org", Message_ID="<3@x>"))[0] == 550
    assert len(words_of(live_cast.supper)) == 2
    assert mail.outbox == []


def test_an_address_that_was_altered_is_none(live_cast: Cast, door: Listener, to: str) -> None:
    local, _, domain = to.partition("@")
    altered = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    for wrong in (
        altered,
        f"{local}x@{domain}",
        f"{local}@example.org",
        "reply+@in.example.org",
        f"postmaster@{domain}",
    ):
        assert bring(door, letter(to), to=wrong)[0] == 550
    assert len(words_of(live_cast.supper)) == 1


def test_an_address_ends(live_cast: Cast, door: Listener) -> None:
    long_ago = datetime.now(UTC).date() - HOLDS - timedelta(days=1)
    old = reply_address(live_cast.alice.pk, live_cast.supper.pk, today=long_ago)
    assert bring(door, letter(old))[0] == 550
    assert "too old" in bring(door, letter(old))[1]
    assert (
        bring(door, letter(reply_address(live_cast.alice.pk, live_cast.supper.pk, today=long_ago + timedelta(days=1))))[
            0
        ]
        == 250
    )


def test_what_is_too_large_is_refused(live_cast: Cast, door: Listener, to: str) -> None:
    written = letter(to)
    written.add_attachment(b"%PDF-" + b"x" * LARGEST_LETTER, maintype="application", subtype="pdf", filename="All.pdf")
    assert bring(door, written)[0] == 552
    assert take_letter(written.as_bytes(), to, envelope_from=None) is Taken.ANSWERED
    assert "larger than 10 MB" in our_letter()
    assert len(words_of(live_cast.supper)) == 1


def test_so_many_mail_servers_at_once_and_no_more(live_cast: Cast, door: Listener, to: str) -> None:
    held = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(listening.MOST_CONNECTIONS)]
    for each in held:
        assert each.recv(100).startswith(b"220")
    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        bring(door, letter(to))
    for each in held:
        each.sendall(b"QUIT\r\n")
        while each.recv(100):
            pass
        each.close()
    assert bring(door, letter(to)) == (250, "")


def test_nothing_of_a_letter_is_logged(
    live_cast: Cast, door: Listener, to: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        bring(door, letter(to))
        bring(door, letter(to, sender="eve@example.org"))
    for secret in ("Soup", "alice@", "eve@", to):
        assert secret not in caplog.text.replace("SQL", "")


# Addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", [None, 1, 5_000_000])
def test_an_address_says_who_writes_where_and_no_character_of_it_can_be_changed(message: int | None) -> None:
    day = datetime.now(UTC).date()
    address = reply_address(7, 300, message)
    assert read_address(address) == MailAddress(7, 300, message, day)
    local, _, domain = address.partition("@")
    assert len(local) <= 64
    for at in range(len("reply+"), len(local)):
        for other in "abcdefghijklmnopqrstuvwxyz234567".replace(local[at], ""):
            with pytest.raises(NoSuchAddress):
                read_address(f"{local[:at]}{other}{local[at + 1 :]}@{domain}")


def test_the_largest_numbers_fit() -> None:
    address = reply_address(2**31, 2**31, 2**48)
    assert len(address.partition("@")[0]) <= 64
    assert read_address(address).message == 2**48


def test_without_a_domain_there_are_no_addresses(settings: Any) -> None:
    address = reply_address(1, 1)
    settings.MAIL_IN_DOMAIN = ""
    assert reply_address(1, 1) == ""
    with pytest.raises(NoSuchAddress):
        read_address(address)


def test_another_installation_has_other_addresses(settings: Any) -> None:
    address = reply_address(1, 1)
    settings.SECRET_KEY = "the key of somebody else, and long enough"
    with pytest.raises(NoSuchAddress):
        read_address(address)


# The page -----------------------------------------------------------------------------------------------------------


def test_a_room_says_where_to_write_by_mail_where_one_can(cast: Cast, settings: Any) -> None:
    about = f"/rooms/{cast.supper.pk}/about/"
    alice = browser(cast.alice)
    assert f"mailto:{reply_address(cast.alice.pk, cast.supper.pk)}" in text_of(alice, about)
    change = alice.post(f"/rooms/{cast.supper.pk}/change", {"name": "Supper", "about": "", "refuses_mail": "on"})
    assert change.status_code == 302
    assert "mailto:" not in text_of(alice, about)
    alice.post(f"/rooms/{cast.supper.pk}/change", {"name": "Supper", "about": ""})
    assert "mailto:" in text_of(alice, about)
    settings.MAIL_IN_DOMAIN = ""
    assert "mailto:" not in text_of(alice, about)
    settings.MAIL_IN_DOMAIN = "in.example.org"
    Room.objects.update(archived_at=timezone.now())
    assert "mailto:" not in text_of(alice, about)
