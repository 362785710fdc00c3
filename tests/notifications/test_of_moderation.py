"""What members hear of moderation, and how: among their notices, in the digest, by letter."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatserver.tasks import do_waiting_tasks
from members.community.proposals import propose_rules
from members.complaints.actions import complain
from members.models import Member
from moderation.actions import Order, Subject, decide, file_report
from moderation.models import Decision
from notifications.actions import count_unseen, unseen_notices
from notifications.digests import sending
from notifications.digests.sending import send_digests
from notifications.models import Preference
from rooms.actions.groups import leave_group
from tests.cast import Cast, person
from tests.letters import MailServer, words_of
from tests.speaking import posts, session_of


@pytest.fixture
def decided(cast: Cast) -> Decision:
    """Alice wrote something, Bob reported it, and Mo hid it."""
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    case = file_report(cast.bob, Subject("message", message.pk), "unkind", "That hurt.").case
    order = Order("hide", "unkind", "Words that belittle somebody.", "Please say it another way.")
    decide(cast.mo, case.pk, case.version, order)
    return Decision.objects.get()


def reads(member: Member, address: str) -> str:
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(member)
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return " ".join(answer.content.decode().split())


def digest_to(mail: MailServer, member: Member) -> str:
    sending.greet_newcomers(timezone.now())
    Preference.objects.update(next_digest_at=timezone.now() - timedelta(minutes=1))
    send_digests()
    letter = mail.letter_to(member.email, about="Your digest")
    html = letter.get_body(("html",))
    assert html
    return words_of(letter) + str(html.get_content())


def test_a_decision_stands_among_the_notices_of_whom_it_concerns(cast: Cast, decided: Decision) -> None:
    page = reads(cast.alice, "/notices/")
    assert "<b>A moderator</b> hid a message of yours" in page
    assert f"/decisions/{decided.number}/" in page
    assert "What became of your report</b>: A moderator acted on it" in reads(cast.bob, "/notices/")


def test_the_digest_tells_of_a_decision_and_never_what_was_removed(
    cast: Cast, decided: Decision, mail: MailServer
) -> None:
    said = digest_to(mail, cast.alice)
    assert "A moderator hid a message of yours" in said
    assert f"/decisions/{decided.number}/" in said
    assert "It hurts, threatens or belittles somebody" in said
    assert "cannot cook" not in said
    assert "say it another way" not in said


def test_the_digest_tells_what_became_of_a_report(cast: Cast, decided: Decision, mail: MailServer) -> None:
    assert "Your report was looked at by a moderator" in digest_to(mail, cast.bob)


def test_who_is_suspended_cannot_come_in_to_read_why_and_gets_a_letter(cast: Cast, mail: MailServer) -> None:
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    case = file_report(cast.bob, Subject("message", message.pk), "unkind").case
    order = Order("suspend", "unkind", "The third time this week.", "We would like you back.", days=3)
    decide(cast.mo, case.pk, case.version, order)
    do_waiting_tasks()
    said = words_of(mail.letter_to(cast.alice.email, about="suspended"))
    for words in ("The third time this week.", "We would like you back.", "It hurts, threatens or belittles somebody"):
        assert words in said
    assert "cannot cook" not in said


def test_only_who_is_a_moderator_hears_of_a_case(cast: Cast, mail: MailServer) -> None:
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    file_report(cast.bob, Subject("message", message.pk), "unkind")
    assert "Something was reported" in reads(cast.mo, "/notices/")
    assert "Something was reported and waits for a moderator" in digest_to(mail, cast.mo)
    Member.objects.filter(pk=cast.mo.pk).update(role=Member.Role.MEMBER)
    assert "Something was reported" not in reads(cast.mo, "/notices/")


def test_however_many_cases_wait_the_digest_says_so_once(cast: Cast, mail: MailServer) -> None:
    for words in ("Bob cannot cook", "Lena neither", "Nobody can"):
        file_report(cast.bob, Subject("message", posts(cast.alice, cast.supper, words).pk), "unkind")
    propose_rules(cast.bob, "Be kind.", "We are not.", after=0)
    said = digest_to(mail, cast.mo)
    assert "3 things were reported and wait for a moderator" in said
    assert said.index("things were reported") < said.index("proposes to change"), "in the order of what came first"
    assert "Something was reported" not in said
    assert said.count("/moderation/") == 2, "a link in each form of the letter"


def test_the_badge_counts_what_the_list_shows_whoever_looks(cast: Cast) -> None:
    """The badge asks a query that was written once, the list one of its own."""
    boss = person("boss", role=Member.Role.ADMINISTRATOR)
    message = posts(cast.alice, cast.supper, "Soup, @bob")
    file_report(cast.bob, Subject("message", message.pk), "unkind")
    complain("Why me?", "", from_where="here")
    count = {who.handle: count_unseen(who) for who in (cast.alice, cast.bob, cast.charlie, cast.mo, boss)}
    assert count == {
        who.handle: unseen_notices(who).count() for who in (cast.alice, cast.bob, cast.charlie, cast.mo, boss)
    }
    assert count == {"alice": 0, "bob": 1, "charlie": 0, "mo": 1, "boss": 2}
    leave_group(cast.bob, cast.workshop.pk)
    Member.objects.filter(pk=cast.mo.pk).update(role=Member.Role.MEMBER)
    assert (count_unseen(cast.bob), count_unseen(Member.objects.get(pk=cast.mo.pk))) == (0, 0)
