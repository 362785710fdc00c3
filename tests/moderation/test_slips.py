"""This names a patient: one tap, and what guardians do about it."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from members.models import Member
from members.refusals import BadRequest, NotAllowed, NotHere, TooFast
from moderation.actions import Subject, file_report, undo
from moderation.models import Case, Decision, Entry, Report, Slip
from moderation.slips.flagging import AN_HOUR, flag_patient
from moderation.slips.purging import carry_on_purges
from moderation.slips.settling import look_at, purge_flagged, record_outcome, remind_guardians, restore_flagged
from notifications.digests.sending import preview
from notifications.missed.sending import send_missed
from notifications.models import MissedLetter, Notice
from rooms.actions.messages import pin_message
from rooms.commands import PinMessage
from rooms.models import File, Message, Reading, Room
from tests import samples
from tests.cast import Cast, person
from tests.rooms.test_pages import browser, text_of
from tests.speaking import Tab, brings, edits, posts, removes

WORDS = "Jane Smithson of 3 Mill Lane comes at 34 weeks"


def flagged(cast: Cast, text: str = WORDS, **fields: Any) -> Slip:
    """Alice names a patient, and Bob says so."""
    return flag_patient(cast.bob, posts(cast.alice, cast.supper, text, **fields).pk)


def the_message(slip: Slip) -> Message:
    return Message.objects.get(pk=slip.number)


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member, seen_at=None).order_by("pk").values_list("kind", flat=True))


def test_one_tap_hides_a_message_and_tells_every_guardian(cast: Cast) -> None:
    ada = person("ada", role="administrator")
    slip = flagged(cast)
    assert the_message(slip).hidden_at
    assert (slip.case.priority, slip.case.state) == (Case.Priority.AT_ONCE, "open")
    assert kinds(cast.mo) == kinds(ada) == ["patient"]
    decision = Decision.objects.get()
    assert (decision.act, decision.role, decision.ground) == ("hide", "member", "patient")
    assert "Jane" not in decision.sealed
    assert not Report.objects.exclude(quoted="").exists()


def test_its_author_reads_their_words_and_no_blame_and_nobody_else_does(cast: Cast) -> None:
    slip = flagged(cast)
    assert kinds(cast.alice) == ["decision"]
    address = f"/messages/{slip.number}/patient"
    assert f'href="{address}"' in text_of(browser(cast.alice), "/notices/")
    page = text_of(browser(cast.alice), address)
    assert WORDS in page
    assert "nothing is held against you" in page
    assert "Bob" not in page.split("<main")[1]
    assert "Jane" not in text_of(browser(cast.lena), address)


def test_the_page_asks_once_and_works_without_a_script(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, WORDS)
    bob, address = browser(cast.bob), f"/messages/{soup.pk}/patient"
    assert "Does this message name a patient?" in text_of(bob, address)
    assert not Slip.objects.exists()
    assert bob.post(address).headers["Location"] == address
    assert "Thank you" in text_of(bob, address)
    assert Slip.objects.get().flagged_by == cast.bob


def test_a_script_gets_an_answer_and_not_a_page(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, WORDS)
    address = f"/messages/{soup.pk}/patient"
    as_charlie = browser(cast.charlie).post(address, {}, content_type="application/json")
    assert (as_charlie.status_code, as_charlie.json()["code"]) == (404, "not_here")
    assert browser(cast.bob).post(address, {}, content_type="application/json").json() == {"kind": "done"}
    assert Slip.objects.get().has_hidden


def test_flagged_by_two_it_is_one_slip(cast: Cast) -> None:
    slip = flagged(cast)
    assert flag_patient(cast.lena, slip.number) == slip
    assert flag_patient(cast.bob, slip.number) == slip
    assert set(slip.case.reports.values_list("by", flat=True)) == {cast.bob.pk, cast.lena.pk}
    assert kinds(cast.mo) == ["patient"]
    assert Decision.objects.count() == 1


def test_who_cannot_read_it_cannot_flag_it(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, WORDS)
    with pytest.raises(NotHere):
        flag_patient(cast.charlie, soup.pk)
    cast.bob.suspended_until = timezone.now() + timedelta(days=1)
    with pytest.raises(NotAllowed):
        flag_patient(cast.bob, soup.pk)
    assert not Case.objects.exists()


def test_a_member_who_is_silenced_may_still_flag(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, WORDS)
    Member.objects.filter(pk=cast.bob.pk).update(silenced_until=timezone.now() + timedelta(days=1))
    assert flag_patient(Member.objects.get(pk=cast.bob.pk), soup.pk).has_hidden


def test_nobody_empties_a_room_by_taps(cast: Cast) -> None:
    for _ in range(AN_HOUR):
        flagged(cast)
    last = posts(cast.alice, cast.supper, "Soup")
    with pytest.raises(TooFast, match="Report this one"):
        flag_patient(cast.bob, last.pk)
    assert Message.objects.get(pk=last.pk).hidden_at is None
    flag_patient(cast.lena, last.pk)


def test_what_its_author_removed_already_is_looked_after_all_the_same(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, WORDS)
    removes(cast.alice, soup)
    slip = flag_patient(cast.bob, soup.pk)
    assert (slip.has_hidden, slip.state, kinds(cast.mo)) == (False, "open", ["patient"])
    assert purge_flagged(cast.mo, slip.pk).state == "purging"


def test_an_author_removes_it_while_it_waits(cast: Cast) -> None:
    slip = flagged(cast)
    removes(cast.alice, the_message(slip))
    restore_flagged(cast.mo, slip.pk)
    assert the_message(slip).removed_at


# --- A guardian looks ---


def test_each_look_at_the_words_is_written_down(cast: Cast) -> None:
    picture = brings(cast.alice, cast.supper, "Scan.png", samples.picture())
    slip = flagged(cast, files=[picture])
    mo = browser(cast.mo)
    assert "Jane" not in text_of(mo, f"/patient-slips/{slip.pk}/")
    assert not Entry.objects.filter(kind="looked").exists()
    assert WORDS in mo.post(f"/patient-slips/{slip.pk}/look").content.decode()
    file = mo.get(f"/patient-slips/{slip.pk}/files/0/")
    assert (file.status_code, b"".join(file)[:4]) == (200, b"\x89PNG")
    assert mo.get(f"/files/{picture.pk}/").status_code == 404
    assert mo.get(f"/patient-slips/{slip.pk}/files/1/").status_code == 404
    assert Entry.objects.filter(kind="looked", by=cast.mo).count() == 2


@pytest.mark.parametrize("who", ["alice", "bob", "lena", "charlie"])
def test_who_is_no_guardian_finds_no_slip(cast: Cast, who: str) -> None:
    slip = flagged(cast)
    member = getattr(cast, who)
    for act in (look_at, restore_flagged, purge_flagged):
        with pytest.raises(NotHere):
            act(member, slip.pk)
    with pytest.raises(NotHere):
        record_outcome(member, slip.pk, "no_need", "Because")
    assert the_message(slip).hidden_at
    assert Slip.objects.get().state == "open"


def test_what_names_no_patient_comes_back_and_the_record_says_so(cast: Cast) -> None:
    slip = flagged(cast, "Jane Austen would have liked this soup")
    restore_flagged(cast.mo, slip.pk)
    slip.refresh_from_db()
    assert the_message(slip).hidden_at is None
    assert (slip.state, slip.outcome, slip.traces) == ("restored", "no_slip", [])
    hidden, restored = Decision.objects.order_by("number")
    assert (restored.act, restored.role, restored.undoes) == ("restore", "guardian", hidden)
    assert kinds(cast.mo) == []
    with pytest.raises(NotAllowed):
        purge_flagged(cast.mo, slip.pk)
    restore_flagged(cast.mo, slip.pk)
    assert Decision.objects.count() == 2


def test_a_decision_taken_back_on_the_case_settles_the_slip_too(cast: Cast) -> None:
    slip = flagged(cast)
    undo(cast.mo, Decision.objects.get().number, "It is a character in a novel.")
    slip.refresh_from_db()
    assert (slip.state, kinds(cast.mo)) == ("restored", [])


def test_flagged_again_unchanged_it_stays_until_a_guardian_has_looked(cast: Cast) -> None:
    slip = flagged(cast)
    restore_flagged(cast.mo, slip.pk)
    again = flag_patient(cast.lena, slip.number)
    assert (again.pk != slip.pk, again.has_hidden, the_message(slip).hidden_at) == (True, False, None)
    restore_flagged(cast.mo, again.pk)
    edits(cast.alice, the_message(slip), f"{WORDS}, born in May")
    assert flag_patient(cast.lena, slip.number).has_hidden


def test_who_wrote_or_flagged_it_does_not_restore_it(cast: Cast) -> None:
    own = flag_patient(cast.bob, posts(cast.mo, cast.supper, WORDS).pk)
    tapped = flag_patient(cast.mo, posts(cast.alice, cast.supper, WORDS).pk)
    for slip in (own, tapped):
        with pytest.raises(NotAllowed, match="another guardian"):
            restore_flagged(cast.mo, slip.pk)
    purge_flagged(cast.mo, tapped.pk)
    assert the_message(tapped).removed_at


def test_a_report_of_the_same_message_goes_on_in_the_same_case(cast: Cast) -> None:
    slip = flagged(cast)
    assert file_report(cast.lena, Subject("message", slip.number), "private", "Oh dear").case == slip.case


# --- Who may have seen it ---


def test_who_may_have_seen_it_is_what_is_known_when_it_is_flagged(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, f"@lena {WORDS}")
    posts(cast.mo, cast.supper, "Oh", reply_to=soup.pk)
    Notice.objects.filter(member=cast.lena).update(seen_at=timezone.now())
    nora = person("nora")
    for member, version in ((cast.bob, soup.created_version), (nora, soup.created_version - 1)):
        Reading.objects.update_or_create(member=member, room=cast.supper, defaults={"version": version})
    MissedLetter.objects.create(
        member=nora, room=cast.supper, state="sent", settles_version=soup.created_version, ended_at=timezone.now()
    )
    slip = flag_patient(cast.bob, soup.pk)
    ways = set(slip.readers.values_list("member__handle", "how"))
    assert ways == {("bob", "read"), ("lena", "notice"), ("mo", "answered"), ("nora", "letter")}
    Reading.objects.update_or_create(member=cast.lena, room=cast.supper, defaults={"version": 9})
    assert ("lena", "read") not in set(slip.readers.values_list("member__handle", "how"))
    page = text_of(browser(cast.mo), f"/patient-slips/{slip.pk}/")
    assert "saw a notice with its first words" in page


# --- The clock ---


def test_guardians_hear_that_the_time_runs_until_somebody_writes_down_what_came_of_it(cast: Cast) -> None:
    slip = flagged(cast)
    purge_flagged(cast.mo, slip.pk)
    for hours, reminded in ((35, 0), (37, 1), (53, 1), (55, 2), (73, 3), (80, 3)):
        Slip.objects.update(flagged_at=timezone.now() - timedelta(hours=hours))
        remind_guardians()
        remind_guardians()
        assert (hours, Slip.objects.get().reminded) == (hours, reminded)
        assert kinds(cast.mo).count("clock") == min(reminded, 1)
    mo = browser(cast.mo)
    refused = mo.post(f"/patient-slips/{slip.pk}/outcome", {"outcome": "shrug", "words": "Reported to the trust"})
    assert (refused.status_code, "Reported to the trust" in refused.content.decode()) == (400, True)
    mo.post(f"/patient-slips/{slip.pk}/outcome", {"outcome": "reported", "words": "To the trust"})
    assert kinds(cast.mo) == []
    assert "To the trust" in text_of(mo, f"/patient-slips/{slip.pk}/receipt.txt")
    with pytest.raises(NotAllowed):
        record_outcome(cast.mo, slip.pk, "no_need", "Changed my mind")
    Slip.objects.update(flagged_at=timezone.now() - timedelta(hours=99), reminded=0)
    remind_guardians()
    assert kinds(cast.mo) == []


def test_an_outcome_needs_its_reason(cast: Cast) -> None:
    slip = flagged(cast)
    with pytest.raises(BadRequest):
        record_outcome(cast.mo, slip.pk, "no_need", " ")


def test_the_page_says_who_decides(cast: Cast, settings: Any) -> None:
    settings.DATA_PROTECTION_CONTACT = "Fiona, extension 12"
    slip = flagged(cast)
    assert "Fiona, extension 12" in text_of(browser(cast.mo), f"/patient-slips/{slip.pk}/")
    assert f"/patient-slips/{slip.pk}/" in text_of(browser(cast.mo), "/patient-slips/")


# --- On every screen ---


async def test_it_is_gone_from_every_open_screen_and_every_answer(live_cast: Cast, delivery: None) -> None:
    cast, act = live_cast, sync_to_async
    soup = await act(posts)(cast.alice, cast.supper, f"@lena {WORDS}")
    reply = await act(posts)(cast.mo, cast.supper, "Oh", reply_to=soup.pk)
    await act(pin_message)(cast.alice, PinMessage(soup.pk, on=True))
    async with Tab(cast.lena) as lena:
        await lena.opens(cast.supper)
        bob = await act(browser)(cast.bob)
        await act(bob.post)(f"/messages/{soup.pk}/patient")
        gone = await lena.hears("message.changed", message=soup.pk, version=4)
        assert "This message is hidden" in gone["html"]
        quoting = await lena.hears("message.changed", message=reply.pk)
        assert "a removed message" in quoting["html"]
        assert "Smithson" not in str([gone, quoting, lena.heard])
        assert "Smithson" not in str(await lena.opens(cast.supper))
    slip = await Slip.objects.aget()
    assert ("lena", "here") in {each async for each in slip.readers.values_list("member__handle", "how")}
    for state in ("hidden", "purged"):
        if state == "purged":
            await act(purge_flagged)(cast.mo, slip.pk)
        await act(says_nothing)(cast, soup)


def says_nothing(cast: Cast, soup: Message) -> None:
    """No page, count or letter of Lena, whom it mentions, has the words."""
    lena, room = browser(cast.lena), f"/rooms/{cast.supper.pk}/"
    for address in (room, f"{room}pinned/", "/", "/sidebar/", f"/messages/{soup.pk}/history/", "/notices/"):
        assert "Smithson" not in text_of(lena, address), address
    letter = preview(cast.lena)
    assert letter is None or "Smithson" not in str(letter.body)
    Notice.objects.filter(member=cast.lena).update(created_at=timezone.now() - timedelta(hours=1))
    assert send_missed() == 0


def test_nothing_of_it_is_logged(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    slip = flagged(cast, files=[brings(cast.alice, cast.supper, "Jane Smithson.pdf")])
    purge_flagged(cast.mo, slip.pk)
    carry_on_purges()
    assert Slip.objects.get().state == "purged"
    assert "Smithson" not in caplog.text
    assert not File.objects.exists()


def test_two_guardians_at_once_purge_once(cast: Cast) -> None:
    slip = flagged(cast)
    other = person("ola", role="moderator")
    purge_flagged(cast.mo, slip.pk)
    again = purge_flagged(other, slip.pk)
    assert (again.settled_by, Decision.objects.filter(act="purge").count()) == (cast.mo, 1)
    with pytest.raises(NotAllowed, match="removed for good"):
        restore_flagged(other, slip.pk)


def test_what_is_not_committed_hides_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    soup = posts(cast.alice, cast.supper, WORDS)
    version = Room.objects.get(pk=cast.supper.pk).version
    monkeypatch.setattr("moderation.slips.flagging.PatientFlagged", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        flag_patient(cast.bob, soup.pk)
    assert (Case.objects.count(), Room.objects.get(pk=cast.supper.pk).version) == (0, version)
