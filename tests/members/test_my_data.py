"""Members take along what is kept of them, and are erased when they wish it."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import ForeignKey
from django.test import Client
from django.utils import timezone

from chatserver import jobs
from events.catalogue import Because, PowerUsed
from events.ear import SESSION_ENDED
from events.publish import publish
from members import copies, erasure
from members.copies import ask_for_copy, make_waiting_copies, remove_old_copies
from members.erasure import ask_to_be_erased, erase_due
from members.models import (
    Block,
    CommunityRequest,
    Complaint,
    DataCopy,
    Erasure,
    Invitation,
    Member,
    Mute,
    RulesProposal,
    Stance,
)
from members.profile import change_photo
from moderation.models import (
    Appeal,
    Case,
    Decision,
    Entry,
    HidingMany,
    LegalHold,
    PanelVolunteer,
    Report,
    Seat,
    SecondLook,
    Slip,
    SlipReader,
    WatchedWord,
    WeekOfFirstLooks,
)
from notifications.models import Digest, MissedLetter, Notice, Preference, PushDevice, RoomLevel
from rooms.actions.files import sweep_files
from rooms.actions.memberships import ask_to_join
from rooms.actions.messages import pin_message, set_reaction
from rooms.commands import PinMessage, SetReaction
from rooms.models import (
    File,
    HeldPost,
    JoinRequest,
    Mention,
    Message,
    PromisedPlace,
    Reaction,
    Reading,
    Room,
    SetAside,
    WorkingGroup,
)
from tests import samples
from tests.cast import Cast
from tests.members.test_pictures import photo, upload
from tests.speaking import Tab, brings, edits, posts, removes, session_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "my-data.md"
TABLE = {
    cells[0].strip(" `"): (cells[1].strip(), cells[2].strip())
    for cells in (line.strip("|").split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `"))
}


pytestmark = pytest.mark.usefixtures("tasks_at_once")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(settings, "COPIES_FOLDER", tmp_path / "copies")
    return tmp_path / "copies"


@pytest.fixture
def everywhere(cast: Cast) -> Cast:
    """Alice has left a trace in every place where a member is named."""
    soup = posts(cast.alice, cast.supper, "Soup with <b>leeks</b>")
    edits(cast.alice, soup, "Soup with potatoes")
    posts(
        cast.alice,
        cast.supper,
        "Salad",
        reply_to=posts(cast.bob, cast.supper, "Bread, @alice or (@Alice), not @alices?").pk,
    )
    removes(cast.alice, posts(cast.alice, cast.supper, "Never mind"))
    named = posts(cast.bob, cast.supper, "@alice: thanks")
    edits(cast.bob, named, "@alice: thank you")
    set_reaction(cast.alice, SetReaction(named.pk, "thanks", on=True))
    pin_message(cast.alice, PinMessage(named.pk, on=True))
    Reading.objects.update_or_create(member=cast.alice, room=cast.supper, defaults={"version": 2})
    garden = WorkingGroup.objects.create(name="Garden", slug="garden", kind=WorkingGroup.Kind.BY_REQUEST)
    ask_to_join(cast.alice, garden.pk, "I grow leeks")
    JoinRequest.objects.create(member=cast.charlie, group=garden, answered_at=timezone.now(), answered_by=cast.alice)
    Notice.objects.create(member=cast.alice, by=cast.lena, group=cast.workshop, kind=Notice.Kind.ADDED)
    for kind in (Notice.Kind.ADDED, Notice.Kind.ASKS):
        Notice.objects.create(member=cast.bob, by=cast.alice, group=cast.workshop, kind=kind)
    Preference.objects.create(member=cast.alice)
    RoomLevel.objects.create(member=cast.alice, room=cast.supper, level=RoomLevel.Level.DIGEST)
    PushDevice.objects.create(member=cast.alice, name="Firefox on Linux", endpoint="https://push.example.org/alice")
    Digest.objects.create(member=cast.alice, day=timezone.localdate(), state=Digest.State.SENT)
    MissedLetter.objects.create(member=cast.alice, room=cast.supper, state=MissedLetter.State.SENT)
    HeldPost.objects.create(room=cast.supper, author=cast.alice, client_id=uuid4(), text="Leeks for sale", code="held")
    HeldPost.objects.create(room=cast.supper, author=cast.mo, client_id=uuid4(), answered_by=cast.alice)
    posts(cast.alice, cast.supper, "The recipe", files=[brings(cast.alice, cast.supper, "Soup.pdf")])
    brings(cast.alice, cast.supper, "Draft.pdf")
    Invitation.objects.create(address="a@example.org", used_by=cast.alice, expires_at=timezone.now())
    ed = Invitation.objects.create(
        address="ed@example.org", invited_by=cast.alice, note="Do come", expires_at=timezone.now()
    )
    PromisedPlace.objects.create(invitation=ed, group=garden, promised_by=cast.alice)
    CommunityRequest.objects.create(address="eve@example.org", answered_at=timezone.now(), answered_by=cast.alice)
    CommunityRequest.objects.create(address="alice@example.org", name="Alice", words="I grow leeks")
    proposal = RulesProposal.objects.create(by=cast.alice, text="Be kind.", why="We can.", closes_at=timezone.now())
    Stance.objects.create(proposal=proposal, member=cast.alice, kind="concern", words="I hesitate")
    answered = {"words": "Why me?", "due_at": timezone.now(), "answered_at": timezone.now()}
    Complaint.objects.create(address="alice@example.org", **answered)
    Complaint.objects.create(answered_by=cast.alice, **answered)
    WatchedWord.objects.create(word="soup kitchen", act="ask", why="Why", by=cast.alice)
    case = Case.objects.create(key="member:0", about=cast.alice, taken_by=cast.alice)
    Report.objects.create(case=case, by=cast.alice, ground="other", words="I saw it")
    Entry.objects.create(case=case, by=cast.alice, kind="note")
    many = HidingMany.objects.create(by=cast.alice, ground="other", reason="Why", messages=[])
    SecondLook.objects.create(many=many, asked_by=cast.alice)
    SecondLook.objects.create(asked_by=cast.bob, answered_by=cast.alice, answered_at=timezone.now())
    LegalHold.objects.create(
        group=garden,
        state=LegalHold.State.ENDED,
        reason="An inquiry",
        asked_by=cast.alice,
        agreed_by=cast.bob,
        end_asked_by=cast.bob,
        closed_by=cast.alice,
    )
    LegalHold.objects.create(
        member=cast.alice,
        state=LegalHold.State.ENDING,
        reason="An inquiry",
        asked_by=cast.bob,
        agreed_by=cast.alice,
        end_asked_by=cast.alice,
    )
    once = {"what": "message", "number": 0, "author": cast.alice, "group": garden, "said_at": timezone.now()}
    SetAside.objects.create(text="Leeks, once", **once)
    slip = Slip.objects.create(
        case=case,
        number=0,
        posted_at=case.opened_at,
        flagged_by=cast.alice,
        settled_by=cast.alice,
        outcome_by=cast.alice,
    )
    SlipReader.objects.create(slip=slip, member=cast.alice, how="read")
    with transaction.atomic():
        publish(PowerUsed(act="warn", about=cast.alice.pk, because=Because(cast.alice.pk, "moderator", "other", "Why")))
    appeal = Appeal.objects.create(decision=Decision.objects.get(), words="Why me?", ended_at=timezone.now())
    Seat.objects.create(appeal=appeal, member=cast.alice, due_at=timezone.now())
    PanelVolunteer.objects.create(member=cast.alice)
    WeekOfFirstLooks.objects.create(member=cast.alice, monday=timezone.localdate())
    session_of(cast.alice)
    for near in (Block, Mute):
        near.objects.create(member=cast.alice, other=cast.mo)
        near.objects.create(member=cast.mo, other=cast.alice)
    Authenticator.objects.create(user=cast.alice, type="totp", data={})
    change_photo(cast.alice, upload(photo()))
    EmailAddress.objects.create(user=cast.alice, email="alice@example.org")
    SocialAccount.objects.create(user=cast.alice, provider="trust", uid="1")
    return cast


def copied(member: Member) -> tuple[dict[str, Any], str]:
    """The data and the page in a new copy."""
    copy = ask_for_copy(member)
    make_waiting_copies()
    copy.refresh_from_db()
    with ZipFile(copies.path_of(copy)) as packed:
        assert packed.testzip() is None
        assert "files/photo.webp" in packed.namelist()
        return json.loads(packed.read("data.json")), packed.read("index.html").decode()


def references() -> Iterator[str]:
    """Every place that names a member: `app.Model.field`."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and field.related_model is Member:
                yield f"{model._meta.label}.{field.name}"


