"""The guard stands at every door: no door that stores a member's words is without the screens, and each has a way to go on."""

import ast
import logging
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from members.refusals import Asks, Refused
from members.screens import Draft, pass_screens
from moderation.actions import Subject, file_report
from moderation.guard.looking import look
from moderation.guard.screen import AboutAPatient, NamesAPatient, PictureOfSomebody
from moderation.models import GuardCount
from rooms.actions.files import upload_file
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.commands import Attached, PostMessage, UploadFile
from rooms.models import File, Message, Room
from tests import samples
from tests.cast import Cast
from tests.rooms.test_pages import browser
from tests.speaking import brings, edits, posts

pytestmark = pytest.mark.django_db
SURE = "NHS number 999 672 1108, please advise"
DOUBT = "Mrs Khan is 34 weeks and on insulin"
HOUSE = Path(__file__).parents[2]

SCREENED = {
    "members/community/actions.py": {"change_community"},
    "members/community/beginning.py": {"begin_community"},
    "members/community/proposals.py": {"propose_rules", "take_stance", "answer_proposal"},
    "members/invitations/actions.py": {"accept"},
    "members/invitations/asking.py": {"ask_community"},
    "members/lists.py": {"words_of"},
    "members/profile.py": {"change_profile"},
    "moderation/actions.py": {"file_report", "add_note", "checked_order"},
    "moderation/appeals/hearing.py": {"appeal_against", "answer"},
    "moderation/holding.py": {"because_of"},
    "moderation/legal.py": {"ask_for_hold"},
    "moderation/outside.py": {"report_from_outside"},
    "moderation/slips/settling.py": {"record_outcome"},
    "moderation/urgent.py": {"raise_concern"},
    "moderation/words.py": {"watch"},
    "rooms/actions/files.py": {"upload_file", "look_into"},
    "rooms/actions/groups.py": {"start_group", "change_group"},
    "rooms/actions/invitations.py": {"invite_people"},
    "rooms/actions/memberships.py": {"ask_to_join"},
    "rooms/actions/messages.py": {"post_message", "edit_message"},
    "rooms/actions/rooms.py": {"open_room", "change_room"},
    "rooms/importing/reading.py": {"record"},
}
"""Where words are screened, by module: written down, so that a door cannot lose its screen unnoticed."""
KEEPS_NONE = {
    "members/community/rules.py": "house rules for change_community and the proposals, which have the screens",
    "members/complaints/actions.py": "complaints, which may say which words about somebody stand where: for administrators alone",
    "members/invitations/reading.py": "a list of people, looked through whole by invite_people",
    "members/number_shapes.py": "shapes of numbers, which are refused where they could hold a number",
    "members/requests.py": "words to look for",
    "moderation/access.py": "whom or what to look for",
    "moderation/questions.py": "shows again what was typed",
    "notifications/replies/cutting.py": "letters, posted through post_message",
    "notifications/replies/reading.py": "letters, posted through post_message",
    "rooms/access.py": "words to look for",
    "rooms/actions/naming.py": "names for groups and rooms, whose actions have the screens",
    "rooms/commands.py": "hands what it reads to the actions",
    "rooms/files/ready.py": "names for upload_file",
    "rooms/views/messages.py": "shows again what was typed",
}
"""Modules that take typed words and have no screen, each with the reason."""
TYPED = ("one_line(", "clean(", "is_blank(")
"""Whoever takes typed words calls one of these."""


def functions_that_call(path: Path, name: str) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == name for node in ast.walk(function))
    }


def modules() -> list[str]:
    apps = ("members", "rooms", "notifications", "moderation")
    return [str(path.relative_to(HOUSE)) for app in apps for path in sorted((HOUSE / app).rglob("*.py"))]


def test_every_screen_is_where_the_table_says() -> None:
    found = {module: functions_that_call(HOUSE / module, "pass_screens") for module in modules()}
    assert {module: names for module, names in found.items() if names} == SCREENED


def test_a_module_that_takes_typed_words_screens_them_or_says_why_not() -> None:
    takes = {
        module for module in modules() if any(call in (HOUSE / module).read_text(encoding="utf-8") for call in TYPED)
    }
    assert takes - SCREENED.keys() == KEEPS_NONE.keys()


def test_the_demonstration_and_the_house_rules_pass() -> None:
    """They are written to the database as they stand."""
    texts = [
        path for path in (HOUSE / "rooms" / "demonstration").rglob("*") if path.suffix in (".md", ".txt", ".csv", ".py")
    ]
    assert len(texts) > 5
    asked = {
        path.name: paragraph
        for path in texts
        for paragraph in path.read_text(encoding="utf-8").split("\n\n")
        if look(paragraph).level
    }
    assert asked == {}


