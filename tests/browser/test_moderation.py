"""Author, moderator and another reader, each in a browser of their own: from a report to what each of them reads."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stage, is_connected
from tests.browser.test_journeys import shows
from tests.browser.test_pages_for_everybody import objections, wrong_at

PHONE = {"width": 320, "height": 640}


def reports(page: Page, words: str) -> None:
    """From the menu of a message."""
    message = page.locator("li.message[data-message]", has_text=words)
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name="Report").click()
    page.get_by_label("It hurts, threatens or belittles somebody").check()
    page.get_by_label("What should a moderator know?").fill("That hurt.")
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("heading", name="Thank you. It is reported")).to_be_visible()


def test_a_report_becomes_a_decision_that_everybody_sees_at_once(stage: Stage) -> None:
    stage.posts("alice", "Bob cannot cook")
    alice, bob = stage.enters("alice"), stage.enters("bob")
    unseen = alice.locator("[data-behaviour=notices-badge] .unread")
    before = int(unseen.text_content() or 0)
    moderator = stage.opens("mo", "/moderation/")
    is_connected(moderator)

    reporting = stage.enters("lena")
    reports(reporting, "Bob cannot cook")
    case = moderator.get_by_role("link", name=re.compile("A message by Alice")).first
    expect(case).to_be_visible()

    case.focus()
    moderator.keyboard.press("Enter")
    moderator.get_by_role("button", name="Take it in hand").click()
    expect(moderator.get_by_text("In your hands")).to_be_visible()
    moderator.get_by_label("Reason, for the public record").fill("Words that belittle a colleague.")
    moderator.get_by_label("Words for the person").fill("Please say it another way.")
    moderator.get_by_role("button", name="See what they will read").click()
    expect(moderator.get_by_text("A moderator hid a message of yours.")).to_be_visible()
    moderator.get_by_role("button", name="Decide", exact=True).click()
    expect(moderator.get_by_text("A moderator acted on it")).to_be_visible()

    for page in (alice, bob):
        shows(page, "This message is hidden. Why")
    bob.reload()
    is_connected(bob)
    shows(bob, "This message is hidden. Why")
    expect(unseen).to_have_text(str(before + 1))
    alice.get_by_role("link", name="Why", exact=True).click()
    expect(alice.get_by_text("Please say it another way.")).to_be_visible()
    expect(alice.get_by_text("Bob cannot cook")).to_be_visible()
    bob.get_by_role("link", name="Why", exact=True).click()
    expect(bob.get_by_role("heading", name="The public record")).to_be_visible()
    reporting.goto("/you/decisions/")
    expect(reporting.get_by_text("A moderator acted on it")).to_be_visible()


def test_a_moderator_learns_that_another_was_there_first(stage: Stage) -> None:
    stage.posts("alice", "Bob cannot cook at all")
    reports(stage.enters("bob"), "Bob cannot cook at all")
    moderator = stage.opens("mo", "/moderation/")
    moderator.get_by_role("link", name=re.compile("A message by Alice")).first.click()
    is_connected(moderator)
    other = stage.opens("ada", moderator.url)
    other.get_by_role("button", name="Take it in hand").click()
    expect(moderator.get_by_text("Somebody else has changed this case.")).to_be_visible()
    moderator.get_by_label("Reason, for the public record").fill("Words that hurt.")
    moderator.get_by_role("button", name="Decide", exact=True).click()
    expect(moderator.get_by_text("Look at it again, then decide")).to_be_visible()
    expect(moderator.get_by_label("Reason, for the public record")).to_have_value("Words that hurt.")


def decides(stage: Stage, case: int, act: str, **fields: str) -> int:
    """The moderator, elsewhere, on a case that stays open. The number of the decision."""
    client = stage.client("mo")
    version = re.search(r'name="version" value="(\d+)"', client.get(f"/moderation/cases/{case}/").text)
    assert version
    form = {"version": version[1], "act": act, "ground": "unkind", "reason": "Words that hurt.", "keep": "1", **fields}
    assert client.post(f"/moderation/cases/{case}/decide", data=form).status_code == 302
    numbers = re.findall(r"/moderation/decisions/(\d+)/undo", client.get("/moderation/decisions/").text)
    return max(map(int, numbers), default=0)


def takes_back(stage: Stage, number: int) -> None:
    answer = stage.client("mo").post(f"/moderation/decisions/{number}/undo", data={"reason": "It was a joke."})
    assert answer.status_code == 302


def test_each_act_arrives_on_the_open_screens_of_author_and_readers(stage: Stage) -> None:
    said = stage.posts("alice", "Bob cannot cook either")
    stage.client("bob").post(f"/messages/{said}/report", data={"ground": "unkind", "words": ""})
    case = int(stage.server.run("-m", "tests.browser.a_case", str(said)))
    alice, bob = stage.enters("alice"), stage.enters("bob")
    field = alice.get_by_label("Write to")
    field.fill("Nor can I")

    locking = decides(stage, case, "lock")
    for page in (alice, bob):
        expect(page.locator(".name .tag", has_text="locked")).to_be_visible()
    takes_back(stage, locking)
    for page in (alice, bob):
        expect(page.locator(".name .tag", has_text="locked")).to_have_count(0)
    expect(field).to_have_value("Nor can I")

    silencing = decides(stage, case, "silence", words="Please take a break.", days="2")
    alice.get_by_role("button", name="Send").click()
    expect(alice.get_by_text("Not sent. You cannot write in this group until").first).to_be_visible()
    takes_back(stage, silencing)
    alice.get_by_role("button", name="Try again").first.click()
    expect(alice.locator("#alerts")).to_be_empty()
    shows(bob, "Bob cannot cook either", "Nor can I")

    decides(stage, case, "remove", words="This hurt Bob.")
    for page in (alice, bob):
        shows(page, "A moderator removed this message. Why", "Nor can I")


def test_who_is_warned_and_then_suspended_sees_it_on_the_open_page_and_the_others_go_on(stage: Stage) -> None:
    """Omar is in no other story: his session ends here."""
    said = stage.posts("omar", "Cook it yourselves")
    stage.client("bob").post(f"/messages/{said}/report", data={"ground": "unkind", "words": ""})
    case = int(stage.server.run("-m", "tests.browser.a_case", str(said)))
    omar, bob, moderator = stage.enters("omar"), stage.enters("bob"), stage.opens("mo", f"/moderation/cases/{case}/")
    unseen = omar.locator("[data-behaviour=notices-badge] .unread")
    before = int(unseen.text_content() or 0)

    def decides_here(act: str, words: str) -> None:
        moderator.get_by_label("What to do").select_option(act)
        moderator.get_by_label("Reason, for the public record").fill("Words that hurt.")
        moderator.get_by_label("Words for the person").fill(words)
        moderator.get_by_label("Keep the case open").check()
        moderator.get_by_role("button", name="Decide", exact=True).click()

    decides_here("warn", "Please say it another way.")
    expect(unseen).to_have_text(str(before + 1))
    omar.get_by_label("Write to").fill("Why me?")
    decides_here("suspend", "Please read the house rules.")
    expect(omar.get_by_text("You are signed out. Your words are kept.")).to_be_visible()
    omar.reload()
    expect(omar.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(omar.get_by_text("Cook it yourselves")).to_have_count(0)
    bob.get_by_label("Write to").fill("Soup at noon")
    bob.get_by_role("button", name="Send").click()
    shows(bob, "Cook it yourselves", "Soup at noon")


def test_a_message_is_moved_from_one_open_room_into_the_other_and_back(stage: Stage) -> None:
    question = stage.posts("bob", "What is for supper?")
    said = stage.posts("alice", "Where is the projector?", reply_to=question)
    stage.posts("bob", "Under the table", reply_to=said)
    there = stage.client("alice").post(f"/groups/{stage.group}/rooms", data={"name": f"Things {said}", "about": ""})
    bob, lena = stage.enters("bob"), stage.opens("lena", there.headers["Location"])
    is_connected(lena)
    moderator = stage.enters("mo", viewport=PHONE)
    message = moderator.locator(f"#message-{said}")
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name="Move to another room").click()
    assert objections(moderator) == []
    moderator.get_by_label("To which room").select_option(f"Things {said}")
    moderator.get_by_label("Reason, for the record").fill("It is about things.")
    moderator.get_by_role("button", name="Move it").click()
    shows(moderator, "Where is the projector?")

    moved = "A moderator moved this message to another room. Read it there Why"
    shows(bob, "What is for supper?", moved, "Under the table")
    expect(bob.get_by_text("a message that was moved")).to_be_visible()
    shows(lena, "Where is the projector?")
    bob.reload()
    is_connected(bob)
    shows(bob, "What is for supper?", moved, "Under the table")
    bob.get_by_role("link", name="Read it there").click()
    shows(bob, "Where is the projector?")
    bob.go_back()
    is_connected(bob)

    moderator.goto("/moderation/decisions/")
    decision = moderator.locator(".cards > li", has_text="It is about things.")
    decision.locator("summary").click()
    decision.get_by_label("Why, for the public record").fill("It was a joke about supper.")
    decision.get_by_role("button", name="Take it back").click()
    shows(bob, "What is for supper?", "Where is the projector?", "Under the table")
    shows(lena)


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1440, "dark")])
def test_every_page_of_moderation_can_be_used_by_everybody(stage: Stage, width: int, scheme: str) -> None:
    message = stage.posts("alice", "Bob cannot " + "cook" * 30)
    stage.client("bob").post(f"/messages/{message}/report", data={"ground": "unkind", "words": "long" * 60})
    case = int(stage.server.run("-m", "tests.browser.a_case", str(message)))
    member = stage.people["alice"]["id"]
    size = {"width": width, "height": 800}
    moderator = stage.opens("mo", "/", viewport=size, color_scheme=scheme)
    addresses = ["/moderation/", "/moderation/?closed=1", "/moderation/decisions/", f"/moderation/members/{member}/"]
    addresses += [f"/moderation/cases/{case}/", "/record/", "/moderation/rota/", "/moderation/figures/"]
    wrong = {address: said for address in addresses if (said := wrong_at(moderator, address))}
    author = stage.opens("alice", "/", viewport=size, color_scheme=scheme)
    decision = json.loads(stage.server.run("-m", "tests.browser.a_case", str(message), "warn"))
    others = stage.opens("bob", "/", viewport=size, color_scheme=scheme)
    for page, address in (
        (author, f"/decisions/{decision}/"),
        (author, "/you/decisions/"),
        (author, "/notices/"),
        (moderator, f"/messages/{message}/move"),
        (others, f"/messages/{message}/report"),
        (others, f"/members/{member}/report"),
        (others, "/report/"),
        (others, "/report/?ticket=K7TD9XQ2"),
    ):
        if said := wrong_at(page, address):
            wrong[address] = said
    moderator.goto(f"/moderation/members/{member}/")
    moderator.get_by_role("checkbox").first.check()
    moderator.get_by_role("button", name="Hide the chosen messages together").click()
    if said := objections(moderator):
        wrong["plan"] = said
    assert wrong == {}