def test_every_place_that_names_a_member_has_its_line() -> None:
    assert set(TABLE) == set(references())


def test_a_copy_has_everything_that_is_theirs_and_nothing_of_others(everywhere: Cast) -> None:
    data, page = copied(everywhere.alice)

    assert data["member"][0]["address"] == "alice@example.org"
    assert [message["text"] for message in data["messages"]] == [
        "Soup with potatoes",
        "Salad",
        "",
        "The recipe",
    ]
    assert [wording["text"] for wording in data["earlier_wordings"]] == ["Soup with <b>leeks</b>"]
    assert [group["group"] for group in data["groups"]] == ["Workshop"]
    assert data["join_requests"][0]["words"] == "I grow leeks"
    for part in (
        "invitations",
        "community_requests",
        "reactions",
        "mentions",
        "readings",
        "notices",
        "sessions",
        "ways_in",
        "reports",
        "decisions",
        "appeals",
        "hearing_appeals",
        "first_looks",
        "seats",
        "rules_proposals",
        "stances",
        "complaints",
    ):
        assert data[part], part
    assert "Soup with &lt;b&gt;leeks&lt;/b&gt;" in page
    assert "<script" not in page
    for others in ("Bread", "thank you", "bob@example.org"):
        assert others not in page + json.dumps(data)


