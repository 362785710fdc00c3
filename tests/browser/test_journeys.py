"""What members do, in real browsers, against a real server."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Stage, is_connected


def writes(page: Page, text: str) -> None:
    page.get_by_label(re.compile("^Write to")).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def bodies(page: Page) -> list[str]:
    """The words of the stored messages, from top to bottom."""
    return page.locator("li.message[data-message] .body").all_inner_texts()


def shows(page: Page, *texts: str) -> None:
    """The stored messages are exactly these, in this order."""
    expect(page.locator("li.message[data-message] .body")).to_have_text(list(texts))


def test_what_one_writes_the_other_has_on_the_screen_and_tomorrow(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    writes(alice, "Is there **soup**?")
    expect(bob.locator(".body strong")).to_have_text("soup")
    writes(bob, "There is")
    for page in (alice, bob):
        shows(page, "Is there soup?", "There is")
        expect(page.locator(".waiting, .failed")).to_have_count(0)
        page.reload()
        shows(page, "Is there soup?", "There is")


def test_name_profession_and_organisation_stand_beside_a_message(stage: Stage) -> None:
    bob = stage.enters("bob")
    stage.posts("alice", "Soup")
    expect(bob.get_by_role("article").first).to_contain_text("Diabetes specialist midwife · St Example's")


def test_what_is_written_without_a_network_waits_survives_a_reload_and_is_sent_once(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    alice.context.set_offline(True)
    writes(alice, "From the lift")
    expect(alice.locator("li.message.waiting .body")).to_have_text("From the lift")
    expect(alice.get_by_label(re.compile("^Write to"))).to_have_value("")
    alice.context.set_offline(False)
    shows(bob, "From the lift")
    shows(alice, "From the lift")
    expect(alice.locator(".waiting")).to_have_count(0)


def test_a_waiting_message_survives_the_end_of_its_page(stage: Stage) -> None:
    alice = stage.enters("alice")
    alice.context.route("**/live/command", lambda route: route.abort())
    alice.route_web_socket("**/live", lambda socket: socket.close())
    alice.reload()
    writes(alice, "Before the lid closed")
    expect(alice.locator("li.message.waiting")).to_have_count(1)
    alice.close()
    context = stage.contexts[-1]
    context.unroute_all()
    again = context.new_page()
    again.goto(stage.room_address)
    shows(again, "Before the lid closed")
    shows(stage.enters("bob"), "Before the lid closed")


def test_a_killed_server_loses_nothing_and_doubles_nothing(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    writes(alice, "Before")
    shows(bob, "Before")
    stage.server.kill()
    writes(alice, "Meanwhile")
    expect(alice.locator("li.message.waiting")).to_have_count(1)
    stage.server.start()
    expect(bob.locator("li.message[data-message]")).to_have_count(2, timeout=40_000)
    for page in (alice, bob):
        shows(page, "Before", "Meanwhile")


def test_a_server_that_restarts_has_its_pages_back_and_level(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    stage.server.restart()
    stage.posts("alice", "While you were away")
    for page in (alice, bob):
        shows(page, "While you were away")
        is_connected(page)


def test_where_websockets_are_blocked_the_room_lives_all_the_same(stage: Stage) -> None:
    context = stage.context("bob")
    context.route_web_socket("**/live", lambda socket: socket.close())
    bob = context.new_page()
    bob.goto(stage.room_address)
    expect(bob.locator("body")).to_have_attribute("data-connection", "poll", timeout=20_000)
    stage.posts("alice", "Through the needle's eye")
    shows(bob, "Through the needle's eye")
    writes(bob, "And back")
    shows(bob, "Through the needle's eye", "And back")


def test_a_refusal_says_why_and_keeps_the_words(stage: Stage) -> None:
    alice = stage.enters("alice")
    stage.client("lena").post(f"/rooms/{stage.room}/lock", data={"on": "1"})
    writes(alice, "Too late")
    failed = alice.locator("li.message.failed")
    expect(failed).to_contain_text("Too late")
    expect(failed).to_contain_text("This room is locked")
    expect(failed.get_by_role("button", name="Copy")).to_be_visible()
    stage.client("lena").post(f"/rooms/{stage.room}/lock", data={"on": "0"})
    failed.get_by_role("button", name="Try again").click()
    shows(alice, "Too late")


def test_a_group_that_closes_closes_the_open_page_and_keeps_the_words(stage: Stage) -> None:
    alice = stage.enters("alice")
    field = alice.locator("#text")
    field.fill("Half a sentence")
    stage.client("lena").post(f"/groups/{stage.group}/close", data={"on": "1"})
    expect(alice.locator("#room-note")).to_contain_text("This group is closed")
    expect(alice.locator("#announcer")).to_contain_text("This group is closed")
    expect(field).not_to_be_editable()
    expect(field).to_have_value("Half a sentence")
    bob = stage.enters("bob")
    stage.client("lena").post(f"/groups/{stage.group}/close", data={"on": "0"})
    expect(alice.locator("#room-note")).to_be_hidden()
    alice.get_by_role("button", name="Send", exact=True).click()
    bob.get_by_role("link", name="Load the page again").click()
    shows(bob, "Half a sentence")


def test_the_first_message_of_a_day_has_its_heading_once(stage: Stage) -> None:
    before = stage.posts("bob", "Last week")
    long_ago = f"Message.objects.filter(pk={before}).update(posted_at=timezone.now() - timedelta(days=7))"
    imports = "from datetime import timedelta; from django.utils import timezone; from rooms.models import Message"
    stage.server.run("manage.py", "shell", "-c", f"{imports}; {long_ago}")
    alice = stage.enters("alice")
    expect(alice.locator("li.day")).to_have_count(1)
    writes(alice, "Today")
    shows(alice, "Last week", "Today")
    expect(alice.locator(".waiting")).to_have_count(0)
    expect(alice.locator("li.day")).to_have_count(2)


def test_the_limit_is_said_while_one_types(stage: Stage) -> None:
    alice = stage.enters("alice")
    writes(alice, "x" * 10_001)
    expect(alice.locator("#length")).to_contain_text(re.compile("over|too long|limit", re.IGNORECASE))
    expect(alice.get_by_label(re.compile("^Write to"))).to_have_value("x" * 10_001)
    shows(alice)


def test_editing_shows_on_the_other_screen_and_keeps_its_history(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    writes(alice, "Supper at six")
    shows(bob, "Supper at six")
    message = alice.locator("li.message[data-message]")
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name="Edit").click()
    editor = message.locator("textarea")
    editor.fill("Supper at seven")
    message.get_by_role("button", name="Save").click()
    shows(bob, "Supper at seven")
    number = message.get_attribute("data-message")
    bob.goto(f"/messages/{number}/history/")
    expect(bob.get_by_text("Supper at six")).to_be_visible()


def test_removing_takes_it_from_every_screen(stage: Stage) -> None:
    alice, bob = stage.enters("alice"), stage.enters("bob")
    writes(alice, "Said too much")
    shows(bob, "Said too much")
    message = alice.locator("li.message[data-message]")
    message.hover()
    message.locator("summary").click()
    message.get_by_role("link", name="Remove").click()
    alice.get_by_role("dialog").get_by_role("button", name=re.compile("Remove")).click()
    for page in (alice, bob):
        shows(page, "Alice removed this message.")
        assert "Said too much" not in page.content()


def test_nobody_sees_the_tools_of_another_author(stage: Stage) -> None:
    stage.posts("alice", "Mine")
    bob = stage.enters("bob")
    message = bob.locator("li.message[data-message]")
    message.hover()
    message.locator("summary").click()
    expect(message.get_by_role("button", name="Pin")).to_be_visible()
    expect(message.get_by_role("link", name="Edit")).to_be_hidden()
    expect(message.get_by_role("link", name="Remove")).to_be_hidden()


def test_who_loses_access_is_told_and_hears_no_more(stage: Stage) -> None:
    bob = stage.enters("bob")
    stage.posts("alice", "Before")
    shows(bob, "Before")
    stage.client("bob").post(f"/groups/{stage.group}/leave")
    try:
        expect(bob.get_by_text(re.compile("no longer|not open to you|left", re.IGNORECASE)).first).to_be_visible()
        stage.posts("alice", "Now we can talk")
        bob.wait_for_timeout(1500)
        assert "Now we can talk" not in bob.content()
    finally:
        stage.client("bob").post(f"/groups/{stage.group}/join")


def test_who_is_added_to_a_group_finds_it_in_the_list_and_loses_it_when_removed(stage: Stage) -> None:
    charlie, lena = stage.opens("charlie", "/"), stage.client("lena")
    is_connected(charlie)
    room = charlie.locator(f'a[data-room="{stage.room}"]')
    expect(room).to_have_count(0)
    members = f"/groups/{stage.group}/members"
    lena.post(f"{members}/add", data={"who": "charlie"})
    expect(room).to_be_visible()
    lena.post(f"{members}/{stage.people['charlie']['id']}/remove")
    expect(room).to_have_count(0)


def test_reading_clears_the_count_on_another_device(stage: Stage) -> None:
    desk = stage.opens("bob", "/groups/")
    is_connected(desk)
    stage.posts("alice", "Soup, @bob")
    listed = desk.locator(f'#rooms a[data-room="{stage.room}"]')
    expect(listed.locator(".unread")).to_have_text("1")
    expect(listed.locator(".unread")).to_have_class(re.compile("mine"))
    phone = stage.enters("bob", viewport={"width": 360, "height": 640})
    phone.bring_to_front()
    expect(listed.locator(".unread")).to_be_hidden(timeout=12_000)


def test_a_mention_is_completed_by_keyboard(stage: Stage) -> None:
    alice = stage.enters("alice")
    box = alice.get_by_label(re.compile("^Write to"))
    box.press_sequentially("Ask @le")
    expect(alice.get_by_role("option").first).to_contain_text("Lena")
    box.press("Enter")
    expect(box).to_have_value(re.compile(r"Ask @lena\s"))
    box.press_sequentially("please")
    alice.get_by_role("button", name="Send", exact=True).click()
    expect(alice.locator(".body a.mention")).to_have_text("@Lena")


def test_a_room_opens_at_the_first_unread_and_pages_both_ways(stage: Stage) -> None:
    for number in range(1, 131):
        stage.posts("alice", f"Line {number}")
    stage.does("bob", "room.read", room=stage.room, version=60)
    bob = stage.enters("bob", viewport={"width": 900, "height": 600})
    expect(bob.locator("#first-unread")).to_be_in_viewport()
    expect(bob.get_by_text("Line 61", exact=True)).to_be_in_viewport()
    bob.locator("[data-scroller]").evaluate("element => element.scrollTo(0, 0)")
    expect(bob.get_by_text("Line 5", exact=True)).to_be_attached()
    bob.get_by_role("button", name=re.compile("newest|below", re.IGNORECASE)).click()
    expect(bob.get_by_text("Line 130", exact=True)).to_be_in_viewport()
    stage.posts("alice", "Line 131")
    expect(bob.get_by_text("Line 131", exact=True)).to_be_in_viewport()
    numbers = [int(text.split()[1]) for text in bodies(bob)]
    assert numbers == sorted(set(numbers))


def test_a_link_to_an_old_message_opens_it_in_its_place(stage: Stage) -> None:
    numbers = [stage.posts("alice", f"Line {number}") for number in range(1, 121)]
    bob = stage.opens("bob", f"/messages/{numbers[19]}/")
    expect(bob.get_by_text("Line 20", exact=True)).to_be_in_viewport()
    expect(bob.get_by_text("Line 19", exact=True)).to_be_attached()


def test_everything_by_keyboard(stage: Stage) -> None:
    stage.posts("alice", "Soup?")
    bob = stage.enters("bob")
    bob.keyboard.press("Tab")
    expect(bob.get_by_role("link", name="Skip to the page")).to_be_focused()
    box = bob.get_by_label(re.compile("^Write to"))
    box.focus()
    bob.keyboard.type("Bread")
    bob.keyboard.press("Enter")
    shows(bob, "Soup?", "Bread")
    bob.keyboard.press("Shift+Tab")
    for _ in range(20):
        if bob.evaluate("document.activeElement.matches('li.message > article')"):
            break
        bob.keyboard.press("Shift+Tab")
    bob.keyboard.press("Home")
    expect(bob.locator("li.message > article").first).to_be_focused()
    bob.keyboard.press("Enter")
    expect(bob.locator("li.message").first.get_by_role("button", name="Reply")).to_be_focused()
    bob.keyboard.press("Escape")
    bob.keyboard.press("Escape")
    expect(box).to_be_focused()


def test_a_new_message_does_not_move_the_focus(stage: Stage) -> None:
    stage.posts("alice", "Soup?")
    bob = stage.enters("bob")
    link = bob.get_by_role("link", name="Members", exact=True)
    link.focus()
    stage.posts("alice", "Bread?")
    shows(bob, "Soup?", "Bread?")
    expect(link).to_be_focused()


def test_a_mention_is_announced_to_a_screen_reader_and_other_talk_is_not(stage: Stage) -> None:
    bob = stage.enters("bob")
    announcer = bob.locator("#announcer")
    stage.posts("alice", "Just talking")
    expect(bob.locator("li.message[data-message]")).to_have_count(1)
    stage.posts("alice", "Soup, @bob?")
    expect(announcer).to_contain_text("Alice")
    assert "Just talking" not in announcer.inner_text()


@pytest.mark.parametrize("scripted", [True, False])
def test_reading_and_posting_work_with_and_without_javascript(stage: Stage, scripted: bool) -> None:
    stage.posts("alice", "Soup?")
    bob = stage.opens("bob", java_script_enabled=scripted)
    if scripted:
        is_connected(bob)
    shows(bob, "Soup?")
    writes(bob, "Bread")
    shows(bob, "Soup?", "Bread")


def test_the_panel_shows_members_and_closes_with_the_focus_given_back(stage: Stage) -> None:
    bob = stage.enters("bob")
    link = bob.get_by_role("link", name="Members", exact=True)
    link.click()
    expect(bob.locator("#panel")).to_contain_text("group leader")
    bob.keyboard.press("Escape")
    expect(bob.locator("#panel")).to_be_hidden()
    expect(link).to_be_focused()


def test_a_page_of_one_member_shows_nothing_of_anothers_outbox(stage: Stage) -> None:
    context = stage.context("alice")
    context.route("**/live/command", lambda route: route.abort())
    context.route_web_socket("**/live", lambda socket: socket.close())
    page = context.new_page()
    page.goto(stage.room_address)
    writes(page, "For my eyes only")
    expect(page.locator("li.message.waiting")).to_have_count(1)
    context.add_cookies([{"name": "session", "value": stage.people["bob"]["session"], "url": stage.server.url}])
    page.goto(stage.room_address)
    page.wait_for_timeout(1500)
    assert "For my eyes only" not in page.content()


def drawn(page: Page) -> list[str]:
    """What the list of messages shows, without what only the moment decides."""
    script = """list => [...list.querySelectorAll('li.message')].map(li => {
        const copy = li.cloneNode(true);
        copy.removeAttribute('class');
        copy.querySelectorAll('time').forEach(time => { time.textContent = ''; time.removeAttribute('title'); });
        copy.querySelectorAll('[aria-pressed]').forEach(button => button.removeAttribute('aria-pressed'));
        copy.querySelectorAll('[tabindex]').forEach(part => part.removeAttribute('tabindex'));
        copy.removeAttribute('tabindex');
        return copy.outerHTML.replace(/\\s+/g, ' ').replace(/data-version="\\d+"/, '');
    })"""
    found: list[str] = page.locator("#messages").evaluate(script)
    return found


def test_the_screen_after_any_frames_is_the_screen_after_a_reload(stage: Stage) -> None:
    bob = stage.enters("bob")
    first = stage.posts("alice", "One, @bob")
    second = stage.posts("bob", "Two", reply_to=first)
    third = stage.posts("alice", "- [ ] Three\n\n|a|b|\n|-|-|\n|1|2|")
    stage.does("alice", "message.edit", message=first, text="One and a half, @lena")
    stage.does("bob", "reaction.set", message=first, reaction="thanks", on=True)
    stage.does("mo", "reaction.set", message=first, reaction="agree", on=True)
    stage.does("mo", "message.pin", message=third, on=True)
    stage.does("bob", "reaction.set", message=first, reaction="thanks", on=False)
    stage.does("bob", "message.remove", message=second)
    stage.client("alice").post(f"/rooms/{stage.room}/change", data={"name": f"Renamed {stage.room}", "about": "New."})
    expect(bob.locator("li.message[data-removed='1']")).to_have_count(1)
    expect(bob.get_by_role("heading", level=1)).to_have_text(f"Renamed {stage.room}")
    live = drawn(bob)
    bob.reload()
    is_connected(bob)
    assert live == drawn(bob)
    expect(bob.get_by_role("heading", level=1)).to_have_text(f"Renamed {stage.room}")


def test_a_sleeping_laptop_wakes_up_level(stage: Stage) -> None:
    bob = stage.enters("bob")
    first = stage.posts("alice", "One")
    shows(bob, "One")
    bob.context.set_offline(True)
    bob.wait_for_timeout(500)
    for number in range(2, 60):
        stage.posts("alice", f"Message {number}")
    stage.does("alice", "message.remove", message=first)
    bob.context.set_offline(False)
    expect(bob.locator("li.message[data-message]")).to_have_count(59, timeout=20_000)
    texts = bodies(bob)
    assert texts[0] == "Alice removed this message."
    assert texts[1:] == [f"Message {number}" for number in range(2, 60)]


def test_a_post_whose_answer_was_lost_is_not_doubled(stage: Stage) -> None:
    """The command arrives, its answer does not: the browser sends it again under the same client id."""
    context = stage.context("alice")
    context.route_web_socket("**/live", lambda socket: socket.close())
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost and "message.post" in (route.request.post_data or ""):
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    context.route("**/live/command", lose_the_first_answer)
    alice = context.new_page()
    alice.goto(stage.room_address)
    expect(alice.locator("body")).to_have_attribute("data-connection", "poll", timeout=20_000)
    words = f"Once {uuid4().hex[:6]}"
    writes(alice, words)
    expect(alice.locator("li.message", has_text=words)).to_be_visible()
    expect(alice.locator(".waiting, .failed")).to_have_count(0, timeout=20_000)
    assert lost
    assert len(bodies(stage.enters("bob"))) == 1


def test_who_joins_a_closed_history_sees_what_is_said_from_then_on_until_it_is_opened(stage: Stage) -> None:
    group = f"/groups/{stage.group}"
    soup = stage.posts("alice", "Secret soup")
    choose_history(stage, "What is said from then on")
    charlie = stage.opens("charlie", f"{group}/")
    charlie.get_by_role("button", name="Join this group").click()
    charlie.goto(stage.room_address)
    is_connected(charlie)

    stage.does("bob", "reaction.set", message=soup, reaction="thanks", on=True)
    stage.does("alice", "message.edit", message=soup, text="Hot secret soup")
    nice = stage.posts("bob", "Nice", reply_to=soup)
    expect(charlie.locator(f"#message-{nice} .reply-to")).to_have_text("In reply to a message from before you joined")
    shows(charlie, "Nice")
    charlie.reload()
    shows(charlie, "Nice")

    is_connected(charlie)
    choose_history(stage, "All that was ever said")
    shows(charlie, "Hot secret soup", "Nice")
    charlie.goto(f"{group}/")
    charlie.get_by_role("button", name="Leave this group").click()


def choose_history(stage: Stage, words: str) -> None:
    """The leader of the group chooses what newcomers can read."""
    lena = stage.opens("lena", f"/groups/{stage.group}/change")
    lena.get_by_label("What newcomers can read").select_option(words)
    lena.get_by_role("button", name="Save").click()
    expect(lena.locator("main")).to_contain_text(words)
