"""The house rules: versions that stay, proposals that all can speak to, and who has read which."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from members.community.actions import About, about_community, change_community
from members.community.facts import MEMORY
from members.community.proposals import OneAtATime, answer_proposal, end_of_working_days, propose_rules, take_stance
from members.community.rules import RulesMovedOn, add_version, differences, rules_at, rules_in_force
from members.models import Member, RulesProposal, RulesVersion, Stance
from members.newcomers import newcomer, store
from members.refusals import BadRequest, NotAllowed
from notifications.actions import notices_for
from notifications.models import Notice
from tests.cast import Cast, person
from tests.members.test_community import FORM, stranger
from tests.rooms.test_pages import browser, text_of

OLD = "Be kind.\n\n- No patients.\n- Ask before you quote."
NEW = "Be kind.\n\n- No patients, and no pictures of them.\n- Ask before you quote."


@pytest.fixture
def boss(cast: Cast) -> Member:
    change_community(
        ada := person("ada", role=Member.Role.ADMINISTRATOR), About("Cooks", rules=OLD, time_zone="Europe/London")
    )
    MEMORY.forget()
    return ada


def proposed(cast: Cast) -> RulesProposal:
    return propose_rules(cast.bob, NEW, "Somebody posted a picture.", after=1)


def closed(proposal: RulesProposal) -> RulesProposal:
    RulesProposal.objects.filter(pk=proposal.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    return proposal


# Versions ---------------------------------------------------------------------------------------------------------------


def test_other_rules_on_the_page_of_the_community_are_a_version_with_a_reason(cast: Cast, boss: Member) -> None:
    client = browser(boss)
    typed = {**FORM, "rules": NEW, "rules_number": "1", "rules_reason": ""}
    assert client.post("/community/", typed).status_code == 400
    assert rules_in_force() == RulesVersion.objects.get(number=1)
    assert client.post("/community/", {**typed, "rules_reason": "A picture was posted."}).status_code == 302

    version = rules_in_force()
    assert version
    assert (version.number, version.text, version.why) == (2, NEW, "A picture was posted.")
    assert version.role == "administrator"
    assert about_community().rules == NEW
    assert client.post("/community/", {**typed, "rules_number": "2"}).status_code == 302
    assert RulesVersion.objects.count() == 2


def test_of_two_administrators_who_change_the_same_version_the_second_is_told(cast: Cast, boss: Member) -> None:
    add_version(NEW, "Pictures.", role="administrator", after=1)
    typed = {**FORM, "rules": "Be cruel.", "rules_number": "1", "rules_reason": "Why not"}
    answer = browser(boss).post("/community/", typed)
    page = answer.content.decode()
    assert (answer.status_code, "Be cruel." in page, 'name="rules_number" value="2"' in page) == (409, True, True)
    with pytest.raises(RulesMovedOn):
        add_version("Be cruel.", "Why not", role="administrator", after=1)
    with pytest.raises(RulesMovedOn):
        add_version("Be cruel.", "Why not", role="administrator", after=7)
    assert [each.text for each in RulesVersion.objects.order_by("number")] == [OLD, NEW]


def test_a_version_is_never_changed(cast: Cast, boss: Member) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        RulesVersion.objects.update(text="Be cruel.")
    with pytest.raises(BadRequest):
        add_version("  \n", "No rules, no trouble.", role="administrator", after=1)
    assert RulesVersion.objects.get().text == OLD


def test_everybody_reads_what_changed_and_older_versions(cast: Cast, boss: Member) -> None:
    add_version(NEW, "Pictures.", role="administrator", after=1)
    page = text_of(stranger(), "/rules/2/")
    assert '<ins dir="auto">- No patients, and no pictures of them.</ins>' in page
    assert '<del dir="auto">- No patients.</del>' in page
    assert "Not in force any more" in text_of(stranger(), "/rules/1/")
    assert stranger().get("/rules/3/").status_code == 404
    assert "and no pictures" in text_of(stranger(), "/rules/")


def test_a_decision_can_be_read_with_the_rules_of_its_day(cast: Cast, boss: Member) -> None:
    first = RulesVersion.objects.get()
    second = add_version(NEW, "Pictures.", role="administrator", after=1)
    assert rules_at(first.from_at - timedelta(seconds=1)) is None
    assert rules_at(second.from_at - timedelta(microseconds=1)) == first
    assert rules_at(second.from_at) == second


def test_a_comparison_leaves_out_what_stays_far_away() -> None:
    before = "\n".join(f"Rule {number}" for number in range(9))
    lines = differences(before, before.replace("Rule 4", "Rule four"))
    assert [(line.kind, line.words) for line in lines] == [
        ("gap", ""),
        ("kept", "Rule 3"),
        ("removed", "Rule 4"),
        ("added", "Rule four"),
        ("kept", "Rule 5"),
        ("gap", ""),
    ]
    assert differences("a\n\nb", "a\nb") == []


# Who has read which -----------------------------------------------------------------------------------------------------


def test_who_joins_agrees_to_the_version_in_force(cast: Cast, boss: Member) -> None:
    nora = newcomer("nora@example.org", "Nora", "")
    store(nora)
    nora.refresh_from_db()
    assert (nora.rules_agreed, nora.rules_seen) == (1, 1)


def test_members_are_told_once_that_the_rules_have_changed(cast: Cast, boss: Member) -> None:
    client = browser(cast.bob)
    add_version(NEW, "Pictures.", role="administrator", after=1)
    MEMORY.forget()
    assert "The house rules have changed" in text_of(client, "/")
    client.post("/rules/read", {"number": "9"})
    assert "The house rules have changed" not in text_of(client, "/")
    cast.bob.refresh_from_db()
    assert (cast.bob.rules_agreed, cast.bob.rules_seen) == (0, 2)
    client.post("/rules/read", {"number": "1"})
    cast.bob.refresh_from_db()
    assert cast.bob.rules_seen == 2


# Proposals --------------------------------------------------------------------------------------------------------------


def test_a_proposal_is_open_for_five_whole_working_days(boss: Member) -> None:
    assert end_of_working_days(datetime(2026, 11, 30, 9, tzinfo=UTC)) == datetime(2026, 12, 8, tzinfo=UTC)  # a Monday
    assert end_of_working_days(datetime(2026, 12, 5, 9, tzinfo=UTC)) == datetime(2026, 12, 12, tzinfo=UTC)  # a Saturday


def test_everybody_hears_of_a_proposal_and_says_what_they_think(cast: Cast, boss: Member) -> None:
    proposal = proposed(cast)
    told = Notice.objects.filter(kind=Notice.Kind.PROPOSAL).values_list("member", flat=True)
    assert set(told) == {boss.pk, cast.alice.pk, cast.lena.pk, cast.mo.pk, cast.charlie.pk}
    assert f"/rules/proposals/{proposal.pk}/" in text_of(browser(cast.charlie), "/notices/")

    charlie = browser(cast.charlie)
    page = f"/rules/proposals/{proposal.pk}/"
    assert charlie.post(f"{page}stance", {"kind": "object", "words": " "}).status_code == 400
    charlie.post(f"{page}stance", {"kind": "object", "words": "I take pictures of soup."})
    charlie.post(f"{page}stance", {"kind": "concern", "words": "Soup is no patient."})
    browser(cast.alice).post(f"{page}stance", {"kind": "agree"})
    shown = text_of(browser(cast.lena), page)
    assert "Agree: <b>1</b> · Have a concern: <b>1</b> · Object: <b>0</b>" in shown
    assert "Charlie" in shown
    assert "Soup is no patient." in shown
    assert "I take pictures" not in shown


def test_a_proposal_is_for_members_alone(cast: Cast, boss: Member) -> None:
    proposal = proposed(cast)
    answer = stranger().get(f"/rules/proposals/{proposal.pk}/")
    assert answer.headers["Location"].startswith("/sign-in/")
    assert "Somebody posted a picture." not in text_of(stranger(), "/rules/")
    assert "Somebody posted a picture." in text_of(browser(cast.charlie), "/rules/")


@pytest.mark.parametrize(
    "standing",
    [
        {"suspended_until": timezone.now() + timedelta(days=9)},
        {"silenced_until": timezone.now() + timedelta(days=9)},
        {"restricted_at": timezone.now()},
    ],
)
def test_who_may_not_write_proposes_nothing_and_has_no_say(
    cast: Cast, boss: Member, standing: dict[str, datetime]
) -> None:
    proposal = proposed(cast)
    for field, value in standing.items():
        setattr(cast.alice, field, value)
    cast.alice.save()
    with pytest.raises(NotAllowed):
        propose_rules(cast.alice, "Be cruel.", "Why not", after=1)
    with pytest.raises(NotAllowed):
        take_stance(cast.alice, proposal.pk, "agree", "")
    assert not Stance.objects.exists()


def test_what_cannot_be_proposed_comes_back(cast: Cast, boss: Member) -> None:
    for text, why in ((OLD, "Nothing new."), ("", "None."), (NEW, " "), ("x" * 10_001, "Long.")):
        answer = browser(cast.bob).post("/rules/propose/", {"text": text, "why": why, "number": "1"})
        assert (answer.status_code, why in answer.content.decode()) == (400, True)
    proposed(cast)
    with pytest.raises(OneAtATime):
        proposed(cast)
    assert RulesProposal.objects.count() == 1


def test_nothing_is_decided_while_it_is_open_and_nothing_said_once_it_is_closed(cast: Cast, boss: Member) -> None:
    proposal = proposed(cast)
    with pytest.raises(NotAllowed):
        answer_proposal(boss, proposal.pk, accept=True, answer="Good.", to_objections="", after=1)
    closed(proposal)
    with pytest.raises(NotAllowed):
        take_stance(cast.alice, proposal.pk, "agree", "")
    with pytest.raises(NotAllowed):
        answer_proposal(cast.mo, proposal.pk, accept=True, answer="Good.", to_objections="", after=1)
    assert RulesVersion.objects.count() == 1


def test_an_objection_does_not_block_but_is_answered(cast: Cast, boss: Member) -> None:
    proposal = proposed(cast)
    take_stance(cast.charlie, proposal.pk, "object", "I take pictures of soup.")
    closed(proposal)
    page, client = f"/rules/proposals/{proposal.pk}/", browser(boss)
    answer = {"on": "1", "answer": "A picture can be recognised.", "number": "1"}
    refused = client.post(f"{page}answer", answer)
    assert (refused.status_code, "A picture can be recognised." in refused.content.decode()) == (400, True)
    assert client.post(f"{page}answer", {**answer, "to_objections": "Soup stays."}).status_code == 302

    version = rules_in_force()
    assert version
    assert (version.number, version.text, version.proposal) == (2, NEW, proposal)
    shown = text_of(browser(cast.charlie), page)
    assert "A picture can be recognised." in shown
    assert "Soup stays." in shown
    assert client.post(f"{page}answer", {**answer, "to_objections": "Again."}).status_code == 403


def test_what_is_not_put_into_force_changes_nothing_but_says_why(cast: Cast, boss: Member) -> None:
    proposal = closed(proposed(cast))
    answer_proposal(boss, proposal.pk, accept=False, answer="Too narrow.", to_objections="", after=1)
    assert RulesVersion.objects.count() == 1
    assert "Too narrow." in text_of(browser(cast.bob), f"/rules/proposals/{proposal.pk}/")
    assert proposed(cast).pk != proposal.pk


def test_a_proposal_does_not_undo_unseen_what_came_between(cast: Cast, boss: Member) -> None:
    proposal = closed(proposed(cast))
    add_version(f"{OLD}\n- Wash your hands.", "Hands.", role="administrator", after=1)
    with pytest.raises(RulesMovedOn):
        answer_proposal(boss, proposal.pk, accept=True, answer="Good.", to_objections="", after=1)
    proposal.refresh_from_db()
    assert proposal.answered_at is None
    page = text_of(browser(boss), f"/rules/proposals/{proposal.pk}/")
    assert "The house rules have changed since this was proposed." in page
    assert '<del dir="auto">- Wash your hands.</del>' in page


def test_a_notice_of_a_proposal_stands_for_whoever_got_it(cast: Cast, boss: Member) -> None:
    proposed(cast)
    assert notices_for(cast.charlie).count() == 1
    assert notices_for(cast.bob).count() == 0
