"""Every door of the house, and whom it lets in: each cell of the tables in docs/permissions.md.

The group is private, so whoever does not belong must not even learn that it is there. A door without a row fails, and
so does a row without a door.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from events.catalogue import Because
from members.actions import silence
from members.community.facts import MEMORY
from members.entrance.urls import NAMES_OF_ALLAUTH
from members.invitations.actions import digest_of
from members.models import (
    Community,
    CommunityRequest,
    Complaint,
    Invitation,
    Member,
    Photo,
    RulesProposal,
    RulesVersion,
)
from members.refusals import NotAllowed, NotHere
from moderation.models import Appeal, Case, Decision, HidingMany, LegalHold, Seat, SecondLook, WatchedWord
from moderation.slips.flagging import flag_patient
from notifications.models import Digest, PushDevice
from notifications.stopping import DIGEST, stop_address
from rooms.actions.direct import leave_direct, open_direct
from rooms.actions.groups import begin_membership, leave_group
from rooms.doors import COMMANDS, carry_out, changes_for
from rooms.models import File, HeldPost, JoinRequest, Message, PromisedPlace, WorkingGroup
from tests import samples
from tests.cast import Cast, assemble, person
from tests.scenes import Scene
from tests.speaking import brings, posts, session_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
IN_JSON = {"live_command", "live_changes"}
"""What these two let in are the commands; that they ask a stranger to sign in is in tests/rooms/test_pages.py."""

LEAD_TO_THE_DOOR = {
    *(
        "POST sign_out",
        "GET sign_in_passkey",
        "GET account_confirm_login_code",
        "POST account_confirm_login_code",
    ),
    *("GET mfa_authenticate", "POST mfa_authenticate", "GET socialaccount_login_cancelled", "POST sign_in_again"),
}
"""What these answer is the sign-in page, to everybody."""


def table(heading: str) -> dict[str, dict[str, str]]:
    """The table under a heading of the page: door → person → answer."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    first, _, *rows = [line for line in section.splitlines() if line.startswith("|")]
    people = cells(first)[1:]
    return {cells(row)[0].strip("`"): dict(zip(people, cells(row)[1:], strict=True)) for row in rows}


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


BY_ADDRESS, BY_COMMAND, IN_DIRECT = table("Addresses"), table("Commands"), table("A direct conversation")
BEFORE_DIRECT = list(next(iter(IN_DIRECT.values())))
PEOPLE = list(next(iter(BY_ADDRESS.values())))


type People = dict[str, Member | None]
type Before = tuple[Cast, People, Message]
"""The cast, each in their part, and a message they all have in mind."""


def stand_before_the_workshop() -> Before:
    """A private Workshop. Alice is the author, and opened the room."""
    cast = assemble()
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    former, suspended = person("former"), person("suspended")
    for member in (former, suspended):
        begin_membership(member, cast.workshop)
    leave_group(former, cast.workshop.pk)
    Member.objects.filter(pk=suspended.pk).update(suspended_until=timezone.now() + timedelta(days=9))
    Community.objects.create(
        name="Cooks", time_zone="Europe/London", may_be_asked=True, logo=b"a picture", logo_digest="abc"
    )
    MEMORY.forget()
    outside = person("outside", role=Member.Role.MODERATOR)
    ada = person("ada", role=Member.Role.ADMINISTRATOR)
    begin_membership(ada, cast.workshop)
    cast_in_order = (None, suspended, cast.charlie, former, outside, cast.bob, cast.alice, cast.lena, cast.mo, ada)
    people = dict(zip(PEOPLE, cast_in_order, strict=True))
    return cast, people, posts(cast.alice, cast.supper, "Soup for two")


BEFORE_THE_WORKSHOP = Scene(stand_before_the_workshop)


@pytest.fixture
def before_the_workshop(db: None) -> Before:
    return BEFORE_THE_WORKSHOP.put_in_place()


