"""Files in real browsers: chosen, pasted and dropped, shown to the others at once, kept through a reload."""

import re
from pathlib import Path

from playwright.sync_api import FilePayload, Page, Route, expect

from tests import samples
from tests.browser.conftest import Stage
from tests.browser.test_journeys import writes

PASTE = """([name, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(bytes)], name, {type: "image/png"}));
  document.getElementById("text").dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true}));
}"""
DROP = PASTE.replace('getElementById("text")', 'getElementById("messages")').replace(
    'new ClipboardEvent("paste", {clipboardData', 'new DragEvent("drop", {dataTransfer'
)


def file(name: str, content: bytes = samples.PDF) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def attached(page: Page, name: str) -> None:
    expect(page.locator("#attached li", has_text=name).locator("progress")).to_be_hidden()


def nobody_is_in_it(page: Page) -> None:
    page.get_by_role("button", name="No patient and no patient's details are in the picture").click()


def test_files_are_chosen_pasted_cancelled_sent_and_on_the_others_screen(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    held: list[Route] = []

    def hold_the_second(route: Route) -> None:
        if route.request.headers["x-file-name"] == "Wrong.pdf":
            held.append(route)
        else:
            route.continue_()

    alice.route("**/files", hold_the_second)
    alice.get_by_label("Attach files").set_input_files([file("Report.pdf"), file("Wrong.pdf")])
    alice.evaluate(PASTE, ["Pump.png", list(samples.picture(size=(400, 200)))])
    attached(alice, "Report.pdf")
    expect(alice.locator("#attached li", has_text="Wrong.pdf").locator("progress")).to_be_visible()
    expect(alice.locator("#attached li", has_text="Pump.png")).to_contain_text("waiting")
    alice.get_by_role("button", name="Remove Wrong.pdf").click()
    alice.get_by_label("Describe it").fill("A pump")
    alice.get_by_label("Attach files").set_input_files([file("Plan.pdf")])
    attached(alice, "Plan.pdf")
    expect(alice.get_by_label("Describe it")).to_be_focused()
    alice.get_by_role("button", name="Remove Plan.pdf").click()
    writes(alice, "Two of three")
    nobody_is_in_it(alice)
    for page in (bob, alice):
        message = page.locator("li.message[data-message]")
        expect(message.locator(".document")).to_contain_text(re.compile(r"Report\.pdf\s+PDF, \d+"))
        picture = message.get_by_role("img", name="A pump")
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => [image.naturalWidth, image.width]") == [400, 340]
        expect(page.locator("li.message", has_text="Wrong")).to_have_count(0)
    expect(alice.locator("#attached")).to_be_hidden()
    with bob.expect_download() as download:
        bob.locator(".document").click()
    assert (download.value.suggested_filename, Path(download.value.path()).read_bytes()) == ("Report.pdf", samples.PDF)


def test_a_file_alone_is_a_message(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    alice.get_by_label("Attach files").set_input_files([file("Report.pdf")])
    attached(alice, "Report.pdf")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(bob.locator("li.message .document")).to_contain_text("Report.pdf")
    bob.locator("li.message").hover()
    bob.get_by_role("button", name="Reply", exact=True).first.click()
    expect(bob.locator("#replying")).to_contain_text("Alice: a shared file")


def test_what_is_attached_survives_a_reload_and_a_dead_line(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    alice.evaluate(DROP, ["Pump.png", list(samples.picture())])
    attached(alice, "Pump.png")
    alice.get_by_label("Describe it").fill("A pump")
    alice.reload()
    expect(alice.get_by_label("Describe it")).to_have_value("A pump")
    with alice.expect_response("**/patient-data*.json"):
        alice.get_by_label(re.compile("^Write to")).focus()
    alice.context.set_offline(True)
    writes(alice, "From the lift")
    nobody_is_in_it(alice)
    expect(alice.locator("li.message.waiting .files img")).to_have_attribute("alt", "A pump")
    alice.context.set_offline(False)
    expect(bob.get_by_role("img", name="A pump")).to_be_visible()
    expect(alice.locator(".waiting, .failed")).to_have_count(0)


def test_a_file_that_is_refused_says_why_and_holds_nothing_else_up(stage: Stage) -> None:
    alice = stage.enters("alice")
    evil = b"<!doctype html><script>alert(1)</script>"
    alice.get_by_label("Attach files").set_input_files(
        [file("Evil.pdf", evil), file("Empty.pdf", b""), file("Report.pdf")]
    )
    expect(alice.locator("#attached li", has_text="Evil.pdf")).to_contain_text("Not attached. This is not the PDF")
    expect(alice.locator("#attached li", has_text="Empty.pdf")).to_contain_text("This file is empty")
    expect(alice.get_by_role("button", name="Try again Evil.pdf")).to_be_hidden()
    attached(alice, "Report.pdf")
    writes(alice, "All three")
    expect(alice.get_by_role("alert")).to_contain_text("could not be attached")
    expect(alice.get_by_label(re.compile("^Write to"))).to_have_value("All three")
    for name in ("Evil.pdf", "Empty.pdf"):
        alice.get_by_role("button", name=f"Remove {name}").click()
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator("li.message[data-message] .document")).to_have_count(1)


def test_a_file_that_did_not_reach_the_server_is_tried_again(stage: Stage) -> None:
    alice = stage.enters("alice")
    alice.route("**/files", lambda route: route.abort(), times=1)
    alice.get_by_label("Attach files").set_input_files([file("Report.pdf")])
    expect(alice.locator("#attached li")).to_contain_text("did not reach the server")
    alice.get_by_role("button", name="Try again Report.pdf").click()
    attached(alice, "Report.pdf")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator("li.message[data-message] .document")).to_have_count(1)


def test_a_removed_message_takes_its_picture_off_every_screen(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    alice.get_by_label("Attach files").set_input_files([file("Pump.png", samples.picture())])
    attached(alice, "Pump.png")
    writes(alice, "Look")
    nobody_is_in_it(alice)
    picture = bob.get_by_role("img", name="Pump.png")
    address = picture.get_attribute("src")
    assert address
    message = bob.locator("li.message[data-message]").get_attribute("data-message")
    stage.does("alice", "message.remove", message=int(message or 0))
    expect(picture).to_have_count(0)
    assert stage.client("bob").get(address).status_code == 404


def test_without_a_script_the_form_sends_files(stage: Stage) -> None:
    alice = stage.opens("alice", java_script_enabled=False)
    alice.get_by_label("Attach files").set_input_files([file("Report.pdf"), file("Pump.png", samples.picture())])
    alice.get_by_label(re.compile("^Write to")).fill("By hand")
    alice.get_by_role("button", name="Send", exact=True).click()
    alice.get_by_label("No patient and no patient's details are in the picture").check()
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator(".document")).to_contain_text("Report.pdf")
    expect(alice.get_by_role("img", name="Pump.png")).to_be_visible()
