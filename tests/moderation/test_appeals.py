"""A decision is looked at again, by members drawn by lot."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatserver.tasks import do_waiting_tasks
from members.models import Member, Organisation
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation.actions import Order, Subject, decide, file_report, undo
from moderation.appeals.hearing import answer, appeal_against, decline, offer_to_hear, tend_appeals
from moderation.appeals.links import address_of_letter
from moderation.appeals.lot import Candidate, draw
from moderation.models import Appeal, Decision, Seat
from notifications.models import Notice
from rooms.models import Message
from tests.cast import Cast, person
from tests.speaking import posts, removes, session_of


def decided(cast: Cast, act: str = "hide", days: int = 3) -> tuple[Message, Decision]:
    """Mo decided about something that Alice wrote and Bob reported."""
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    case = file_report(cast.bob, Subject("message", message.pk), "unkind").case
    decide(cast.mo, case.pk, case.version, Order(act, "unkind", "It belittles.", "Please say it kindly.", days))
    return message, Decision.objects.latest("number")


@pytest.fixture
def willing(cast: Cast) -> list[Member]:
    """Five who offered to hear appeals."""
    members = [person(handle) for handle in ("ines", "jo", "kim", "lou", "max")]
    for member in members:
        offer_to_hear(member, on=True)
    return members


def panel_of(appeal: Appeal) -> list[Member]:
    return [seat.member for seat in appeal.seats.filter(left_at=None).order_by("pk").select_related("member")]


def test_two_of_three_take_a_decision_back(cast: Cast, willing: list[Member]) -> None:
    message, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "I meant his soup.")
    first, second, third = panel_of(appeal)
    answer(first, appeal.pk, "overturn", "It was about soup.")
    assert Message.objects.get(pk=message.pk).hidden_at
    answer(second, appeal.pk, "overturn", "Nobody was hurt.")
    appeal.refresh_from_db()
    assert Message.objects.get(pk=message.pk).hidden_at is None
    assert appeal.outcome == "overturned"
    last = Decision.objects.latest("number")
    assert (last.act, last.role, last.undoes_id, last.by_id) == ("restore", "appeals panel", decision.number, None)
    assert "2 to 0" in last.reason
    with pytest.raises(NotAllowed, match="has been heard"):
        answer(third, appeal.pk, "uphold", "Too late.")


def test_two_of_three_let_it_stand(cast: Cast, willing: list[Member]) -> None:
    message, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why me?")
    for member, voice in zip(panel_of(appeal), ("uphold", "overturn", "uphold"), strict=True):
        answer(member, appeal.pk, voice, "Because.")
    message.refresh_from_db()
    assert message.hidden_at
    assert Decision.objects.latest("number").act == "uphold"
    assert list(Notice.objects.filter(member=cast.alice).values_list("kind", flat=True)) == ["decision", "decision"]


def test_a_warning_that_was_wrong_is_said_to_have_been_wrong(cast: Cast, willing: list[Member]) -> None:
    _, decision = decided(cast, "warn")
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    for member in panel_of(appeal)[:2]:
        answer(member, appeal.pk, "overturn", "No reason for it.")
    assert Decision.objects.latest("number").act == "overturn"


def test_words_that_their_author_removed_meanwhile_do_not_come_back(cast: Cast, willing: list[Member]) -> None:
    message, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "I meant his soup.")
    removes(cast.alice, message)
    for member in panel_of(appeal)[:2]:
        answer(member, appeal.pk, "overturn", "It was about soup.")
    message.refresh_from_db()
    assert message.text == ""
    assert Decision.objects.latest("number").act == "overturn"


def test_nobody_from_the_case_hears_the_appeal(cast: Cast, willing: list[Member]) -> None:
    for involved in (cast.alice, cast.bob, cast.mo):
        offer_to_hear(involved, on=True)
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    for _ in range(2):  # All who are willing are drawn, one after the other.
        decline(panel_of(appeal)[0], appeal.pk)
    assert {seat.member for seat in appeal.seats.select_related("member")} == set(willing)
    decline(panel_of(appeal)[0], appeal.pk)
    assert len(panel_of(appeal)) == 2


def test_where_too_few_offered_moderators_who_had_nothing_to_do_with_it_hear_it(cast: Cast) -> None:
    other = person("ola", role="moderator")
    offer_to_hear(cast.lena, on=True)
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    assert panel_of(appeal) == [cast.lena, other]
    offer_to_hear(cast.charlie, on=True)
    tend_appeals()
    assert panel_of(appeal) == [cast.lena, other, cast.charlie]


def test_who_is_late_is_replaced(cast: Cast, willing: list[Member]) -> None:
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    late = panel_of(appeal)[0]
    Seat.objects.filter(member=late).update(due_at=timezone.now() - timedelta(minutes=1))
    tend_appeals()
    assert late not in panel_of(appeal)
    assert len(panel_of(appeal)) == 3
    with pytest.raises(NotHere):
        answer(late, appeal.pk, "uphold", "I am late.")


def test_what_a_moderator_takes_back_meanwhile_needs_no_panel(cast: Cast, willing: list[Member]) -> None:
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    undo(cast.mo, decision.number, "I was wrong.")
    tend_appeals()
    appeal.refresh_from_db()
    assert (appeal.outcome, appeal.ended_at is None) == ("overturned", False)


@pytest.mark.parametrize("who", ["bob", "mo", "charlie"])
def test_only_whom_it_is_about_appeals(cast: Cast, who: str) -> None:
    _, decision = decided(cast)
    with pytest.raises(NotHere):
        appeal_against(getattr(cast, who), decision.number, "Why?")


def test_one_appeal_for_a_decision_and_none_after_thirty_days(
    cast: Cast, willing: list[Member], monkeypatch: Any
) -> None:
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    assert appeal_against(cast.alice, decision.number, "Why, again?") == appeal
    assert Appeal.objects.get().words == "Why?"
    _, other = decided(cast, "warn")
    now = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(timezone, "now", lambda: now)
    with pytest.raises(NotAllowed, match="within 30 days"):
        appeal_against(cast.alice, other.number, "Why?")


def test_nobody_appeals_against_what_was_taken_back(cast: Cast) -> None:
    _, decision = decided(cast)
    undo(cast.mo, decision.number, "I was wrong.")
    with pytest.raises(NotAllowed, match="taken back already"):
        appeal_against(cast.alice, decision.number, "Why?")
    with pytest.raises(NotAllowed, match="nothing to appeal"):
        appeal_against(cast.alice, Decision.objects.latest("number").number, "Why?")


def test_who_was_not_drawn_neither_reads_nor_answers(cast: Cast, willing: list[Member]) -> None:
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    outside = next(member for member in willing if member not in panel_of(appeal))
    for member in (outside, cast.alice, cast.mo):
        client = Client(headers={"host": "localhost"})
        client.cookies["session"] = session_of(member)
        assert client.get(f"/appeals/{appeal.pk}/").status_code == 404
        with pytest.raises(NotHere):
            answer(member, appeal.pk, "overturn", "I say so.")


@pytest.mark.parametrize(("voice", "reason"), [("perhaps", "Hm"), ("uphold", ""), ("uphold", "x" * 601)])
def test_an_answer_that_says_too_little_is_refused(cast: Cast, willing: list[Member], voice: str, reason: str) -> None:
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "Why?")
    with pytest.raises(BadRequest):
        answer(panel_of(appeal)[0], appeal.pk, voice, reason)


def test_a_panel_reads_what_it_needs_and_neither_who_reported_nor_who_decided(
    cast: Cast, willing: list[Member]
) -> None:
    _, decision = decided(cast)
    appeal = appeal_against(cast.alice, decision.number, "I meant his soup.")
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(panel_of(appeal)[0])
    page = client.get(f"/appeals/{appeal.pk}/").content.decode()
    for said in ("Bob cannot cook", "It belittles.", "I meant his soup."):
        assert said in page
    for name in ("Mo<", "Alice", "reported by"):
        assert name not in page
    client.post(f"/appeals/{appeal.pk}/", {"voice": "uphold", "reason": "It hurts."})
    assert Seat.objects.get(voice="uphold").reason == "It hurts."


def test_who_is_suspended_appeals_by_the_link_in_their_letter(cast: Cast, willing: list[Member], mail: Any) -> None:
    _, decision = decided(cast, "suspend")
    do_waiting_tasks()
    letter = mail.letter_to(cast.alice.email)
    assert letter["subject"] == "Your account is suspended"
    link = address_of_letter(decision.number)
    body = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert link in body
    assert "It belittles." in body

    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    path = link.removeprefix("http://127.0.0.1:8000")
    assert "Ask for a decision" in client.get(path).content.decode()
    assert not Appeal.objects.exists()
    client.post(path, {"words": "It was a joke."})
    assert "being heard" in client.get(path).content.decode()
    for member in panel_of(Appeal.objects.get())[:2]:
        answer(member, Appeal.objects.get().pk, "overturn", "A joke indeed.")
    cast.alice.refresh_from_db()
    assert cast.alice.suspended_until is None
    assert "A joke indeed." in client.get(path).content.decode()


@pytest.mark.parametrize("token", ["1.abc", "x", "999.Zm9v"])
def test_a_link_that_we_did_not_make_opens_nothing(cast: Cast, token: str) -> None:
    decided(cast)
    assert Client(headers={"host": "localhost"}).get(f"/appeals/by-letter/{token}/").status_code == 404


def test_the_lot_brings_lived_experience_and_different_professions() -> None:
    midwives = [Candidate(number, "Midwife", "St Example's") for number in range(1, 8)]
    others = [Candidate(8, "", "Mothers' voices", True), Candidate(9, "Dietitian", "Lea Valley")]
    for seed in range(50):
        drawn = draw([*midwives, *others], [], 3, Random(seed))
        assert {8, 9} < {candidate.member for candidate in drawn}


def test_the_lot_is_fair_among_equals() -> None:
    equals = [Candidate(number, "Midwife", "St Example's") for number in range(10)]
    times = dict.fromkeys(range(10), 0)
    for seed in range(2000):
        for candidate in draw(equals, [], 3, Random(seed)):
            times[candidate.member] += 1
    assert all(500 < count < 700 for count in times.values()), times


def test_lived_experience_is_known_by_the_kind_of_organisation(cast: Cast) -> None:
    voices = Organisation.objects.create(name="Voices", short_name="Voices", kind=Organisation.Kind.LIVED_EXPERIENCE)
    rosa = person("rosa", organisation=voices)
    for member in (rosa, cast.lena, *(person(handle, profession="Midwife") for handle in ("ines", "jo", "kim"))):
        offer_to_hear(member, on=True)
    _, decision = decided(cast)
    assert {rosa, cast.lena} < set(panel_of(appeal_against(cast.alice, decision.number, "Why?")))