def test_what_names_a_patient_is_nowhere_afterwards(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    message = posts(cast.alice, cast.supper, "Soup")
    with pytest.raises(NamesAPatient) as stopped:
        posts(cast.alice, cast.supper, SURE)
    with pytest.raises(NamesAPatient):
        edits(cast.alice, message, SURE)
    assert "999" not in str(stopped.value.as_answer())
    assert "999 672" not in caplog.text
    assert [message.text for message in Message.objects.all()] == ["Soup"]
    assert list(GuardCount.objects.values_list("verdict", "kind", "times")) == [("stopped", "nhs_number", 2)]


def test_a_doubt_goes_on_once_it_is_answered_and_is_counted(cast: Cast) -> None:
    with pytest.raises(AboutAPatient) as asked:
        pass_screens(Draft(cast.alice, DOUBT, "message"))
    assert asked.value.as_answer()["asks"] is True
    assert asked.value.offered(DOUBT) == "A woman is 34 weeks and on insulin"
    pass_screens(Draft(cast.alice, DOUBT, "message", answered=frozenset({"about_a_patient"})))
    counted = {
        (verdict, kind): times for verdict, kind, times in GuardCount.objects.values_list("verdict", "kind", "times")
    }
    assert counted == {(verdict, kind): 1 for verdict in ("asked", "went_on") for kind in ("name", "clinical")}


def test_an_answer_does_not_open_the_way_for_what_is_sure(cast: Cast) -> None:
    with pytest.raises(NamesAPatient):
        pass_screens(
            Draft(cast.alice, SURE, answered=frozenset({"about_a_patient", "names_a_patient", "my_own_story"}))
        )


def test_a_picture_is_asked_about_once(cast: Cast) -> None:
    pump = brings(cast.alice, cast.supper, "Pump.png", samples.picture())
    wish = PostMessage(uuid4(), cast.supper.pk, "", files=(Attached(pump.pk),))
    with pytest.raises(PictureOfSomebody):
        post_message(cast.alice, wish)
    answered = replace(wish, answered=frozenset({"picture_of_somebody"}))
    assert post_message(cast.alice, answered).files.get() == pump


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Letter.txt", SURE.encode()),
        ("List.csv", SURE.encode("utf-16")),
        ("Letter.docx", samples.letter(SURE[:14], SURE[14:])),
        ("999 672 1108.pdf", samples.PDF),
        ("Letter.pdf", samples.pdf(SURE)),
    ],
)
def test_a_file_that_names_a_patient_is_not_kept(cast: Cast, name: str, content: bytes) -> None:
    with pytest.raises(NamesAPatient):
        brings(cast.alice, cast.supper, name, content)
    assert not File.objects.exists()


def test_a_doubtful_file_goes_on_once_it_is_answered(cast: Cast) -> None:
    with pytest.raises(Asks, match="In this file: Is this about a patient"):
        brings(cast.alice, cast.supper, "Letter.txt", DOUBT.encode())
    again = UploadFile(cast.supper.pk, "Letter.txt", BytesIO(DOUBT.encode()), answered=frozenset({"about_a_patient"}))
    assert upload_file(cast.alice, again).name == "Letter.txt"


def test_any_form_shows_what_was_typed_again_with_the_question_and_goes_on(cast: Cast) -> None:
    alice = browser(cast.alice)
    typed = {"name": "Pump questions", "about": f"{DOUBT}. Other things too.", "is_sensitive": "1"}
    page = alice.post(f"/groups/{cast.workshop.pk}/rooms", typed)
    html = page.content.decode()
    assert (page.status_code, "Is this about a patient?" in html) == (409, True)
    assert f"{DOUBT}. Other things too.</textarea>" in html
    assert 'name="is_sensitive" value="1"' in html
    assert 'value="A woman is 34 weeks and on insulin. Other things too."' in html
    assert alice.post(f"/groups/{cast.workshop.pk}/rooms", {**typed, "answered": "about_a_patient"}).status_code == 302
    assert Room.objects.get(name="Pump questions").about == typed["about"]


def test_a_password_is_never_written_into_a_page(cast: Cast) -> None:
    page = browser(cast.alice).post(
        f"/groups/{cast.workshop.pk}/rooms", {"name": "Soup", "about": SURE, "password": "correct horse"}
    )
    assert (page.status_code, "correct horse" in page.content.decode()) == (422, False)


def test_the_count_outlives_the_refusal(cast: Cast) -> None:
    with pytest.raises(Refused):
        open_room(cast.alice, cast.workshop.pk, name="Soup", about=SURE)
    assert GuardCount.objects.get().times == 1


def test_the_form_without_a_script_offers_other_words_and_a_way_to_go_on(cast: Cast) -> None:
    alice, address = browser(cast.alice), f"/rooms/{cast.supper.pk}/messages"
    html = alice.post(address, {"text": DOUBT}).content.decode()
    assert f"{DOUBT}</textarea>" in html
    assert 'name="offered" value="A woman is 34 weeks and on insulin"' in html
    alice.post(address, {"text": DOUBT, "answered": "about_a_patient"})
    alice.post(address, {"text": SURE, "offered": "(number left out), please advise"})
    assert [message.text for message in Message.objects.order_by("pk")] == [DOUBT, "(number left out), please advise"]


def test_who_reports_is_stopped_for_what_names_a_patient_and_asked_nothing(cast: Cast) -> None:
    soup = posts(cast.alice, cast.supper, "Soup")
    file_report(cast.bob, Subject("message", soup.pk), "patient", DOUBT)
    with pytest.raises(NamesAPatient):
        file_report(cast.bob, Subject("message", soup.pk), "patient", SURE)
