"""Many messages in one act: a raid is cleared at once, taken back at once, and beyond twenty two moderators are needed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.limits import Allowance, Limits
from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation import screens
from moderation.actions import Order, Subject, file_report
from moderation.many import UNDONE_WITHIN, answer_many, hide_many, plan_for, undo_many
from moderation.models import Decision, HidingMany
from notifications.models import Notice
from rooms.actions.direct import open_direct
from rooms.models import Message, Room, WorkingGroup
from tests.cast import Cast, person
from tests.moderation.test_pages import asks, reads
from tests.speaking import posts

ADVERT = Order("hide", "advert", "The same advertisement many times.")


@pytest.fixture(autouse=True)
def nobody_writes_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "posting", Limits(Allowance(10_000, 60)))


def raid(cast: Cast, number: int) -> list[int]:
    """Alice and Bob advertise in turn, in two rooms."""
    tea = Room.objects.create(group=cast.workshop, name="Tea")
    places = (cast.supper, tea)
    return [posts((cast.alice, cast.bob)[each % 2], places[each % 2], f"Buy {each}").pk for each in range(number)]


def hidden() -> int:
    return Message.objects.exclude(hidden_at=None).count()


def test_several_are_chosen_looked_over_hidden_and_shown_again(cast: Cast) -> None:
    messages = raid(cast, 4)
    page = reads(cast.mo, f"/moderation/members/{cast.alice.pk}/")
    assert f'value="{messages[0]}"' in page
    assert f'value="{messages[1]}"' not in page
    looked_over = asks(cast.mo, "/moderation/many/", {"message": messages})
    assert b"This hides 4 messages by 2 people" in looked_over.content
    assert hidden() == 0
    form = {"message": messages, "ground": "advert", "reason": "An advertisement.", "step": "do"}
    done = asks(cast.mo, "/moderation/many/", form)
    assert hidden() == 4
    assert "Show them all again" in reads(cast.mo, done["Location"])
    assert asks(cast.mo, f"{done['Location']}undo", {}).status_code == 302
    assert hidden() == 0
    assert list(Decision.objects.order_by("number").values_list("act", flat=True)) == ["hide"] * 4 + ["restore"] * 4
    assert list(Decision.objects.filter(act="restore").order_by("number").values_list("undoes", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
    call_command("verify_record")


def test_each_author_hears_of_it_once(cast: Cast) -> None:
    hide_many(cast.mo, raid(cast, 6), ADVERT)
    told = Notice.objects.filter(kind="decision")
    assert sorted(told.values_list("member__handle", flat=True)) == ["alice", "bob"]
    page = reads(cast.alice, f"/decisions/{told.get(member=cast.alice).decision_id}/")
    assert [f"Buy {number}" in page for number in range(6)] == [True, False] * 3


def test_what_was_reported_is_settled_with_it(cast: Cast) -> None:
    messages = raid(cast, 2)
    case = file_report(cast.lena, Subject("message", messages[0]), "advert").case
    hide_many(cast.mo, messages, ADVERT)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "acted")


def test_more_than_twenty_need_a_second_moderator(cast: Cast) -> None:
    ola = person("ola", role="moderator")
    many = hide_many(cast.mo, raid(cast, 21), ADVERT)
    assert hidden() == 0
    assert "Another moderator has to agree" in reads(ola, "/moderation/")
    with pytest.raises(NotAllowed, match="Another moderator"):
        answer_many(cast.mo, many.pk, agree=True)
    with pytest.raises(NotAllowed, match="Only moderators"):
        answer_many(cast.bob, many.pk, agree=True)
    assert asks(ola, f"/moderation/many/{many.pk}/agree", {}).status_code == 302
    assert hidden() == 21
    with pytest.raises(NotHere):
        answer_many(ola, many.pk, agree=True)


def test_what_the_second_moderator_declines_does_not_happen(cast: Cast) -> None:
    many = hide_many(cast.mo, raid(cast, 21), ADVERT)
    answer_many(person("ola", role="moderator"), many.pk, agree=False)
    assert hidden() == 0
    assert not Decision.objects.exists()


def test_who_is_no_moderator_any_more_asked_in_vain(cast: Cast) -> None:
    many = hide_many(cast.mo, raid(cast, 21), ADVERT)
    Member.objects.filter(pk=cast.mo.pk).update(role=Member.Role.MEMBER)
    with pytest.raises(NotAllowed, match="not a moderator any more"):
        answer_many(person("ola", role="moderator"), many.pk, agree=True)
    assert hidden() == 0


def test_after_ten_minutes_it_is_taken_back_one_by_one(cast: Cast) -> None:
    many = hide_many(cast.mo, raid(cast, 2), ADVERT)
    HidingMany.objects.update(done_at=timezone.now() - UNDONE_WITHIN - timedelta(seconds=1))
    with pytest.raises(NotAllowed, match="ten minutes"):
        undo_many(cast.mo, many.pk)


def test_what_was_taken_back_alone_is_not_taken_back_again(cast: Cast) -> None:
    messages = raid(cast, 3)
    many = hide_many(cast.mo, messages, ADVERT)
    asks(cast.mo, "/moderation/decisions/1/undo", {"reason": "That one was a recipe."})
    undo_many(cast.mo, many.pk)
    assert Decision.objects.filter(act="restore").count() == 3
    with pytest.raises(NotAllowed):
        undo_many(cast.mo, many.pk)


def test_nobody_hides_their_own_or_what_they_reported_among_others(cast: Cast) -> None:
    messages = raid(cast, 2)
    mine = posts(cast.mo, cast.supper, "Buy")
    with pytest.raises(NotAllowed, match="concerns you"):
        plan_for(cast.mo, [*messages, mine.pk])
    file_report(cast.mo, Subject("message", messages[0]), "advert")
    with pytest.raises(NotAllowed, match="concerns you"):
        plan_for(cast.mo, messages)


def test_a_moderator_reaches_no_private_group_and_no_conversation_of_others(cast: Cast) -> None:
    ola = person("ola", role="moderator")
    secret = posts(cast.alice, open_direct(cast.alice, [cast.bob.pk]), "A secret")
    WorkingGroup.objects.filter(pk=cast.workshop.pk).update(kind=WorkingGroup.Kind.PRIVATE)
    private = posts(cast.alice, cast.supper, "Between us")
    for message in (secret, private):
        with pytest.raises(BadRequest):
            plan_for(ola, [message.pk])
        assert message.text not in reads(ola, f"/moderation/members/{cast.alice.pk}/")
    file_report(cast.bob, Subject("message", private.pk), "advert")
    assert plan_for(ola, [private.pk]).messages == [private]


def test_a_thousand_take_hardly_more_queries_than_ten(cast: Cast) -> None:
    first = raid(cast, 10)
    with CaptureQueriesContext(
        connection,
    ) as few:
        hide_many(cast.mo, first, ADVERT)
    undo_many(cast.mo, HidingMany.objects.get().pk)
    more = [*first, *(posts(cast.alice, cast.supper, f"Buy {number}").pk for number in range(10))]
    with CaptureQueriesContext(connection) as twice:
        hide_many(cast.mo, more, ADVERT)
    assert len(twice) <= len(few) + 4