@pytest.mark.parametrize("door", BY_ADDRESS)
def test_each_address_lets_in_whom_it_should(before_the_workshop: Before, door: str) -> None:
    cast, people, soup = before_the_workshop
    method, name = door.split()
    address = address_of(name, cast, soup)
    answers = {who: answer(member, method, name, address, cast) for who, member in people.items()}
    assert answers == BY_ADDRESS[door]


def answer(member: Member | None, method: str, name: str, address: str, cast: Cast) -> str:
    """What somebody hears at an address; what they changed there is undone."""
    client = Client(headers={"host": "localhost"})
    form = {"text": "x", "on": "1", "reaction": "thanks", "name": "Tea", "about": "", "version": "1", "member": "1"}
    form |= {"months": "6", "before": "0", "level": "digest", "quiet": "never", "hour": "7"}
    form |= {"outcome": "no_need", "words": "Nobody"}
    form["group"] = str(cast.workshop.pk)
    with transaction.atomic():
        if member:
            client.cookies["session"] = session_of(member)
        found = getattr(client, method.lower())(address, form if method == "POST" else {})
        transaction.set_rollback(True)
    if found.status_code in (403, 404):
        assert b"Soup for two" not in found.content
        assert found.status_code == 403 or cast.supper.name.encode() not in found.content
    if found.streaming:
        b"".join(found)  # Read to its end, it closes its file.
    is_led_away = found.status_code == 302 and found.headers["Location"].startswith("/sign-in/")
    if found.status_code == 401 or (is_led_away and f"{method} {name}" not in LEAD_TO_THE_DOOR):
        return "ask"
    return {200: "in", 302: "in", 400: "in", 403: "no", 404: "none"}[found.status_code]


@pytest.mark.parametrize("door", BY_COMMAND)
def test_each_command_obeys_whom_it_should(before_the_workshop: Before, door: str) -> None:
    cast, people, soup = before_the_workshop
    answers = {who: obeyed(member, door, cast, soup) if member else "-" for who, member in people.items()}
    assert answers == BY_COMMAND[door]


def obeyed(member: Member, kind: str, cast: Cast, message: Message) -> str:
    fields = {"client_id": str(uuid4()), "text": "x", "on": True, "reaction": "thanks", "version": 1}
    try:
        with transaction.atomic():
            if kind == "room.open":
                changes_for(member, cast.supper.pk, 0)
            else:
                carry_out(member, {"kind": kind, "room": cast.supper.pk, "message": message.pk, **fields})
            transaction.set_rollback(True)
    except NotHere:
        return "none"
    except NotAllowed:
        return "no"
    return "in"


def stand_before_a_conversation() -> Before:
    """A direct conversation where the Workshop and its room would be."""
    cast = assemble()
    carol, suspended = person("carol"), person("suspended")
    outside = person("outside", role=Member.Role.ADMINISTRATOR)
    others = [member.pk for member in (cast.bob, cast.lena, carol, suspended)]
    room = open_direct(cast.alice, others)
    leave_direct(carol, room.pk)
    room.name = "Alice and Lena"  # what Bob calls it, and nobody else must read
    Member.objects.filter(pk=suspended.pk).update(suspended_until=timezone.now() + timedelta(days=9))
    in_order = (None, suspended, cast.charlie, outside, carol, cast.alice, cast.bob)
    people = dict(zip(BEFORE_DIRECT, in_order, strict=True))
    return replace(cast, workshop=room.group, supper=room), people, posts(cast.bob, room, "Soup for two")


BEFORE_A_CONVERSATION = Scene(stand_before_a_conversation)


@pytest.fixture
def before_a_conversation(db: None) -> Before:
    return BEFORE_A_CONVERSATION.put_in_place()


