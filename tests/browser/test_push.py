"""Being told at once, in a real browser: asked only after a click, and what its worker shows. No push service is needed."""

import json

from playwright.sync_api import Route, expect

from tests.browser.conftest import Stage
from tests.push_service import PushService, Subscriber


def test_nothing_is_asked_before_the_click_and_a_push_is_shown_until_it_is_replaced(stage: Stage) -> None:
    context = stage.context("bob")
    page = context.new_page()
    script: list[Route] = []

    def hold_back(route: Route) -> None:
        script.append(route)

    page.route("**/js/push*.js", hold_back)
    with page.expect_request("**/js/push*.js"):
        page.goto("/you/mail/", wait_until="domcontentloaded")
    button = page.get_by_role("button", name="Tell me on this device")
    expect(button).to_be_disabled()  # Pressed before the script has come it would do nothing.
    script[0].continue_()
    expect(button).to_be_enabled()
    assert page.evaluate("Notification.permission") != "granted"
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((found) => found.length)") == 0

    context.grant_permissions(["notifications"])
    button.click()
    # A private window of Chromium never subscribes, so this is as far as it goes.
    expect(page.get_by_text("This browser could not subscribe")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)") == f"{stage.server.url}/"

    devices = context.new_cdp_session(page)
    registrations: list[str] = []
    devices.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: registrations.extend(each["registrationId"] for each in said["registrations"]),
    )
    devices.send("ServiceWorker.enable")
    for _ in range(100):
        if not registrations:
            page.wait_for_timeout(50)

    def push(**content: object) -> None:
        said = {"title": "Roundtable", "path": "/notices/", "tag": "room-1", "silent": False, **content}
        told = {"origin": f"{stage.server.url}/", "registrationId": registrations[0], "data": json.dumps(said)}
        devices.send("ServiceWorker.deliverPushMessage", told)

    # What Chromium says of the windows that tests use, which are private ones.
    stage.complaints[:] = [words for words in stage.complaints if "incognito" not in words]
    shown = (
        "navigator.serviceWorker.ready.then((worker) => worker.getNotifications())"
        ".then((all) => all.map((one) => one.body).join())"
    )
    for words, silent in (("Somebody mentions you", False), ("No longer there", True)):
        push(body=words, silent=silent)
        page.wait_for_function(f"(words) => {shown}.then((found) => found === words)", arg=words)


def test_a_browser_whose_maker_gave_it_another_address_says_so_by_itself(stage: Stage) -> None:
    context = stage.context("bob")
    page = context.new_page()
    page.goto("/you/mail/")
    # As two addresses of one browser at a maker's service; nothing is sent there.
    old, new, third = (at_a_makers(name) for name in ("old", "new", "third"))
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    page.request.post("/you/push/", form={"subscription": old.subscription, "csrfmiddlewaretoken": token})
    page.reload()
    expect(page.get_by_text("this one")).to_be_visible()
    with context.expect_event("serviceworker") as begun:
        page.evaluate("navigator.serviceWorker.register('/service-worker.js', { scope: '/' })")
    worker = begun.value

    def changes(was: Subscriber, now: Subscriber) -> int:
        """What the site answers its worker. Only the browser itself may have its own events waited for."""
        with context.expect_event("response", lambda said: said.url.endswith("/you/push/renew")) as answered:
            worker.evaluate(CHANGE, [was.endpoint, json.loads(now.subscription)])
        return answered.value.status

    assert changes(old, new) == 204
    assert changes(old, third) == 404, "it is known by its new address now"
    assert changes(new, third) == 204


CHANGE = """([was, fresh]) => dispatchEvent(Object.assign(new Event("pushsubscriptionchange"), {
  oldSubscription: { endpoint: was },
  newSubscription: fresh,
  waitUntil: () => {},
}))"""


def at_a_makers(name: str) -> Subscriber:
    subscriber = Subscriber(PushService(), name)
    subscriber.endpoint = f"https://updates.push.services.mozilla.com/{name}"
    return subscriber
