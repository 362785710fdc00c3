"""The demonstration community: whole, consistent, in the present, and free of anything that could be somebody's."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max
from django.utils import timezone

from frontend import text as member_text
from members.models import Member, Organisation
from moderation.demonstration import KEEPER
from moderation.rota import weeks_for
from rooms.demonstration import sign_ins
from rooms.demonstration.people import people
from rooms.demonstration.story import NotAStory, circles, read_circle, times
from rooms.models import Membership, Mention, Message, Reading, Room, WorkingGroup

WEEK = [datetime(2026, 3, day, hour, 30, tzinfo=UTC) for day in range(2, 9) for hour in (0, 8, 13, 23)]
PERSONAL = {
    "an NHS number": re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b"),
    "a telephone number": re.compile(r"(?:\+44|\b0)[\d ]{8,}\d"),
    "a date of birth": re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}\b|\b(?:19|20)\d\d-\d\d-\d\d\b"),
    "a postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),
    "a mail address": re.compile(r"\w@\w"),
}


@pytest.fixture
def community(db: None) -> None:
    call_command("fill_demonstration", verbosity=0)


@pytest.mark.usefixtures("community")
def test_who_looks_around_finds_a_whole_community() -> None:
    kinds = Counter(Organisation.objects.values_list("kind", flat=True))
    assert kinds["trust"] == 21
    assert kinds.total() - kinds["trust"] == 14

    roles = Counter(Member.objects.values_list("role", flat=True))
    assert roles == {"member": 235, "moderator": 4, "administrator": 1}
    leaders = Membership.objects.filter(role="leader")
    assert leaders.values("member").distinct().count() == leaders.count() == 25

    assert WorkingGroup.objects.filter(direct_key=None).count() == 6
    assert [group.name for group in WorkingGroup.objects.filter(kind="by_request")] == ["Lived experience"]
    for group in WorkingGroup.objects.filter(direct_key=None):
        assert 4 <= group.rooms.count() <= 8, group
        assert 40 <= group.memberships.count() <= 120, group
    assert 450 <= Message.objects.count() <= 600
    assert Message.objects.exclude(edited_at=None).count() >= 5
    assert Message.objects.exclude(pinned_at=None).count() >= 5
    assert Room.objects.exclude(locked_at=None).count() == Room.objects.exclude(archived_at=None).count() == 1
    keeper = Member.objects.get(handle=KEEPER)
    assert [bool(week.names) for week in weeks_for(keeper)][:4] == [True, True, False, True]


@pytest.mark.usefixtures("community")
def test_the_community_obeys_the_rules_of_the_house() -> None:
    belonging = set(Membership.objects.values_list("member", "group"))
    joined = dict(Member.objects.values_list("pk", "joined_at"))
    for message in Message.objects.select_related("room", "reply_to", "author"):
        told = f"{message.room}, {message.created_version}, {message.author}"
        assert (message.author_id, message.room.group_id) in belonging, told
        assert joined[message.author_id] < message.posted_at < timezone.now(), told
        if message.reply_to:
            assert message.reply_to.room_id == message.room_id, told
            assert message.reply_to.created_version < message.created_version, told
        assert bool(message.text) == (message.removed_at is None), told
    for mention in Mention.objects.select_related("message__room", "member"):
        assert (mention.member_id, mention.message.room.group_id) in belonging, mention.message

    for room in Room.objects.annotate(latest=Max("messages__version"), last=Max("messages__posted_at")):
        assert room.version == max(room.latest, room.changed_version), room
        assert room.last_message_at == room.last
    assert not Reading.objects.filter(version__gt=F("room__version")).exists()


@pytest.mark.usefixtures("community")
def test_one_click_leads_to_something_new() -> None:
    for handle, line in sign_ins():
        member = Member.objects.get(handle=handle)
        assert line
        assert not member.has_usable_password()
        unread = Message.objects.filter(
            room__readings__member=member, created_version__gt=F("room__readings__version")
        ).exclude(author=member)
        assert unread.exists(), handle
        assert unread.filter(mentions__member=member).exists(), handle
    assert len(sign_ins()) == 6
    assert Message.objects.filter(posted_at__gt=timezone.now() - timedelta(hours=6)).count() > 5


@pytest.mark.usefixtures("community")
def test_it_never_mixes_with_a_community_that_is_there() -> None:
    before = Message.objects.count()
    with pytest.raises(CommandError, match="members already"):
        call_command("fill_demonstration")
    call_command("fill_demonstration", if_empty=True)
    assert Message.objects.count() == before


def test_nothing_in_it_could_be_somebodys() -> None:
    for circle in circles():
        for topic in circle.topics:
            for said in topic.said:
                for what, pattern in PERSONAL.items():
                    assert not pattern.search(said.text), f"{circle.slug}, {topic.name}: {what} in {said.text!r}"


def test_whoever_is_mentioned_exists_and_may_read_it() -> None:
    groups = {person.handle: person.groups for person in people()}
    for circle in circles():
        for topic in circle.topics:
            for said in topic.said:
                named = member_text.names_mentioned(said.text) - {"room"}
                reacted = {handle for handles in said.reactions.values() for handle in handles}
                for handle in named | reacted | {said.author}:
                    assert circle.slug in groups.get(handle, ()), f"{circle.slug}, {topic.name}: @{handle}"


@pytest.mark.parametrize("now", WEEK, ids=lambda now: now.strftime("%A %H:%M"))
def test_conversations_keep_their_order_on_every_day_of_the_week(now: datetime) -> None:
    newest = []
    for circle in circles():
        for topic in circle.topics:
            posted = times(topic.said, now)
            assert posted == sorted(set(posted))
            assert now - timedelta(days=50) < posted[0]
            assert posted[-1] < now
            newest.append(posted[-1])
    assert max(newest) > now - timedelta(hours=2)


def test_a_text_that_nobody_says_is_refused() -> None:
    with pytest.raises(NotAStory, match="who says 'Nobody"):
        read_circle("g", "# Group\n> Purpose\n\n## Room\n> About\n\nNobody said this.\n")
    with pytest.raises(NotAStory, match="unknown mark"):
        read_circle("g", "# Group\n\n## Room\n\n@a.b · 3 hours ago [shouted]\nHello\n")