@pytest.mark.parametrize("door", IN_DIRECT)
def test_a_direct_conversation_is_open_to_nobody_but_those_in_it(before_a_conversation: Before, door: str) -> None:
    scene, people, soup = before_a_conversation
    if " " in door:
        method, name = door.split()
        address = address_of(name, scene, soup)
        answers = {who: answer(member, method, name, address, scene) for who, member in people.items()}
    else:
        answers = {who: obeyed(member, door, scene, soup) if member else "-" for who, member in people.items()}
    assert answers == IN_DIRECT[door]


def test_a_direct_conversation_has_a_row_for_every_door_of_rooms_and_groups() -> None:
    parts = {"room_id", "message_id", "group_id", "file_id"}
    found = {each.name for each in patterns(get_resolver()) if parts & set(each.pattern.converters)}
    assert {door.split()[-1] for door in IN_DIRECT} == (found - IN_JSON) | set(BY_COMMAND)


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            yield from patterns(found)
        else:
            yield found


def address_of(name: str, cast: Cast, message: Message) -> str:
    """The address of that name for the Workshop, its room, a message there and its author, and who asks to join."""
    Photo.objects.get_or_create(member=cast.alice, defaults={"picture": b"Alice"})
    asked, _ = JoinRequest.objects.get_or_create(member=cast.charlie, group=cast.workshop)
    CommunityRequest.objects.get_or_create(pk=asked.pk, address="nora@example.org", name="Nora")
    invitation, _ = Invitation.objects.get_or_create(
        address="nora@example.org",
        token_digest=digest_of("a token"),
        invited_by=cast.lena,
        defaults={"expires_at": timezone.now() + timedelta(days=1)},
    )
    PromisedPlace.objects.get_or_create(invitation=invitation, group=cast.workshop)
    case = brought_to_moderators(message) if name in OF_MODERATION else Case(pk=0)
    failed, _ = Digest.objects.get_or_create(member=cast.alice, day=timezone.localdate(), state=Digest.State.GIVEN_UP)
    device, _ = PushDevice.objects.get_or_create(member=cast.alice, endpoint="https://push.invalid/alice")
    due = timezone.now() + timedelta(days=30)
    complaint, _ = Complaint.objects.get_or_create(ticket="ABCD", defaults={"words": "Why?", "due_at": due})
    RulesVersion.objects.get_or_create(
        number=1, defaults={"text": "Be kind.", "why": "The first.", "role": "administrator"}
    )
    ids = {
        "device_id": device.pk,
        "room_id": cast.supper.pk,
        "group_id": cast.workshop.pk,
        "message_id": message.pk,
        "member_id": cast.alice.pk,
        "request_id": asked.pk,
        "version": "abc",
        "invitation_id": invitation.pk,
        "token": "a token",
        "number": 1,
        "case_id": case.pk,
        "attached_id": picture_of(message, is_posted=True).pk if name == "case_file" else 0,
        "many_id": case.pk,
        "step": "agree" if name in ("many_step", "legal_hold_step") else "take",
        "hold_id": hold_on(message.author).pk if name == "legal_hold_step" else 0,
        "entry_id": (cast.alice.organisation_id if "organisation" in name else cast.alice.profession_id) or 0,
        "provider_id": "nobody",
        "provider": "postmark",
        "pk": 1,
        "digest": "0",
        "copy_id": 1,
        "link": stop_address(cast.alice.pk, DIGEST).split("/")[-2],
        "digest_id": failed.pk,
        "task_id": uuid4(),
        "proposal_id": proposed_by(cast.bob).pk,
        "ticket": complaint.ticket,
        "complaint_id": complaint.pk,
        "appeal_id": heard_by(cast.bob).pk if name in ("hear_appeal", "decline_seat") else 0,
        "held_id": waiting_post(message).pk,
        "word_id": WatchedWord.objects.get_or_create(word="gruel", act="ask")[0].pk,
    }
    [pattern] = (found for found in patterns(get_resolver()) if found.name == name)
    if "slip_id" in pattern.pattern.converters:
        picture_of(message, is_posted=True)
        ids |= {"slip_id": flag_patient(cast.bob, message.pk).pk, "place": 0}
    if "file_id" in pattern.pattern.converters:
        ids["file_id"] = picture_of(message, is_posted=name != "take_back_file").pk
    return reverse(name, kwargs={part: ids[part] for part in pattern.pattern.converters})


