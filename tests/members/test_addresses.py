"""Members move to another address, which they prove to be theirs."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from members import addresses
from members.limits import Allowance, Limits
from members.models import Member
from tests.cast import Cast
from tests.members.test_sign_in import alices, code_in_the_letter

__all__ = ["alices"]

pytestmark = pytest.mark.usefixtures("tasks_at_once")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "asking", Limits(Allowance(burst=4, a_minute=0.1)))


def test_a_new_address_is_proved_by_a_code_and_the_old_one_hears_of_it(cast: Cast, alices: Client) -> None:
    EmailAddress.objects.create(user=cast.alice, email="alice@example.org", verified=True)
    assert alices.post("/you/sign-in/address/", {"address": " Alice@New.example "}).status_code == 302
    assert mail.outbox[-1].to == ["alice@new.example"]
    assert alices.post("/you/sign-in/address/code/", {"code": "00000000"}).status_code == 400
    assert Member.objects.get(pk=cast.alice.pk).email == "alice@example.org"
    assert alices.post("/you/sign-in/address/code/", {"code": code_in_the_letter()}).status_code == 302
    assert Member.objects.get(pk=cast.alice.pk).email == "alice@new.example"
    assert (mail.outbox[-1].to, "tell an administrator" in str(mail.outbox[-1].body)) == (["alice@example.org"], True)
    sent = len(mail.outbox)
    Client(headers={"host": "localhost"}).post("/sign-in/", {"email": "alice@example.org"})
    assert len(mail.outbox) == sent


def test_somebody_elses_address_gets_no_letter_and_the_page_does_not_tell(cast: Cast, alices: Client) -> None:
    pages = []
    for address in ("bob@example.org", "new@example.org"):
        assert alices.post("/you/sign-in/address/", {"address": address}).status_code == 302
        page = alices.get("/you/sign-in/address/code/").content.decode()
        pages.append(re.sub(r"[A-Za-z0-9]{64}", "", page).replace(address, ""))
    assert pages[0] == pages[1]
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]


def test_two_who_prove_the_same_address_cannot_both_have_it(cast: Cast, alices: Client) -> None:
    alices.post("/you/sign-in/address/", {"address": "shared@example.org"})
    Member.objects.filter(pk=cast.bob.pk).update(email="shared@example.org")
    refused = alices.post("/you/sign-in/address/code/", {"code": code_in_the_letter()})
    assert (refused.status_code, "belongs to somebody" in refused.content.decode()) == (400, True)
    assert Member.objects.get(pk=cast.alice.pk).email == "alice@example.org"


def test_a_code_is_tried_three_times_and_runs_out(cast: Cast, alices: Client) -> None:
    alices.post("/you/sign-in/address/", {"address": "new@example.org"})
    code = code_in_the_letter()
    for _ in range(3):
        alices.post("/you/sign-in/address/code/", {"code": "1"})
    assert "That code is over" in alices.post("/you/sign-in/address/code/", {"code": code}).content.decode()
    alices.post("/you/sign-in/address/", {"address": "new@example.org"})
    session = alices.session
    session["move_to_address"]["at"] -= 16 * 60
    session.save()
    assert alices.post("/you/sign-in/address/code/", {"code": code_in_the_letter()}).status_code == 400
    assert Member.objects.get(pk=cast.alice.pk).email == "alice@example.org"


@pytest.mark.parametrize(
    "address", ["", "alice", "a@b", "a@example.org\nbcc: x@example.org", "x" * 250 + "@example.org"]
)
def test_what_is_no_address_is_refused_and_stays_typed(cast: Cast, alices: Client, address: str) -> None:
    refused = alices.post("/you/sign-in/address/", {"address": address})
    assert refused.status_code == 400
    assert mail.outbox == []


def test_codes_are_not_mailed_to_strangers_without_end(cast: Cast, alices: Client) -> None:
    answers = [alices.post("/you/sign-in/address/", {"address": f"a{n}@example.org"}).status_code for n in range(6)]
    assert answers == [302] * 4 + [429] * 2
