"""A working group's life: started, led for a term, handed over, closed and opened again; and its own page."""

from datetime import date, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from rooms.actions.groups import Charter, begin_membership, close_group, join_group, start_group
from rooms.actions.memberships import add_member, ask_to_join, change_role, hand_over, lead_another_term
from rooms.actions.messages import set_reaction
from rooms.actions.rooms import open_room
from rooms.commands import SetReaction
from rooms.models import Membership, Room, WorkingGroup
from rooms.sidebar import sidebar_for
from rooms.terms import months_after
from tests.cast import Cast, person
from tests.rooms.test_memberships import CHARTER
from tests.rooms.test_pages import browser, text_of
from tests.speaking import Tab, edits, posts, removes


def leading(member: Member) -> Membership:
    return Membership.objects.get(member=member, role=Membership.Role.LEADER)


def ends(member: Member, day: date | None) -> None:
    Membership.objects.filter(member=member).update(leads_until=day)


# Starting ---------------------------------------------------------------------------------------------------------------


def test_a_moderator_starts_a_group_and_leads_it(cast: Cast) -> None:
    mo = browser(cast.mo)
    assert "Start a group" in text_of(mo, "/groups/")
    choir = CHARTER | {"name": "Choir", "kind": "private", "history": "from_joining", "term_months": "6"}
    page = mo.post("/groups/new", choir, follow=True).content.decode()
    assert "Choir" in page
    group = WorkingGroup.objects.get(name="Choir")
    assert (group.slug, group.kind, group.history, group.term_months) == ("choir", "private", "from_joining", 6)
    assert leading(cast.mo).leads_until == months_after(timezone.localdate(), 6)


def test_whoever_is_named_leads_and_the_starter_stays_outside(cast: Cast) -> None:
    answer = browser(cast.mo).post("/groups/new", CHARTER | {"kind": "private", "leader": "@Charlie"}, follow=True)
    assert answer.status_code == 200
    assert list(Membership.objects.filter(group__name="Kitchen").values_list("member", "role")) == [
        (cast.charlie.pk, "leader")
    ]
    assert "named you a leader of" in text_of(browser(cast.charlie), "/notices/")


def test_a_member_starts_none_and_is_told_whom_to_ask(cast: Cast) -> None:
    assert "Moderators start them" in text_of(browser(cast.lena), "/groups/")
    with pytest.raises(NotAllowed, match="Moderators start"):
        start_group(cast.lena, Charter("Choir", "To sing"))
    assert WorkingGroup.objects.count() == 1


def test_what_is_missing_in_a_new_group_is_said_and_the_words_come_back(cast: Cast) -> None:
    for wrong in ({"leader": "@nobody"}, {"name": "Workshop"}, {"history": ""}):
        answer = browser(cast.mo).post("/groups/new", CHARTER | wrong)
        assert (answer.status_code, b"To sing" in answer.content) == (400, True)
    assert WorkingGroup.objects.count() == 1


# Closing ----------------------------------------------------------------------------------------------------------------