def test_a_copy_is_made_beside_the_request_and_given_to_its_member_alone(everywhere: Cast, folder: Path) -> None:
    alice, bob = Client(headers={"host": "localhost"}), Client(headers={"host": "localhost"})
    alice.cookies["session"], bob.cookies["session"] = session_of(everywhere.alice), session_of(everywhere.bob)
    alice.post("/you/data/copies")
    alice.post("/you/data/copies")
    copy = DataCopy.objects.get()
    assert alice.get(f"/you/data/copies/{copy.pk}/").status_code == 404
    assert "Waiting to be made" in alice.get("/you/data/").content.decode()

    jobs.work_once()

    [letter] = mail.outbox
    assert (letter.to, f"{settings.SITE_URL}/you/data/" in str(letter.body)) == (["alice@example.org"], True)
    address = re.findall(r'href="(/you/data/copies/\d+/)"', alice.get("/you/data/").content.decode())[0]
    taken = alice.get(address)
    assert taken.headers["Content-Disposition"].startswith("attachment; filename=")
    assert ZipFile(BytesIO(b"".join(taken))).namelist()[-2:] == ["data.json", "index.html"]
    assert bob.get(address).status_code == 404
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]
    stale = alice.session
    stale["began_at"] = 0
    stale.save()
    assert alice.get(address).headers["Location"].startswith("/sign-in/again/")


def test_a_copy_is_gone_after_a_week(everywhere: Cast, folder: Path) -> None:
    copied(everywhere.alice)
    DataCopy.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    alice = Client(headers={"host": "localhost"})
    alice.cookies["session"] = session_of(everywhere.alice)
    assert alice.get(f"/you/data/copies/{DataCopy.objects.get().pk}/").status_code == 404
    remove_old_copies()
    assert (list(folder.iterdir()), DataCopy.objects.count()) == ([], 0)


def test_a_copy_left_by_a_killed_process_is_made_by_the_next(everywhere: Cast) -> None:
    copy = ask_for_copy(everywhere.alice)
    assert copies.claim() == copy
    assert copies.claim() is None
    DataCopy.objects.update(claimed_at=timezone.now() - timedelta(minutes=16))
    make_waiting_copies()
    assert DataCopy.objects.get().ready_at
    assert len(mail.outbox) == 1


