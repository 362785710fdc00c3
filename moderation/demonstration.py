"""A few cases at each stage, for whoever looks around in the demonstration as a moderator, an author or a reporter."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from events.catalogue import Because, DemonstrationFilled
from members.models import Member
from moderation.access import held_case
from moderation.actions import Facts, Order, Subject, add_note, add_report, close_case, decide, file_report, take_case
from moderation.models import Case, Decision, Ground
from moderation.record import add, said
from moderation.rota import look_first, mondays
from rooms.actions.messages import post_message
from rooms.commands import PostMessage
from rooms.models import Message

KEEPER, OTHER_KEEPER, ADVERTISER = "martin.osei", "ruth.abara", "fatima.zaman"
ADVERT = "Meter cases for the clinic bag, three for the price of two until Friday. My cousin sews them; write to me for a code."
PAST = (
    (40, "lock", Ground.OTHER, "Two conversations in one room; the second has a room of its own now."),
    (33, "hide", Ground.PRIVATE, "A colleague’s leave was mentioned with the reason for it."),
    (31, "restore", Ground.PRIVATE, "The colleague had told the group themselves."),
    (19, "warn", Ground.UNKIND, "Sharp words about another hospital’s rota."),
)
"""Days ago, what was done, by which rule, and why: so that the public record has something to show."""


def bring_cases(_: DemonstrationFilled) -> None:
    """Waiting, in hand, decided, closed, and from somebody without an account; and who looks first in the next weeks."""
    keeper, other_keeper, advertiser = (Member.objects.get(handle=who) for who in (KEEPER, OTHER_KEEPER, ADVERTISER))
    remember_the_past(keeper)
    this_week, next_week, _empty, in_three_weeks = mondays(timezone.localdate())[:4]
    look_first(keeper, [this_week, in_three_weeks])
    look_first(other_keeper, [next_week])
    latest = latest_of_others([keeper.pk, other_keeper.pk, advertiser.pk])
    waiting, in_hand, closed = latest[:3]
    reported(waiting, Ground.OFF_TOPIC, "I think this belongs in the room about dates.")
    case = reported(in_hand, Ground.UNSAFE, "Is that dose still in the guideline?")
    take_case(other_keeper, case.pk, case.version)
    add_note(other_keeper, case.pk, "I have asked a dietitian and a doctor to read it with me.")
    case = reported(closed, Ground.OTHER, "Twice the same?")
    close_case(keeper, case.pk, case.version, words="It was posted once; the other is an answer to it.")
    case = reported(advertise(advertiser), Ground.ADVERT, "This sells something.")
    words = "We all would like good bags, and agreed to sell nothing here. Do tell people in the break."
    decide(keeper, case.pk, case.version, Order("hide", Ground.ADVERT, "An offer with a price.", words))
    words = "I am on a photo from your study day, and was not asked."
    add_report(
        held_case("form:K7TD9XQ2"), Facts(), by=None, ground=Ground.PRIVATE, words=words, place="A photo, last week"
    )


def latest_of_others(besides: list[int]) -> list[Message]:
    """The latest messages of three members, in working groups."""
    found = Message.objects.standing().filter(room__group__direct_key=None, room__archived_at=None)
    by_author: dict[int, Message] = {}
    for message in found.exclude(author__in=besides).select_related("room").order_by("-posted_at", "-pk")[:60]:
        by_author.setdefault(message.author_id, message)
    return list(by_author.values())


def advertise(member: Member) -> Message:
    room = Message.objects.filter(author=member, room__locked_at=None).latest("posted_at").room_id
    posted = post_message(member, PostMessage(uuid4(), room, ADVERT, None, ()))
    assert isinstance(posted, Message)  # They have been here for long, so nothing of theirs waits for a look.
    return posted


def reported(message: Message, ground: str, words: str) -> Case:
    """By somebody of the group who does not moderate it."""
    others = Member.objects.filter(memberships__group=message.room.group_id, role=Member.Role.MEMBER)
    reporter = others.exclude(pk=message.author_id).order_by("pk")[0]
    return file_report(reporter, Subject("message", message.pk), ground, words).case


def remember_the_past(keeper: Member) -> None:
    decisions = []
    for days, act, ground, reason in PAST:
        decision: Decision = said(act, Because(keeper.pk, "moderator", ground, reason))
        decision.made_at = timezone.now() - timedelta(days=days)
        decisions.append(decision)
    decisions[2].undoes_id = 2
    add(decisions)