def proposed_by(member: Member) -> RulesProposal:
    """Other house rules, proposed long enough ago to be answered."""
    closed = {"text": "Be kinder.", "why": "We can.", "closes_at": timezone.now() - timedelta(days=1)}
    proposal, _ = RulesProposal.objects.get_or_create(by=member, defaults=closed)
    return proposal


def hold_on(member: Member) -> LegalHold:
    """A legal hold that an administrator asks for."""
    hold = LegalHold.objects.filter(member=member).first()
    asked_by = hold.asked_by if hold else person("asker", role=Member.Role.ADMINISTRATOR)
    return hold or LegalHold.objects.create(member=member, asked_by=asked_by, reason="An inquiry")


OF_MODERATION = {
    "appeal",
    "hear_appeal",
    "decline_seat",
    "decision",
    "case",
    "decide_case",
    "case_step",
    "case_file",
    "undo_decision",
    "hiding_many",
    "many_step",
}


def brought_to_moderators(message: Message) -> Case:
    """A case about the message, decision 1 about its author, and what one moderator asks another to agree to."""
    case = Case.objects.filter(message=message).first()
    if case is None:
        keeper = person("keeper", role=Member.Role.MODERATOR)
        case = Case.objects.create(
            key=f"message:{message.pk}", message=message, about=message.author, group=message.room.group
        )
        silence(message.author, timezone.now(), Because(keeper.pk, "moderator", "other", "x"))
        many = HidingMany.objects.create(pk=case.pk, by=keeper, ground="other", reason="x", messages=[message.pk])
        SecondLook.objects.create(many=many, asked_by=keeper)
    return case


def heard_by(member: Member) -> Appeal:
    """The author's appeal against decision 1, with this member in the panel."""
    appeal, _ = Appeal.objects.get_or_create(decision=Decision.objects.get(number=1), words="Why me?")
    Seat.objects.get_or_create(appeal=appeal, member=member, defaults={"due_at": timezone.now()})
    return appeal


def waiting_post(message: Message) -> HeldPost:
    """What the author posted and a moderator has to look at first."""
    facts = {"room": message.room, "client_id": uuid4(), "text": "Soup for two, and bread"}
    held, _ = HeldPost.objects.get_or_create(author=message.author, defaults=facts)
    return held


def picture_of(message: Message, *, is_posted: bool) -> File:
    """A picture that the author brought, posted with the message or not yet."""
    picture = brings(message.author, message.room, "Soup.png", samples.picture())
    if is_posted:
        File.objects.filter(pk=picture.pk).update(message=message)
    return picture


def test_every_door_has_its_row() -> None:
    names = {pattern.name for pattern in patterns(get_resolver())} - set(NAMES_OF_ALLAUTH)
    assert {door.split()[1] for door in BY_ADDRESS} | IN_JSON == names
    assert set(BY_COMMAND) == set(COMMANDS) | {"room.open"}


def test_an_address_knows_no_method_that_has_no_row(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup for two")
    client = Client(headers={"host": "localhost"})
    client.cookies["session"] = session_of(cast.alice)
    known: dict[str, set[str]] = {}
    for method, name in map(str.split, BY_ADDRESS):
        known.setdefault(name, set()).add(method)
    wrong = {}
    for name, methods in known.items():
        with transaction.atomic():
            address = address_of(name, cast, soup)
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
                found = getattr(client, method.lower())(address)
                if found.status_code != 405:
                    wrong[f"{method} {name}"] = found.status_code
            transaction.set_rollback(True)
    assert wrong == {}