def test_a_copy_that_cannot_be_made_is_said_to_be(
    everywhere: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "write", lambda *_: 1 / 0)
    ask_for_copy(everywhere.alice)
    jobs.work_once()
    assert DataCopy.objects.get().failed_at
    assert list(folder.iterdir()) == []
    assert copies.claim() is None


def test_copies_are_not_asked_for_without_end(everywhere: Cast) -> None:
    for _ in range(3):
        copied(everywhere.alice)
    alice = Client(headers={"host": "localhost"})
    alice.cookies["session"] = session_of(everywhere.alice)
    assert alice.post("/you/data/copies").status_code == 429


# --- Being erased ---


def erased(member: Member, messages: str) -> None:
    ask_to_be_erased(member, messages=messages)
    Erasure.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    erase_due()


@pytest.mark.parametrize("messages", ["remove", "keep"])
def test_nothing_that_should_go_still_names_who_was_erased(everywhere: Cast, messages: str) -> None:
    before = {place: rows_of(place, everywhere.alice) for place in TABLE}
    before["members.DataCopy.member"] = before["members.Erasure.member"] = 1
    assert min(before.values()) > 0, before

    copied(everywhere.alice)
    erased(everywhere.alice, messages)

    for place, (_, fate) in TABLE.items():
        assert (rows_of(place, everywhere.alice) == 0) is (fate == "goes"), place
    assert not Notice.objects.filter(kind=Notice.Kind.ASKS).exists()
    assert not CommunityRequest.objects.filter(address="alice@example.org").exists()
    assert not Invitation.objects.filter(note="Do come").exists()
    assert not Complaint.objects.filter(address="alice@example.org").exists()
    assert Stance.objects.get().words == ("" if messages == "remove" else "I hesitate")
    assert not Report.objects.filter(words="I saw it").exists()
    assert not Appeal.objects.filter(words="Why me?").exists()
    left = Member.objects.get(pk=everywhere.alice.pk)
    fresh = Member(pk=left.pk, joined_at=left.joined_at, password=left.password, is_active=False)
    fresh.affiliation_confirmed_at = left.affiliation_confirmed_at
    fresh.email, fresh.handle, fresh.display_name = (
        f"former-{left.pk}@erased.invalid",
        f"former-member-{left.pk}",
        "Former member",
    )
    assert {field.name: field.value_from_object(left) for field in left._meta.fields} == {
        field.name: field.value_from_object(fresh) for field in left._meta.fields
    }
    assert not left.has_usable_password()


def rows_of(place: str, member: Member) -> int:
    model, _, field = place.rpartition(".")
    return apps.get_model(model)._default_manager.filter(**{field: member}).count()


def test_what_they_wrote_stays_without_their_name_or_goes(everywhere: Cast) -> None:
    erased(everywhere.alice, "keep")
    first = Message.objects.in_order().first()
    assert first
    assert (first.text, first.badge, first.author.display_name) == ("Soup with potatoes", "", "Former member")
    erased(everywhere.bob, "remove")
    assert set(Message.objects.filter(author=everywhere.bob).values_list("text", "organisation_name")) == {("", "")}
    assert not first.revisions.model.objects.filter(message__author=everywhere.bob).exists()


def test_the_copy_holds_their_files(everywhere: Cast) -> None:
    copied(everywhere.alice)
    with ZipFile(copies.path_of(DataCopy.objects.get())) as packed:
        files = {name: packed.read(name) for name in packed.namelist() if name.endswith(".pdf")}
        listed = [file["file"] for file in json.loads(packed.read("data.json"))["files"]]
    soup, draft = File.objects.order_by("pk")
    assert listed == [f"{soup.pk} Soup.pdf", f"{draft.pk} Draft.pdf"]
    assert files == dict.fromkeys((f"files/{name}" for name in listed), samples.PDF)


@pytest.mark.parametrize(("messages", "left"), [("keep", ["Soup.pdf"]), ("remove", [])])
def test_their_files_stay_or_go_with_their_messages(everywhere: Cast, messages: str, left: list[str]) -> None:
    erased(everywhere.alice, messages)
    sweep_files()
    assert [file.name for file in File.objects.all()] == left


