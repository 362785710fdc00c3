"""A leader hides in their own group: by the moderators' hiding, with a reason, in the record, open to appeal."""

import pytest

from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere
from moderation.actions import Order, Subject, decide, file_report, undo
from moderation.appeals.hearing import appeal_against
from moderation.hiding import hide, show_again
from moderation.holding import Why
from moderation.models import Case, Decision
from moderation.slips.flagging import flag_patient
from notifications.models import Notice
from rooms.actions.direct import open_direct
from rooms.actions.groups import begin_membership
from rooms.models import Membership, Message, Room, WorkingGroup
from tests.cast import Cast, person
from tests.moderation.test_pages import asks, reads
from tests.speaking import posts

WHY = Why("unkind", "Words that belittle somebody.", "Please say it another way.")


@pytest.fixture
def said(cast: Cast) -> Message:
    return posts(cast.alice, cast.supper, "Bob cannot cook")


def test_a_leader_hides_and_shows_again_and_the_record_says_so(cast: Cast, said: Message) -> None:
    form = {"ground": "unkind", "reason": "Words that belittle somebody.", "words": "Please say it another way."}
    room, door = f"/rooms/{cast.supper.pk}/", f"/messages/{said.pk}/hide"
    assert 'data-action="hide"' in reads(cast.lena, room)
    assert 'data-action="hide"' not in reads(cast.bob, room)
    assert asks(cast.lena, door, form | {"reason": "Alice is rude"}).status_code == 400
    assert asks(cast.lena, door, form).status_code == 302
    assert "This message is hidden." in reads(cast.bob, room)
    decision = Decision.objects.get()
    assert (decision.act, decision.role, decision.by, decision.about) == ("hide", "group leader", cast.lena, cast.alice)
    assert list(Notice.objects.values_list("member", "kind")) == [(cast.alice.pk, "decision")]
    assert "A group leader hid a message of yours" in reads(cast.alice, f"/decisions/{decision.number}/")
    why = {who: asks(who, f"/messages/{said.pk}/why").headers["Location"] for who in (cast.bob, cast.alice, cast.lena)}
    assert why == {cast.bob: "/record/", cast.alice: f"/decisions/{decision.number}/", cast.lena: door}
    assert "Show this message again" in reads(cast.lena, door)
    assert asks(cast.lena, door, {"reason": "It was a quotation."}).status_code == 302
    assert "Bob cannot cook" in reads(cast.bob, room)
    restored = Decision.objects.latest("number")
    assert (restored.act, restored.role, restored.undoes) == ("restore", "group leader", decision)


def test_a_moderator_takes_it_back_and_the_author_may_appeal(cast: Cast, said: Message) -> None:
    hide(cast.lena, said.pk, WHY)
    appeal_against(cast.alice, 1, "It was a quotation.")
    undo(cast.mo, 1, "It was a quotation.")
    said.refresh_from_db()
    assert said.hidden_at is None


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "other", "former"])
def test_nobody_else_hides(cast: Cast, said: Message, who: str) -> None:
    """Other: leads another group. Former: led this one."""
    members = {"other": person("other"), "former": person("former")}
    choir = WorkingGroup.objects.create(name="Choir", slug="choir")
    begin_membership(members["other"], choir, Membership.Role.LEADER)
    begin_membership(members["former"], cast.workshop)
    with pytest.raises((NotHere, NotAllowed)):
        hide(members.get(who) or getattr(cast, who), said.pk, WHY)
    assert not Decision.objects.exists()


def test_nobody_hides_what_they_wrote_or_reported(cast: Cast, said: Message) -> None:
    own = posts(cast.lena, cast.supper, "I cannot cook")
    file_report(cast.lena, Subject("message", said.pk), "unkind")
    for message in (own, said):
        with pytest.raises(NotAllowed, match="concerns you"):
            hide(cast.lena, message.pk, WHY)


def test_what_a_moderator_hid_or_what_may_name_a_patient_a_leader_does_not_show(cast: Cast, said: Message) -> None:
    case = file_report(cast.bob, Subject("message", said.pk), "unkind").case
    decide(cast.mo, case.pk, case.version, Order("hide", "unkind", "Words that belittle somebody."))
    other = posts(cast.alice, cast.supper, "Lena Smith, 34 weeks")
    hide(cast.lena, other.pk, WHY)
    flag_patient(cast.bob, other.pk)
    for message in (said, other):
        with pytest.raises(NotAllowed, match="only they can show it"):
            show_again(cast.lena, message.pk, "Let it stand")
        assert "only they can show it" in reads_refusal(cast.lena, message)
    assert not Message.objects.filter(pk__in=(said.pk, other.pk), hidden_at=None).exists()


def reads_refusal(member: Member, message: Message) -> str:
    return asks(member, f"/messages/{message.pk}/hide", {"reason": "Let it stand"}).content.decode()


def test_a_case_stays_with_moderators_and_a_silenced_leader_hides_nothing(cast: Cast, said: Message) -> None:
    file_report(cast.bob, Subject("message", said.pk), "unkind")
    hide(cast.lena, said.pk, WHY)
    assert Case.objects.get().state == "open"
    with pytest.raises(BadRequest):
        show_again(cast.lena, said.pk, "")
    Membership.objects.filter(member=cast.lena).update(silenced_until="2100-01-01T00:00Z")
    with pytest.raises(NotAllowed, match="cannot write"):
        show_again(cast.lena, said.pk, "Let it stand")


def test_in_a_direct_conversation_nobody_hides(cast: Cast) -> None:
    room = open_direct(cast.alice, [cast.mo.pk])
    said = posts(cast.alice, Room.objects.get(pk=room.pk), "Bob cannot cook")
    with pytest.raises(NotHere):
        hide(cast.mo, said.pk, WHY)
