"""An urgent concern: where to turn, and a button that tells moderators at once."""

import pytest
from django.core import mail

from members.community.actions import About, change_community
from members.models import Member
from moderation.actions import Subject, file_report
from moderation.models import Case
from notifications.models import Notice
from tests.cast import Cast, person
from tests.members.test_community import stranger
from tests.rooms.test_pages import browser, text_of

pytestmark = pytest.mark.usefixtures("tasks_at_once")


def test_everybody_reads_where_to_turn_also_without_an_account(cast: Cast) -> None:
    page = text_of(stranger(), "/urgent/")
    for words in ("999", "111", "safeguarding lead", "116 123", "should check"):
        assert words in page
    assert "Tell the moderators now" not in page
    assert 'href="/report/"' in page
    assert 'href="/report/"' not in text_of(browser(cast.charlie), "/urgent/")
    assert stranger().post("/urgent/", {"words": "Help"}).status_code == 401
    assert not Case.objects.exists()


def test_the_community_writes_it_in_its_own_words(cast: Cast) -> None:
    ada = person("ada", role=Member.Role.ADMINISTRATOR)
    change_community(ada, About("Cooks", time_zone="Europe/London", urgent="Call **the kitchen** <script>"))
    page = text_of(stranger(), "/urgent/")
    assert "<strong>the kitchen</strong> &lt;script&gt;" in page
    assert "116 123" not in page
    change_community(ada, About("Cooks", time_zone="Europe/London", urgent=" "))
    assert "116 123" in text_of(stranger(), "/urgent/")


def test_a_member_tells_moderators_at_once(cast: Cast) -> None:
    charlie = browser(cast.charlie)
    assert charlie.post("/urgent/", {"words": "Somebody in Supper writes of ending it."}).status_code == 302
    case = Case.objects.get()
    report = case.reports.get()
    assert (case.priority, report.ground, report.by) == (Case.Priority.AT_ONCE, "danger", cast.charlie)
    assert report.words == "Somebody in Supper writes of ending it."
    assert list(Notice.objects.values_list("member", "kind")) == [(cast.mo.pk, "case")]
    [letter] = mail.outbox
    assert (letter.to, "Supper" in letter.body) == (["mo@example.org"], False)
    assert "Moderators have been told" in text_of(charlie, "/urgent/?told=1")


def test_each_concern_stands_for_itself(cast: Cast) -> None:
    charlie = browser(cast.charlie)
    for words in ("", "It got worse."):
        charlie.post("/urgent/", {"words": words})
    assert Case.objects.count() == 2
    assert len(mail.outbox) == 2


def test_too_many_words_come_back(cast: Cast) -> None:
    answer = browser(cast.charlie).post("/urgent/", {"words": f"Help. {'x' * 600}"})
    assert (answer.status_code, "Help." in answer.content.decode(), Case.objects.exists()) == (400, True, False)


def test_an_ordinary_report_wakes_nobody_and_one_of_danger_does(cast: Cast) -> None:
    file_report(cast.bob, Subject("room", cast.supper.pk), "unkind")
    assert mail.outbox == []
    file_report(cast.bob, Subject("member", cast.alice.pk), "danger")
    assert [letter.to for letter in mail.outbox] == [["mo@example.org"]]
    file_report(cast.lena, Subject("member", cast.alice.pk), "danger")
    assert len(mail.outbox) == 1
    file_report(cast.lena, Subject("room", cast.supper.pk), "danger")
    assert len(mail.outbox) == 2


def test_where_people_write_the_way_there_is_shown(cast: Cast) -> None:
    assert 'href="/urgent/"' in text_of(browser(cast.bob), f"/rooms/{cast.supper.pk}/").split('id="composer"')[1]
    assert 'href="/urgent/"' in text_of(stranger(), "/sign-in/")
