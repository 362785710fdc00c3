"""Queries whose SQL is written once give what the ORM would give each time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from members.models import Member
from members.written_once import written_once
from rooms.access import locked_room
from tests.cast import Cast


@written_once
def joined_before(handle: str, moment: datetime) -> QuerySet[Member]:
    return Member.objects.filter(handle=handle, joined_at__lt=moment).select_related("organisation", "profession")


@written_once
def numbered(member_id: int) -> QuerySet[Member]:
    return Member.objects.filter(pk=member_id)


def test_each_answer_is_to_the_values_it_was_asked_with(cast: Cast) -> None:
    now = timezone.now()
    assert joined_before("alice", now) == [cast.alice]
    assert joined_before("bob", now) == [cast.bob]
    assert joined_before("alice", cast.alice.joined_at - timedelta(days=1)) == []


def test_rows_are_whole_with_what_was_selected_beside_them(cast: Cast, django_assert_num_queries: Any) -> None:
    joined_before("alice", timezone.now())
    with django_assert_num_queries(1):
        [alice] = joined_before("alice", timezone.now())
        assert (alice.badge, alice.joined_at) == (cast.alice.badge, cast.alice.joined_at)
    assert alice.get_deferred_fields() == set()


def test_a_change_is_seen_by_the_next_question(cast: Cast) -> None:
    assert numbered(cast.alice.pk)[0].display_name == cast.alice.display_name
    Member.objects.filter(pk=cast.alice.pk).update(display_name="Alice Liddell")
    assert numbered(cast.alice.pk)[0].display_name == "Alice Liddell"


def test_a_number_that_no_row_can_have_finds_none(cast: Cast) -> None:
    assert numbered(2**63) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction(cast: Cast) -> None:
    with transaction.atomic():
        assert locked_room(cast.supper.pk) == [cast.supper]
    with pytest.raises(TransactionManagementError):
        locked_room(cast.supper.pk)
