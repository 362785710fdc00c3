"""The guard in the browser: the same verdicts as the server's, and what a member sees of it."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from moderation.guard.rewriting import offered
from tests.browser.conftest import Stage, is_connected
from tests.moderation.guard_cases import all_cases
from tests.moderation.guard_cases import look_with_shapes as look

VERDICTS = """async ([address, texts]) => {
  const guard = await import(address);
  await guard.load();
  return texts.map((text) => {
    const found = guard.look(text);
    const own = guard.look(text, true);
    const marks = found.marks.map((mark) => [mark.kind, mark.start, mark.end]);
    return [found.level, marks, guard.offered(text, found.marks), own.level];
  });
}"""


def verdict(text: str) -> list[Any]:
    found = look(text)
    marks = [[mark.kind, mark.start, mark.end] for mark in found.marks]
    return [int(found.level), marks, offered(text, found.marks), int(look(text, own_story=True).level)]


def test_both_languages_read_the_table_alike(stage: Stage) -> None:
    page = stage.opens("alice")
    texts = [text for _, text in all_cases()]
    with page.expect_response("**/room/guard*.js") as guard:
        page.get_by_label(re.compile("^Write to")).focus()
    said = page.evaluate(VERDICTS, [guard.value.url, texts])
    differing = [
        (text, theirs, ours) for text, theirs in zip(texts, said, strict=True) if theirs != (ours := verdict(text))
    ]
    assert not differing, json.dumps(differing[:5], ensure_ascii=False)


def test_what_names_a_patient_stays_in_the_field_and_other_words_are_offered(stage: Stage) -> None:
    alice = stage.enters("alice")
    writes(alice, "Mrs Khan is 34 weeks and on insulin, NHS number 999 672 1108")
    question = alice.get_by_role("alertdialog")
    expect(question).to_contain_text("an NHS number")
    expect(question.locator("mark").last).to_have_text("NHS number 999 672 1108")
    expect(question).to_be_focused()
    expect(question.get_by_role("button", name="This is not about a patient")).to_have_count(0)
    question.get_by_role("button", name="Use this instead").click()
    instead = "A woman is 34 weeks and on insulin, (number left out)"
    expect(alice.get_by_label(re.compile("^Write to"))).to_have_value(instead)
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator("li.message[data-message] .body")).to_have_text(instead)

    writes(alice, "Mrs Khan is 34 weeks and on insulin")
    expect(question).to_contain_text("Is this about a patient?")
    question.get_by_role("button", name="This is not about a patient").press("Enter")
    expect(alice.locator("li.message[data-message] .body").last).to_have_text("Mrs Khan is 34 weeks and on insulin")


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ("**/patient-data*.json", "Miss Ali is 34 weeks and on insulin"),
        ("**/room/question*.js", "Miss Ali is 35 weeks and on metformin"),
    ],
)
def test_where_only_the_server_looks_it_asks_beside_the_waiting_words(stage: Stage, missing: str, text: str) -> None:
    alice = stage.opens("alice")
    alice.route(missing, lambda route: route.abort())
    is_connected(alice)
    writes(alice, text)
    waiting = alice.locator("li.message.failed")
    expect(waiting).to_contain_text("Is this about a patient?")
    alice.reload()
    waiting.get_by_role("button", name="This is not about a patient").click()
    expect(alice.locator("li.message[data-message] .body")).to_have_text(text)


def writes(page: Page, text: str) -> None:
    page.get_by_label(re.compile("^Write to")).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