def test_where_others_mentioned_them_nobody_stands(everywhere: Cast) -> None:
    erased(everywhere.alice, "keep")
    texts = list(Message.objects.filter(author=everywhere.bob).in_order().values_list("text", flat=True))
    assert texts == ["Bread, @former-member or (@former-member), not @alices?", "@former-member: thank you"]
    bob = Client(headers={"host": "localhost"})
    bob.cookies["session"] = session_of(everywhere.bob)
    page = bob.get(f"/rooms/{everywhere.supper.pk}/").content.decode()
    history = bob.get(f"/messages/{Message.objects.get(text__startswith='@former').pk}/history/").content.decode()
    assert "alice" not in re.sub("alices", "", page + history).lower()


def test_each_message_changes_on_open_screens_under_a_version_of_its_own(everywhere: Cast) -> None:
    before = Room.objects.get(pk=everywhere.supper.pk).version
    erased(everywhere.alice, "keep")
    room = Room.objects.get(pk=everywhere.supper.pk)
    changed = list(Message.objects.filter(version__gt=before).values_list("version", flat=True))
    assert room.version > before
    assert len(changed) == Message.objects.count()
    assert len(set(changed)) == len(changed)


def test_a_week_to_change_ones_mind(everywhere: Cast) -> None:
    alice = Client(headers={"host": "localhost"})
    alice.cookies["session"] = session_of(everywhere.alice)
    assert alice.post("/you/data/erase", {"messages": "nonsense"}).status_code == 400
    alice.post("/you/data/erase", {"messages": "remove"})
    assert Erasure.objects.get().due_at > timezone.now() + timedelta(days=6, hours=23)
    erase_due()
    assert "Keep my account after all" in alice.get("/you/data/").content.decode()
    alice.post("/you/data/keep")
    Erasure.objects.update(due_at=timezone.now())
    erase_due()
    assert Member.objects.get(pk=everywhere.alice.pk).email == "alice@example.org"


def test_the_only_administrator_stays_until_there_is_another(everywhere: Cast) -> None:
    Member.objects.filter(pk=everywhere.alice.pk).update(role=Member.Role.ADMINISTRATOR)
    alice = Client(headers={"host": "localhost"})
    alice.cookies["session"] = session_of(everywhere.alice)
    refused = alice.post("/you/data/erase", {"messages": "keep"})
    assert (refused.status_code, "only administrator" in refused.content.decode()) == (403, True)
    Member.objects.filter(pk=everywhere.mo.pk).update(role=Member.Role.ADMINISTRATOR)
    assert alice.post("/you/data/erase", {"messages": "keep"}).status_code == 302


def test_who_was_erased_is_signed_out_and_cannot_come_back(everywhere: Cast) -> None:
    alice = Client(headers={"host": "localhost"})
    alice.cookies["session"] = session_of(everywhere.alice)
    erased(everywhere.alice, "keep")
    assert alice.get("/groups/").status_code == 302
    Client(headers={"host": "localhost"}).post("/sign-in/", {"email": "alice@example.org"})
    assert [letter.subject for letter in mail.outbox][-1] == "Your account is erased"


def test_a_crash_in_the_middle_is_mended_by_the_next_turn(everywhere: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_to_be_erased(everywhere.alice, messages="remove")
    Erasure.objects.update(due_at=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(erasure, "forget", lambda _: 1 / 0)
        jobs.work_once()
    assert Erasure.objects.get().done_at is None
    jobs.work_once()
    assert Erasure.objects.get().done_at
    assert Member.objects.get(pk=everywhere.alice.pk).email.endswith("@erased.invalid")
    assert not Notice.objects.filter(member=everywhere.alice).exists()
    assert not Mention.objects.exists()
    assert not Reaction.objects.exists()


async def test_open_screens_lose_the_name_at_once(live_cast: Cast, delivery: None) -> None:
    act = sync_to_async
    soup = await act(posts)(live_cast.alice, live_cast.supper, "Soup")
    async with Tab(live_cast.bob) as bob, Tab(live_cast.alice) as alice:
        await bob.opens(live_cast.supper)
        await act(erased)(live_cast.alice, "keep")
        changed = await bob.hears("message.changed", message=soup.pk)
        assert "Former member" in changed["html"]
        assert "Alice" not in changed["html"]
        assert await alice.is_closed() == SESSION_ENDED
