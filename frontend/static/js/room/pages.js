/** Older and newer pages of the room, fetched when the reader comes near the edge of what is here. */

import { getFragment } from "../http.js";
import { fragment, make } from "../dom.js";
import { SECOND, wait } from "../timing.js";
import { here, placed, placeOf } from "./here.js";
import * as messages from "./messages.js";
import * as scroll from "./scroll.js";

/** How far outside of the view a page is fetched already. */
const AHEAD = "800px 0px";
/** Later than any message: asks for the page at the end of the room. */
const END = Number.MAX_SAFE_INTEGER;

const edges = {
  older: { has: "hasOlder", question: () => ({ before: placeOf(placed()[0]) }), busy: false },
  newer: { has: "hasNewer", question: () => ({ after: placeOf(placed().at(-1)) }), busy: false },
};

export function begin() {
  // The links serve those without script; with it, scrolling does the same.
  for (const link of here.section.querySelectorAll("[data-older], [data-newer]")) {
    (link.closest(".more") ?? link).hidden = true;
  }
  watchEdge(edges.older, (sentinel) => here.list.before(sentinel));
  watchEdge(edges.newer, (sentinel) => here.list.after(sentinel));
}

/** Show the end of the room instead of what is here. */
export async function toNewest() {
  await messages.whileArriving(async () => {
    const page = await fetchPage({ before: END });
    if (!page) return;
    here.hasOlder = page.hasOlder;
    here.hasNewer = false;
    messages.replacePage(page.items);
  });
}

function watchEdge(edge, put) {
  const sentinel = make("div", { "class": "edge", "aria-hidden": "true" });
  put(sentinel);
  const watcher = new IntersectionObserver(
    (entries) => entries.at(-1).isIntersecting && void extend(edge, watcher, sentinel),
    { root: rootOf(scroll.scroller()), rootMargin: AHEAD },
  );
  watcher.observe(sentinel);
}

const rootOf = (frame) => (frame === document.scrollingElement ? null : frame);

async function extend(edge, watcher, sentinel) {
  if (edge.busy || here.ended || !here[edge.has] || !placed().length) return;
  edge.busy = true;
  await messages.whileArriving(async () => {
    const page = await fetchPage(edge.question());
    if (!page) return wait(5 * SECOND);
    here[edge.has] = page[edge.has];
    messages.putPage(page.items);
  });
  edge.busy = false;
  // Watching anew asks again at once when the edge is still near.
  watcher.unobserve(sentinel);
  watcher.observe(sentinel);
}

/** One page of messages: {items, hasOlder, hasNewer}; null when it could not be had. */
async function fetchPage(question) {
  try {
    const html = await getFragment(`/rooms/${here.room}/?${new URLSearchParams(question)}`, "messages");
    const page = fragment(html);
    const facts = page.querySelector("[data-has-older]")?.dataset ?? {};
    const items = [...page.querySelectorAll("li.message, li.day, li.first-unread")];
    return { items, hasOlder: facts.hasOlder === "1", hasNewer: facts.hasNewer === "1" };
  } catch {
    return null;
  }
}
