"""Complaining about how data about oneself is used: a ticket, a clock, an answer."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from members.complaints.actions import answer_complaint, forget_old_complaints, remind_of_complaints
from members.models import Complaint, Member
from members.refusals import NotAllowed
from notifications.models import Notice
from tests.cast import Cast, person
from tests.members.test_community import stranger
from tests.rooms.test_pages import browser, text_of

FORM = {"words": "My name stands in a <file> that I never gave you.", "address": "Nora@Example.org", "website": ""}

pytestmark = pytest.mark.usefixtures("tasks_at_once")


@pytest.fixture
def boss(cast: Cast) -> Member:
    return person("ada", role=Member.Role.ADMINISTRATOR)


def made() -> Complaint:
    assert stranger().post("/complaint/", FORM).status_code == 302
    return Complaint.objects.get()


def test_anybody_complains_and_gets_a_ticket_and_a_letter_at_once(boss: Member) -> None:
    answer = stranger().post("/complaint/", FORM)
    complaint = Complaint.objects.get()
    assert answer.headers["Location"] == f"/complaint/{complaint.ticket}/"
    page = text_of(stranger(), f"/complaint/{complaint.ticket}/")
    assert complaint.ticket in page
    assert "ico.org.uk" in page
    assert "My name" not in page
    assert complaint.due_at - complaint.made_at == timedelta(days=30)

    [letter] = mail.outbox
    assert letter.to == ["nora@example.org"]
    for words in (complaint.ticket, "thirty days", "ico.org.uk"):
        assert words in letter.body
    assert "My name" not in letter.body
    assert list(Notice.objects.values_list("member", "kind")) == [(boss.pk, "complain")]


def test_without_an_address_there_is_a_ticket_and_no_letter(boss: Member) -> None:
    assert stranger().post("/complaint/", {**FORM, "address": ""}).status_code == 302
    assert (mail.outbox, Complaint.objects.get().address) == ([], "")


@pytest.mark.parametrize(
    ("field", "value"), [("words", " \n"), ("words", "x" * 4_001), ("address", "nora"), ("website", "http://x.example")]
)
def test_what_cannot_be_is_refused_and_the_words_come_back(cast: Cast, field: str, value: str) -> None:
    answer = stranger().post("/complaint/", {**FORM, field: value})
    page = answer.content.decode()
    assert (answer.status_code, 'role="alert"' in page, Complaint.objects.exists()) == (400, True, False)
    assert "&lt;file&gt;" in page or field == "words"


def test_a_flood_is_slowed_down_by_place_and_by_address(cast: Cast) -> None:
    codes = [stranger().post("/complaint/", {**FORM, "address": ""}).status_code for _ in range(11)]
    assert codes == [302] * 10 + [429]
    codes = [stranger().post("/complaint/", FORM, REMOTE_ADDR=f"10.0.0.{number}").status_code for number in range(4)]
    assert codes == [302] * 3 + [429]


def test_an_administrator_answers_and_the_person_hears_it(boss: Member) -> None:
    complaint = made()
    assert "&lt;file&gt;" in text_of(browser(boss), "/complaints/")
    assert browser(boss).post(f"/complaints/{complaint.pk}/answer", {"outcome": " "}).status_code == 400
    browser(boss).post(f"/complaints/{complaint.pk}/answer", {"outcome": "We removed the <file>."})

    letter = mail.outbox[-1]
    assert (letter.to, "We removed the <file>." in letter.body) == (["nora@example.org"], True)
    assert not Notice.objects.exists()
    assert "answered" in text_of(stranger(), f"/complaint/{complaint.ticket}/")
    with pytest.raises(NotAllowed):
        answer_complaint(boss, complaint.pk, "Again.")
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("who", ["charlie", "bob", "lena", "mo"])
def test_nobody_but_administrators_reads_complaints(cast: Cast, who: str) -> None:
    complaint = made()
    client = browser(getattr(cast, who))
    for answer in (client.get("/complaints/"), client.post(f"/complaints/{complaint.pk}/answer", {"outcome": "No."})):
        assert (answer.status_code, "My name" in answer.content.decode()) == (403, False)
    assert Complaint.objects.get().answered_at is None


def test_administrators_are_reminded_once_when_twenty_days_are_gone(boss: Member) -> None:
    made()
    Complaint.objects.update(due_at=timezone.now() + timedelta(days=10, minutes=1))
    remind_of_complaints()
    assert not Notice.objects.filter(kind=Notice.Kind.DUE).exists()
    Complaint.objects.update(due_at=timezone.now() + timedelta(days=10))
    remind_of_complaints()
    remind_of_complaints()
    assert Notice.objects.filter(kind=Notice.Kind.DUE).count() == 1
    assert "due in a few days" in text_of(browser(boss), "/notices/")


def test_a_complaint_that_is_long_answered_goes(boss: Member) -> None:
    complaint = made()
    forget_old_complaints()
    answer_complaint(boss, complaint.pk, "Done.")
    forget_old_complaints()
    assert Complaint.objects.exists()
    Complaint.objects.update(answered_at=timezone.now() - timedelta(days=1_096))
    forget_old_complaints()
    assert not Complaint.objects.exists()
