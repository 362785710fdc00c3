/**
 * What a browser keeps of us for pushes, and runs while no page of ours is open. It keeps nothing and answers for no page.
 * A browser takes the right to push away from a site whose pushes show nothing: so each shows something.
 */

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("push", (event) => event.waitUntil(show(event.data.json())));
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(new URL(event.notification.data.path, location.origin).href));
});

/** One for each room: a later one takes the place of the earlier, and what is gone takes its place in silence. */
function show({ title, body, path, tag, silent }) {
  return registration.showNotification(title, { body, tag, silent, renotify: !silent, data: { path } });
}

/** The browser's maker took its address back: the site is told the new one, and knows us by the old. */
async function renew({ oldSubscription: old, newSubscription: given }) {
  if (!old) return;
  const fresh = given ?? (await registration.pushManager.subscribe(old.options));
  const body = new URLSearchParams({ was: old.endpoint, subscription: JSON.stringify(fresh) });
  await fetch("/you/push/renew", { method: "POST", body });
}

/** In the page of ours that is open, if there is one. */
async function open(address) {
  const [page] = await clients.matchAll({ type: "window" });
  if (!page) return clients.openWindow(address);
  await page.focus();
  return page.navigate(address);
}
