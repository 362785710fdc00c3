"""The moderators' home: what waits, who looks first; and the figures that everybody sees."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from members.models import CommunityRequest, Complaint, Member
from members.refusals import BadRequest, NotAllowed
from moderation.actions import Subject, file_report
from moderation.figures import (
    FEW,
    NOT_SAID,
    figures_of_appeals,
    figures_of_cases,
    figures_of_posts,
    lasting,
    months_shown,
)
from moderation.home import piles_for
from moderation.models import Appeal, Decision, WeekOfFirstLooks
from moderation.rota import look_first, mondays, weeks_for
from moderation.slips.flagging import flag_patient
from rooms.models import HeldPost
from tests.cast import Cast, person
from tests.moderation.test_pages import asks, reads
from tests.speaking import posts


def piles_of(member: Member) -> dict[str, int]:
    return {pile.words: pile.count for pile in piles_for(member)}


def bring_one_of_each(cast: Cast) -> None:
    """A report, a flagged message, a post that waits, somebody who asks to join, a complaint, an appeal without a panel."""
    message = posts(cast.alice, cast.supper, "Bob cannot cook")
    file_report(cast.bob, Subject("message", message.pk), "unkind")
    flag_patient(cast.bob, posts(cast.alice, cast.supper, "Jane of ward 4").pk)
    HeldPost.objects.create(
        room=cast.supper, author=cast.alice, client_id="6f9b2c1e-0000-4000-8000-000000000001", text="Soup", code="held"
    )
    CommunityRequest.objects.create(address="new@example.org", name="New")
    Complaint.objects.create(words="My data", due_at=timezone.now() + timedelta(days=3))
    Appeal.objects.create(decision=Decision.objects.latest("number"), words="Why?")


def test_the_home_says_what_waits_and_complaints_to_administrators_alone(cast: Cast) -> None:
    bring_one_of_each(cast)
    both = {
        "Patient slips": 1,
        "Cases": 2,
        "Posts that wait for a look": 1,
        "People who ask to join": 1,
        "Appeals that lack people to hear them": 1,
    }
    assert piles_of(cast.mo) == both
    ada = person("ada", role=Member.Role.ADMINISTRATOR)
    assert piles_of(ada) == {**both, "Complaints about data": 1}
    page = reads(cast.mo, "/moderation/")
    for words in both:
        assert words in page
    assert "Complaints about data" not in page
    assert 'href="/moderation/rota/"' in page


def test_who_is_concerned_does_not_see_it_wait(cast: Cast) -> None:
    message = posts(cast.mo, cast.supper, "Bob cannot cook")
    file_report(cast.bob, Subject("message", message.pk), "unkind")
    assert piles_of(cast.mo) == {}
    assert piles_of(cast.bob) == {}


def test_a_slip_that_is_over_its_time_says_so(cast: Cast) -> None:
    slip = flag_patient(cast.bob, posts(cast.alice, cast.supper, "Jane of ward 4").pk)
    type(slip).objects.update(flagged_at=timezone.now() - timedelta(days=4))
    assert piles_for(cast.mo)[0].is_late
    assert "was due" in reads(cast.mo, "/moderation/")


def test_every_page_of_moderators_has_the_same_ways_and_the_menu_one(cast: Cast) -> None:
    for address in ("", "?closed=1", "waiting/", "decisions/", "words/", "figures/", "rota/"):
        page = reads(cast.mo, f"/moderation/{address}")
        assert page.count('aria-current="page"') == 1, address
        for place in ("/moderation/waiting/", "/patient-slips/", "/moderation/words/", "/record/"):
            assert f'href="{place}"' in page, (address, place)
    menu = reads(cast.mo, "/groups/")
    assert 'href="/moderation/"' in menu
    assert "/patient-slips/" not in menu
    assert 'aria-label="Moderation"' not in reads(cast.bob, "/record/")


# --- The rota ---


def test_moderators_put_themselves_down_and_the_home_says_who_looks_first(cast: Cast) -> None:
    this, following, *_ = mondays(timezone.localdate())
    assert "Nobody is down to look first this week." in reads(cast.mo, "/moderation/")
    answer = asks(cast.mo, "/moderation/rota/", {"week": [this.isoformat(), following.isoformat()]})
    assert answer.status_code == 302
    page = reads(cast.mo, "/moderation/")
    assert 'This week <b dir="auto">Mo</b> looks first.' in page
    empty = page.partition("Weeks with nobody yet: ")[2].partition(".<")[0]
    assert empty == ", ".join(f"{monday:%-d %B}" for monday in mondays(timezone.localdate())[2:4])
    look_first(cast.mo, [following])
    assert [week.is_mine for week in weeks_for(cast.mo)[:3]] == [False, True, False]
    assert weeks_for(person("ola", role=Member.Role.MODERATOR))[1].names == ["Mo"]


def test_who_moderates_no_more_is_on_no_rota_and_past_weeks_are_forgotten(cast: Cast) -> None:
    this = mondays(timezone.localdate())[0]
    WeekOfFirstLooks.objects.create(member=cast.mo, monday=this - timedelta(days=7))
    look_first(cast.mo, [this])
    assert WeekOfFirstLooks.objects.get().monday == this
    Member.objects.filter(pk=cast.mo.pk).update(role=Member.Role.MEMBER)
    assert weeks_for(person("ola", role=Member.Role.MODERATOR))[0].names == []


def test_only_moderators_are_down_and_only_for_weeks_that_are_shown(cast: Cast) -> None:
    this = mondays(timezone.localdate())[0]
    with pytest.raises(NotAllowed):
        look_first(cast.bob, [this])
    for other in (this + timedelta(days=1), this - timedelta(days=7)):
        with pytest.raises(BadRequest):
            look_first(cast.mo, [other])
    assert asks(cast.mo, "/moderation/rota/", {"week": "soon"}).status_code == 400
    assert not WeekOfFirstLooks.objects.exists()


# --- Figures ---

OCTOBER = date(2026, 10, 1)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


def test_a_month_is_shown_once_the_record_shows_all_of_it() -> None:
    assert months_shown(datetime(2026, 11, 8, 12, tzinfo=UTC))[0] == date(2026, 9, 1)
    assert months_shown(datetime(2026, 11, 9, 12, tzinfo=UTC))[:2] == [OCTOBER, date(2026, 9, 1)]


def test_cases_by_month_with_the_median_time_to_the_first_look() -> None:
    looked = [(at(day), at(day, 12 + hours), None) for day, hours in ((1, 2), (2, 3), (3, 9))]
    opened_again = (at(20), at(4), at(21))
    before = (at(1) - timedelta(days=30), None, at(9))
    said = {each.words: each.value for each in figures_of_cases(OCTOBER, [*looked, opened_again, before])}
    assert said == {"Cases opened": "4", "Cases closed": FEW, "Median time to the first look": "3 hours"}
    assert figures_of_cases(OCTOBER, looked[:2])[-1].value == NOT_SAID


def test_no_single_appeal_can_be_worked_out() -> None:
    def said(**outcomes: int) -> list[str]:
        rows = [(at(5), outcome.replace("waits", "")) for outcome, times in outcomes.items() for _ in range(times)]
        return [figure.value for figure in figures_of_appeals(OCTOBER, rows)]

    assert said(upheld=4, overturned=3) == ["7", "4", "3"]
    assert said(upheld=4, overturned=1) == ["5", NOT_SAID, NOT_SAID]
    assert said(upheld=4, waits=1) == ["5", NOT_SAID, NOT_SAID]
    assert said(upheld=1) == [FEW, NOT_SAID, NOT_SAID]
    assert said() == ["none", "none", "none"]


def test_posts_that_waited() -> None:
    said = [figure.value for figure in figures_of_posts(["posted"] * 5 + ["declined"] * 3)]
    assert said == ["8", "5", "3", "none"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "under a minute"), (60, "1 minute"), (7_000, "117 minutes"), (7_200, "2 hours"), (200_000, "2 days")],
)
def test_a_time_is_said_coarsely(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


def test_every_member_reads_the_figures_and_finds_nobody(cast: Cast) -> None:
    bring_one_of_each(cast)
    page = reads(cast.charlie, "/moderation/figures/")
    assert page.count("<summary>") > 10
    for name in ("Alice", "Bob", ">Mo<"):
        assert name not in page