def test_a_closed_group_is_read_and_not_written_in(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    browser(cast.lena).post(f"/groups/{cast.workshop.pk}/close", {"on": "1"})
    alice = browser(cast.alice)
    assert "Soup" in text_of(alice, f"/rooms/{cast.supper.pk}/")
    assert "This group is closed" in text_of(alice, f"/rooms/{cast.supper.pk}/")
    for write in (
        lambda: posts(cast.alice, cast.supper, "Bread"),
        lambda: posts(cast.mo, cast.supper, "Bread"),
        lambda: edits(cast.alice, soup, "Stew"),
        lambda: set_reaction(cast.bob, SetReaction(soup.pk, "thanks", on=True)),
        lambda: open_room(cast.alice, cast.workshop.pk, name="Tea"),
        lambda: join_group(cast.charlie, cast.workshop.pk),
        lambda: ask_to_join(cast.charlie, cast.workshop.pk, ""),
    ):
        with pytest.raises(NotAllowed, match="closed"):
            write()
    removes(cast.alice, soup)  # One's own words one may always take back.


def test_a_closed_group_is_out_of_the_way(cast: Cast) -> None:
    close_group(cast.lena, cast.workshop.pk, on=True)
    assert sidebar_for(cast.alice) == []
    assert "Workshop" in text_of(browser(cast.alice), "/groups/").split("<h2>Closed</h2>")[1]
    assert "Workshop" not in text_of(browser(cast.charlie), "/groups/")
    assert "Supper" in text_of(browser(cast.alice), f"/groups/{cast.workshop.pk}/")


def test_a_group_is_opened_again(cast: Cast) -> None:
    close_group(cast.lena, cast.workshop.pk, on=True)
    assert "Open it again" not in text_of(browser(cast.alice), f"/groups/{cast.workshop.pk}/")
    assert "Open it again" in text_of(browser(cast.lena), f"/groups/{cast.workshop.pk}/")
    close_group(cast.lena, cast.workshop.pk, on=False)
    posts(cast.alice, cast.supper, "Soup")


@pytest.mark.django_db(transaction=True)
async def test_open_pages_of_every_room_are_told_at_once_and_no_second_time(live_cast: Cast) -> None:
    close, bread = (
        sync_to_async(close_group),
        await sync_to_async(open_room)(live_cast.lena, live_cast.workshop.pk, name="Bread"),
    )
    async with Tab(live_cast.bob) as bob:
        for room in (live_cast.supper, bread):
            await bob.opens(room)
        for version, on in ((1, True), (2, False)):
            for _ in range(2):
                await close(live_cast.lena, live_cast.workshop.pk, on=on)
            for room in (live_cast.supper, bread):
                await bob.hears("room.changed", room=room.pk, closed=on, version=version)
    assert [pair async for pair in Room.objects.values_list("version", "changed_version")] == [(2, 2)] * 2


def test_a_member_closes_no_group(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        close_group(cast.alice, cast.workshop.pk, on=True)
    with pytest.raises(NotHere):
        close_group(cast.charlie, cast.workshop.pk, on=True)


# Terms ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 24, date(2028, 12, 31)),
    ],
)
def test_a_term_ends_on_the_same_day_of_a_later_month(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


def test_who_is_named_leads_for_the_term_of_the_group(cast: Cast) -> None:
    change_role(cast.lena, cast.workshop.pk, cast.bob.pk, lead=True)
    until = months_after(timezone.localdate(), 12)
    assert leading(cast.bob).leads_until == until
    assert f"until {until:%-d %B %Y}" in text_of(browser(cast.alice), f"/groups/{cast.workshop.pk}/")
    change_role(cast.bob, cast.workshop.pk, cast.bob.pk, lead=False)
    WorkingGroup.objects.update(term_months=0)
    change_role(cast.lena, cast.workshop.pk, cast.bob.pk, lead=True)
    assert leading(cast.bob).leads_until is None


@pytest.mark.parametrize(("days", "asked"), [(-3, "Your term as a leader ended"), (10, "Your term as a leader ends")])
def test_a_leader_is_asked_near_the_end_of_their_term_and_nobody_else(cast: Cast, days: int, asked: str) -> None:
    ends(cast.lena, timezone.localdate() + timedelta(days=days))
    page = f"/groups/{cast.workshop.pk}/"
    assert asked in text_of(browser(cast.lena), page)
    for other in (cast.alice, cast.mo):
        assert "Your term" not in text_of(browser(other), page)
    browser(cast.lena).post(f"{page}another-term")
    assert "Your term" not in text_of(browser(cast.lena), page)


def test_a_term_that_is_over_takes_nothing_away(cast: Cast) -> None:
    ends(cast.lena, timezone.localdate() - timedelta(days=400))
    assert "not yet handed over" in text_of(browser(cast.alice), f"/groups/{cast.workshop.pk}/")
    change_role(cast.lena, cast.workshop.pk, cast.bob.pk, lead=True)


def test_handing_over_names_the_next_and_steps_down_at_once(cast: Cast) -> None:
    assert "Hand over and step down" in text_of(browser(cast.lena), f"/groups/{cast.workshop.pk}/members/?find=bob")
    browser(cast.lena).post(f"/groups/{cast.workshop.pk}/members/{cast.bob.pk}/hand-over")
    assert list(Membership.objects.filter(role="leader").values_list("member", flat=True)) == [cast.bob.pk]
    assert Membership.objects.get(member=cast.lena).leads_until is None
    assert leading(cast.bob).leads_until
    assert "named you a leader of" in text_of(browser(cast.bob), "/notices/")


def test_only_a_leader_hands_over_and_only_to_another_member(cast: Cast) -> None:
    for other in (cast.alice, cast.mo):
        with pytest.raises(NotAllowed):
            hand_over(other, cast.workshop.pk, cast.bob.pk)
        with pytest.raises(NotAllowed):
            lead_another_term(other, cast.workshop.pk)
    with pytest.raises(NotHere):
        hand_over(cast.lena, cast.workshop.pk, cast.charlie.pk)
    with pytest.raises(NotAllowed):
        hand_over(cast.lena, cast.workshop.pk, cast.lena.pk)
    assert leading(cast.lena).member == cast.lena


# The group's own page ---------------------------------------------------------------------------------------------------


def test_members_see_who_is_here_by_organisation_and_profession(cast: Cast) -> None:
    page = text_of(browser(cast.bob), f"/groups/{cast.workshop.pk}/")
    organisation = cast.alice.organisation_id
    assert f"?group={cast.workshop.pk}&amp;organisation={organisation}" in page
    assert f"?group={cast.workshop.pk}&amp;profession={cast.bob.profession_id}" in page
    found = text_of(browser(cast.bob), f"/members/?group={cast.workshop.pk}&organisation={organisation}")
    assert "Alice" in found
    assert "Lena" not in found


def test_outsiders_see_what_it_is_for_who_leads_and_how_one_joins(cast: Cast) -> None:
    page = text_of(browser(cast.charlie), f"/groups/{cast.workshop.pk}/")
    assert all(words in page for words in ("Where the stories happen.", "Lena", "Open: join at will", "ever said"))
    assert not any(words in page for words in ("Supper", "Alice", "Who is here", "St Example"))


@pytest.mark.parametrize("count", [1, 60])
def test_the_page_of_a_group_costs_the_same_for_few_and_many(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        begin_membership(person(f"quiet-{number}"), cast.workshop, "leader" if number % 2 else "member")
    Room.objects.bulk_create([Room(group=cast.workshop, name=f"Room {number}") for number in range(count)])
    client = browser(cast.lena)
    with django_assert_max_num_queries(14):
        client.get(f"/groups/{cast.workshop.pk}/")


def test_nobody_is_added_twice(cast: Cast) -> None:
    first = Membership.objects.get(member=cast.bob)
    assert add_member(cast.lena, cast.workshop.pk, "@bob") == first
    with pytest.raises(BadRequest):
        add_member(cast.lena, cast.workshop.pk, "@nobody")
