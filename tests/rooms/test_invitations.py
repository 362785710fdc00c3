"""Inviting people, one or hundreds; what their letter says; and what happens to who opens its link."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

import members.mail
from chatserver import jobs
from members.invitations import postman
from members.invitations.actions import Answer, InvitationOver, accept, digest_of
from members.invitations.postman import claim_one, send_invitations
from members.models import Invitation, Member, Organisation, Profession
from members.refusals import NotAllowed, NotHere, TooFast
from rooms.actions.groups import end_membership
from rooms.actions.invitations import Wish, invite_people, plan_invitations
from rooms.models import Membership, PromisedPlace, WorkingGroup
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of
from tests.speaking import posts

FORM = {"display_name": "Nora", "profession": "", "organisation": "", "other_organisation": "", "password": ""}


def invites(inviter: Member, people: str = "nora@example.org", **terms: Any) -> str:
    """Invite and send; returns the address in the last letter."""
    invite_people(inviter, Wish(people, **terms))
    return send()


def send_all() -> int:
    return send_invitations(most=1_000)


def send() -> str:
    send_all()
    return link_in(mail.outbox[-1]) if mail.outbox else ""


def link_in(letter: Any) -> str:
    [link] = re.findall(r"http://127\.0\.0\.1:8000(/invitations/[\w-]+/)", letter.body)
    return str(link)


def token_in(link: str) -> str:
    return link.split("/")[2]


def stranger() -> Client:
    return Client(headers={"host": "localhost"})


def state() -> str:
    return Invitation.objects.get().state(timezone.now())


@pytest.fixture
def boss(cast: Cast) -> Member:
    return person("boss", role=Member.Role.ADMINISTRATOR)


# The whole story --------------------------------------------------------------------------------------------------------


def test_who_is_invited_by_a_leader_joins_with_one_button_and_is_in_the_group(cast: Cast) -> None:
    lena = browser(cast.lena)
    form = {"people": "Nora <Nora@Example.org>", "group": cast.workshop.pk, "note": "Do <b>come</b>", "days": "30"}
    preview = lena.post("/invitations/new/", form).content.decode()
    assert "Send 1 invitation" in preview
    assert not Invitation.objects.exists()
    assert lena.post("/invitations/new/", {**form, "step": "send"}).headers["Location"] == "/invitations/"
    assert "waiting to be sent" in text_of(lena, "/invitations/")

    link = send()
    [letter] = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    assert (letter.to, letter.subject) == (["nora@example.org"], "Lena invites you to Roundtable")
    assert "Do <b>come</b>" in letter.body
    assert "“Workshop”" in letter.body
    assert "Do &lt;b&gt;come" in str(letter.alternatives[0][0])
    assert 'nora@example.org</b> <span class="tag">sent' in text_of(lena, "/invitations/")

    nora = stranger()
    page = text_of(nora, link)
    assert all(words in page for words in ("Lena", "Workshop", "Do &lt;b&gt;come", 'value="Nora"'))
    assert nora.post(link, FORM).headers["Location"] == f"/rooms/{cast.supper.pk}/"
    member = Member.objects.get(email="nora@example.org")
    assert (member.handle, member.role, member.has_usable_password()) == ("nora", "member", False)
    assert Membership.objects.get(member=member).role == "member"
    assert 'href="/members/' in text_of(nora, f"/rooms/{cast.supper.pk}/members/")
    assert "Nora joined" in text_of(lena, "/invitations/")


def test_where_one_begins_is_the_room_that_moved_last(cast: Cast) -> None:
    link = invites(cast.lena, group=cast.workshop.pk)
    tea = cast.workshop.rooms.create(name="Tea", last_message_at=timezone.now() + timedelta(hours=1))
    assert stranger().post(link, FORM).headers["Location"] == f"/rooms/{tea.pk}/"


def test_to_the_community_alone_by_a_moderator(cast: Cast) -> None:
    link = invites(cast.mo, role="moderator")
    nora = stranger()
    assert nora.post(link, {**FORM, "password": "soup with dumplings"}).headers["Location"] == "/"
    member = Member.objects.get(email="nora@example.org")
    assert (member.role, member.check_password("soup with dumplings")) == ("moderator", True)
    assert not Membership.objects.filter(member=member).exists()


def test_who_says_an_organisation_that_is_not_in_the_list_adds_it_once(cast: Cast) -> None:
    for number, named in enumerate(["Soup Kitchen", "soup kitchen", "St Example's"]):
        link = invites(cast.mo, f"n{number}@example.org")
        stranger().post(link, {**FORM, "other_organisation": named})
    assert Organisation.objects.filter(name__iexact="soup kitchen").get().members.count() == 2
    assert Organisation.objects.count() == 2


def test_people_of_one_name_have_handles_of_their_own(cast: Cast) -> None:
    for number, name in enumerate(["Zoë O'Neill", "Zoe Oneill", "zoe o neill", "Ольга", "room", "Alice"]):
        stranger().post(invites(cast.mo, f"n{number}@example.org"), {**FORM, "display_name": name})
    new = Member.objects.filter(email__startswith="n").order_by("pk").values_list("handle", flat=True)
    assert list(new) == ["zoe.o.neill", "zoe.oneill", "zoe.o.neill.2", "member", "member.2", "alice.2"]


# Who may ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "role", "to_group", "refused"),
    [
        ("charlie", "member", False, NotAllowed),
        ("charlie", "member", True, NotHere),
        ("bob", "member", False, NotAllowed),
        ("bob", "member", True, NotAllowed),
        ("lena", "member", False, NotAllowed),
        ("lena", "moderator", True, NotAllowed),
        ("mo", "administrator", False, NotAllowed),
        ("mo", "administrator", True, NotAllowed),
        ("boss", "member", True, NotHere),
    ],
)
def test_who_may_not_invite_is_refused(
    cast: Cast, boss: Member, who: str, role: str, to_group: bool, refused: type[Exception]
) -> None:
    WorkingGroup.objects.update(kind=WorkingGroup.Kind.PRIVATE)
    inviter = boss if who == "boss" else getattr(cast, who)
    with pytest.raises(refused):
        invites(inviter, role=role, group=cast.workshop.pk if to_group else None)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("who", "role", "to_group"),
    [("lena", "member", True), ("mo", "moderator", True), ("mo", "moderator", False), ("boss", "administrator", False)],
)
def test_who_may_invite_does(cast: Cast, boss: Member, who: str, role: str, to_group: bool) -> None:
    inviter = boss if who == "boss" else getattr(cast, who)
    stranger().post(invites(inviter, role=role, group=cast.workshop.pk if to_group else None), FORM)
    assert Member.objects.get(email="nora@example.org").role == role


def test_the_role_is_in_the_row_and_no_form_gives_another(cast: Cast) -> None:
    link = invites(cast.lena, group=cast.workshop.pk)
    stranger().post(
        f"{link}?role=administrator", {**FORM, "role": "administrator", "group_role": "leader", "email": "x"}
    )
    member = Member.objects.get(email="nora@example.org")
    assert (member.role, Membership.objects.get(member=member).role) == ("member", "member")


def test_a_suspended_member_invites_nobody(cast: Cast) -> None:
    Member.objects.filter(pk=cast.mo.pk).update(suspended_until=timezone.now() + timedelta(days=1))
    with pytest.raises(NotAllowed):
        invites(Member.objects.get(pk=cast.mo.pk))


def test_leaders_look_after_invitations_to_their_own_groups_alone(cast: Cast, boss: Member) -> None:
    """Charlie leads another group, which he alone belongs to."""
    kitchen = WorkingGroup.objects.create(name="Kitchen", slug="kitchen", kind=WorkingGroup.Kind.PRIVATE)
    Membership.objects.create(member=cast.charlie, group=kitchen, role="leader")
    invites(cast.lena, "to-workshop@example.org", group=cast.workshop.pk)
    invites(cast.charlie, "to-kitchen@example.org", group=kitchen.pk)
    invites(cast.mo, "to-all@example.org")
    invites(boss, "chief@example.org", role="administrator")
    shown = {
        who.handle: set(re.findall(r"([\w-]+)@example.org</b>", text_of(browser(who), "/invitations/")))
        for who in (cast.lena, cast.charlie, cast.mo, boss)
    }
    assert shown == {
        "lena": {"to-workshop"},
        "charlie": {"to-kitchen"},
        "mo": {"to-workshop", "to-kitchen", "to-all"},
        "boss": {"to-workshop", "to-kitchen", "to-all", "chief"},
    }
    assert "Kitchen" not in text_of(browser(cast.mo), "/invitations/")
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    for who, address in ((cast.charlie, "to-workshop"), (cast.lena, "to-all"), (cast.mo, "chief")):
        invitation = Invitation.objects.get(address=f"{address}@example.org")
        for act in ("revoke", "send-again"):
            assert browser(who).post(f"/invitations/{invitation.pk}/{act}").status_code == 404
    assert not Invitation.objects.exclude(revoked_at=None).exists()


def test_no_leader_lowers_or_takes_over_what_an_administrator_gave(cast: Cast, boss: Member) -> None:
    invites(boss, role="administrator")
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    link = invites(cast.lena, group=cast.workshop.pk, note="Mine")
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.invited_by, invitation.note) == ("administrator", boss, "")
    stranger().post(link, FORM)
    assert Membership.objects.filter(member__email="nora@example.org", group=cast.workshop).exists()


# Lists ------------------------------------------------------------------------------------------------------------------


def test_the_preview_says_of_each_line_what_will_happen_and_then_it_does(cast: Cast) -> None:
    gone = person("gone")
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    invites(cast.mo, "old@example.org")
    invites(cast.mo, "fresh@example.org")
    Invitation.objects.filter(address="old@example.org").update(sent_at=timezone.now() - timedelta(days=1))
    people = ["new@example.org", "NEW@example.org", "CHARLIE@Example.org", "bob@example.org", "old@example.org"]
    people += ["fresh@example.org", "gone@example.org", "nobody"]
    wish = Wish("\n".join(people), group=cast.workshop.pk)
    plan = plan_invitations(cast.lena, wish)
    assert [planned.outcome for planned in plan.people] == [
        "invite", "twice", "add", "member", "again", "just_now", "suspended", "no_address",
    ]  # fmt: skip
    mail.outbox.clear()
    invite_people(cast.lena, wish)
    send_all()
    assert sorted(letter.to[0] for letter in mail.outbox) == ["new@example.org", "old@example.org"]
    assert Membership.objects.filter(member=cast.charlie, group=cast.workshop).exists()
    assert not Membership.objects.filter(member=gone).exists()
    promised = PromisedPlace.objects.values_list("invitation__address", flat=True)
    assert sorted(promised) == ["fresh@example.org", "new@example.org", "old@example.org"]


def test_a_member_on_the_list_becomes_a_leader_where_that_was_wished(cast: Cast) -> None:
    invite_people(cast.lena, Wish("charlie@example.org", group=cast.workshop.pk, group_role="leader"))
    assert Membership.objects.get(member=cast.charlie).role == "leader"
    assert not Invitation.objects.exists()


def test_five_hundred_lines_are_shown_and_then_invited(cast: Cast) -> None:
    lena = browser(cast.lena)
    Profession.objects.get_or_create(name="Midwife")
    table = "address,name,profession,organisation\n"
    table += "".join(f"n{number}@example.org,Nora {number},Midwife,St Example's\n" for number in range(500))
    form = {"people": table, "group": cast.workshop.pk, "days": "14", "role": "member", "group_role": "member"}
    page = lena.post("/invitations/new/", form).content.decode()
    assert "<b>500</b> will be invited" in page
    assert "Send 500 invitations" in page
    assert lena.post("/invitations/new/", {**form, "step": "send"}).status_code == 302
    assert Invitation.objects.count() == PromisedPlace.objects.count() == 500
    first = Invitation.objects.get(address="n0@example.org")
    assert (first.name, first.profession, first.organisation) == ("Nora 0", "Midwife", "St Example's")
    assert not mail.outbox
    assert send_all() == len({letter.to[0] for letter in mail.outbox}) == 500
    page = text_of(stranger(), link_in(mail.outbox[0]))
    assert "selected>Midwife" in page
    assert "selected>St Example" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("people", " "), ("note", "x" * 601), ("days", "900"), ("role", "king"), ("group_role", "king")],
)
def test_a_wish_that_cannot_be_is_refused_and_the_list_comes_back(cast: Cast, field: str, value: str) -> None:
    form = {"people": "nora@example.org", "group": cast.workshop.pk, "days": "14", "note": "Come", field: value}
    for step in ("preview", "send"):
        answer = browser(cast.lena).post("/invitations/new/", {**form, "step": step})
        page = answer.content.decode()
        assert (answer.status_code, 'role="alert"' in page) == (400, True)
        assert "nora@example.org" in page or field == "people"
    assert not Invitation.objects.exists()


# Links ------------------------------------------------------------------------------------------------------------------


def test_mail_scanners_that_open_a_link_neither_join_nor_sign_in(cast: Cast) -> None:
    link = invites(cast.mo)
    for method in ("get", "head", "options"):
        scanner = stranger()
        answer = getattr(scanner, method)(link)
        assert answer.status_code in (200, 405)
        assert "session" not in scanner.cookies
    assert (state(), Member.objects.filter(email="nora@example.org").exists()) == ("sent", False)
    answer = stranger().get(link)
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]


def used(cast: Cast, link: str) -> None:
    stranger().post(link, FORM)


def expired(cast: Cast, link: str) -> None:
    Invitation.objects.update(expires_at=timezone.now())


def revoked(cast: Cast, link: str) -> None:
    assert browser(cast.mo).post(f"/invitations/{Invitation.objects.get().pk}/revoke").status_code == 302


def sent_anew(cast: Cast, link: str) -> None:
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    assert browser(cast.mo).post(f"/invitations/{Invitation.objects.get().pk}/send-again").status_code == 302
    send()


def inviter_suspended(cast: Cast, link: str) -> None:
    Member.objects.filter(pk=cast.mo.pk).update(suspended_until=timezone.now() + timedelta(days=1))


def inviter_no_longer_moderator(cast: Cast, link: str) -> None:
    Member.objects.filter(pk=cast.mo.pk).update(role="member")


def invited_is_suspended(cast: Cast, link: str) -> None:
    nora = person("nora")
    Member.objects.filter(pk=nora.pk).update(suspended_until=timezone.now() + timedelta(days=1))


@pytest.mark.parametrize(
    "ended",
    [used, expired, revoked, sent_anew, inviter_suspended, inviter_no_longer_moderator, invited_is_suspended],
)
def test_a_link_that_is_over_opens_nothing_and_tells_nothing(cast: Cast, ended: Callable[[Cast, str], None]) -> None:
    link = invites(cast.mo, role="moderator")
    assert stranger().get(link).status_code == 200, "for this test to mean anything"
    ended(cast, link)
    count = Member.objects.count()
    pages = {(method, getattr(stranger(), method)(link, FORM).content) for method in ("get", "post")}
    unknown = {
        (method, getattr(stranger(), method)("/invitations/unknown/", FORM).content) for method in ("get", "post")
    }
    assert pages == unknown
    assert stranger().get(link).status_code == 410
    assert Member.objects.count() == count
    with pytest.raises(InvitationOver):
        accept(token_in(link), Answer("Nora", ""))


def test_of_two_who_accept_at_once_one_comes_in(live_cast: Cast) -> None:
    link = invites(live_cast.lena, group=live_cast.workshop.pk)

    def join(name: str) -> int:
        try:
            return stranger().post(link, {**FORM, "display_name": name}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as together:
        answers = sorted(together.map(join, ["Nora", "Eve"]))
    assert answers[0] == 302
    assert answers[1] in (403, 410)
    assert Member.objects.filter(email="nora@example.org").count() == 1
    assert Membership.objects.filter(group=live_cast.workshop).count() == 5


def test_a_member_who_is_signed_in_just_joins_the_group(cast: Cast) -> None:
    link = invites(cast.lena, "dan@example.org", group=cast.workshop.pk, group_role="leader")
    dan = person("dan")
    assert stranger().post(link, FORM).status_code == 403, "the link alone signs nobody in"
    client = browser(dan)
    assert 'name="display_name"' not in text_of(client, link)
    assert not Membership.objects.filter(member=dan).exists()
    assert client.post(link).headers["Location"] == f"/rooms/{cast.supper.pk}/"
    assert Membership.objects.get(member=dan).role == "leader"
    assert Member.objects.filter(email="dan@example.org").count() == 1


def test_whoever_is_signed_in_as_somebody_else_cannot_use_it(cast: Cast) -> None:
    link = invites(cast.lena, group=cast.workshop.pk)
    charlie = browser(cast.charlie)
    for answer in (charlie.get(link), charlie.post(link, FORM)):
        assert answer.status_code == 403
        assert b"nora@" not in answer.content
    assert state() == "sent"
    assert not Membership.objects.filter(member=cast.charlie).exists()


def test_a_place_is_as_good_as_who_promised_it(cast: Cast) -> None:
    link = invites(cast.lena, group=cast.workshop.pk)
    end_membership(Membership.objects.get(member=cast.lena))
    nora = stranger()
    assert nora.post(link, FORM).headers["Location"] == "/"
    assert not Membership.objects.filter(member__email="nora@example.org").exists()


def test_only_the_digest_of_a_token_is_kept(cast: Cast) -> None:
    token = token_in(invites(cast.mo))
    row = Invitation.objects.values().get()
    assert token not in str(row)
    assert row["token_digest"] == digest_of(token)
    assert len(token) == 43


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", " "),
        ("profession", "king"),
        ("organisation", "99999"),
        ("password", "short"),
        ("password", "nora@example.org"),
    ],
)
def test_an_answer_that_cannot_be_uses_nothing_up_and_comes_back(cast: Cast, field: str, value: str) -> None:
    link = invites(cast.mo)
    answer = stranger().post(link, {**FORM, "other_organisation": "Soup Kitchen", field: value})
    page = answer.content.decode()
    assert (answer.status_code, 'role="alert"' in page, "Soup Kitchen" in page) == (400, True, True)
    assert (state(), Organisation.objects.filter(name="Soup Kitchen").exists()) == ("sent", False)


# Letters ----------------------------------------------------------------------------------------------------------------


def test_no_name_adds_a_header(cast: Cast) -> None:
    Member.objects.filter(pk=cast.mo.pk).update(display_name="Mo\r\nBcc: eve@example.org")
    cast.mo.refresh_from_db()
    invites(cast.mo, "Nora\rBcc: x@example.org <nora@example.org>", note="Hello\r\nBcc: eve@example.org")
    [letter] = mail.outbox
    assert letter.message()["Bcc"] is None
    assert letter.recipients() == ["nora@example.org"]


def test_a_letter_that_could_not_be_sent_is_shown_and_sent_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(postman, "send_letter", lambda *args, **facts: False)
        invites(cast.mo)
    assert "could not be sent" in text_of(browser(cast.mo), "/invitations/")
    assert send_all() == 0
    browser(cast.mo).post(f"/invitations/{Invitation.objects.get().pk}/send-again")
    assert (send_all(), state()) == (1, "sent")


def test_a_mail_server_that_is_away_for_a_while_costs_nobody_their_invitation(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later() -> int:
        Invitation.objects.update(failed_at=timezone.now() - postman.AGAIN)
        return send_all()

    for away, sent_at_last in ((2, 1), (9, 0)):
        Invitation.objects.all().delete()
        with monkeypatch.context() as broken:
            broken.setattr(postman, "send_letter", lambda *args, **facts: False)
            invite_people(cast.mo, Wish("nora@example.org"))
            assert [later() for _ in range(away)] == [0] * away
        assert Invitation.objects.get().tries == min(away, postman.TRIES)
        assert later() == sent_at_last
    call_command("send_invitations", failed=True, verbosity=0)
    assert state() == "sent"


def test_the_server_sends_by_itself_and_lets_other_work_have_its_turn(cast: Cast) -> None:
    invite_people(cast.mo, Wish("\n".join(f"n{number}@example.org" for number in range(30))))
    jobs.work_once()
    assert len(mail.outbox) == postman.AT_A_TURN
    jobs.work_once()
    assert len(mail.outbox) == 30


def test_nobody_is_sent_one_letter_after_the_other(cast: Cast) -> None:
    invites(cast.mo)
    answer = browser(cast.mo).post(f"/invitations/{Invitation.objects.get().pk}/send-again")
    assert (answer.status_code, send_all()) == (TooFast.status, 0)


class Killed(BaseException):
    """The process ended."""


def test_what_a_killed_process_leaves_the_command_sends_and_nobody_gets_two(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite_people(cast.mo, Wish("\n".join(f"n{number}@example.org" for number in range(10))))
    send_letter = members.mail.send_letter

    def dies_at_the_fourth(*args: Any, **facts: Any) -> bool:
        if len(mail.outbox) == 3:
            raise Killed
        return send_letter(*args, **facts)

    with monkeypatch.context() as dying:
        dying.setattr(postman, "send_letter", dies_at_the_fourth)
        with pytest.raises(Killed):
            send_all()
    assert Invitation.objects.filter(sent_at=None).count() == 7
    call_command("send_invitations", verbosity=0)
    assert len(mail.outbox) == 9, "the one in hand is left alone while its claim holds"
    Invitation.objects.filter(sent_at=None).update(claimed_at=timezone.now() - postman.CLAIM)
    call_command("send_invitations", verbosity=0)
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(f"n{number}@example.org" for number in range(10))
    assert stranger().get(link_in(mail.outbox[-1])).status_code == 200


def test_two_postmen_never_send_the_same_letter(live_cast: Cast) -> None:
    invite_people(live_cast.mo, Wish("\n".join(f"n{number}@example.org" for number in range(20))))

    def work(_: int) -> int:
        try:
            return send_all()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as together:
        assert sum(together.map(work, range(2))) == 20
    assert len({letter.to[0] for letter in mail.outbox}) == len(mail.outbox) == 20


def test_who_is_invited_again_while_the_letter_is_in_hand_gets_one(cast: Cast) -> None:
    invite_people(cast.mo, Wish("nora@example.org"))
    in_hand = claim_one()
    invite_people(cast.mo, Wish("nora@example.org"))
    assert in_hand
    assert (send_all(), postman.send(*in_hand), send_all(), len(mail.outbox)) == (0, True, 0, 1)


def test_what_was_taken_back_is_not_sent(cast: Cast) -> None:
    invite_people(cast.mo, Wish("nora@example.org\nnils@example.org"))
    nora = Invitation.objects.get(address="nora@example.org")
    browser(cast.mo).post(f"/invitations/{nora.pk}/revoke")
    inviter_suspended(cast, "")
    assert (claim_one(), mail.outbox) == (None, [])


def test_an_address_is_invited_again_after_its_invitation_was_used_or_taken_back(cast: Cast) -> None:
    first = invites(cast.mo)
    revoked(cast, first)
    second = invites(cast.mo)
    assert (stranger().get(first).status_code, stranger().get(second).status_code) == (410, 200)


def test_a_member_reads_what_a_newcomer_wrote(cast: Cast) -> None:
    """From the letter to the first message."""
    stranger().post(invites(cast.lena, group=cast.workshop.pk), FORM)
    posts(Member.objects.get(email="nora@example.org"), cast.supper, "Hello from Nora")
    assert "Hello from Nora" in text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/")
