/** The panel at the side: members, about, pinned messages, history, a person's card. Each is a page of its own too. */

import { fragment, make } from "./dom.js";
import { getFragment } from "./http.js";
import { markPresent } from "./room/people.js";
import { rewrite } from "./time.js";

let panel = null;
/** The link that opened it: it gets the focus back. */
let opener = null;
/** The address shown last: an answer that comes after a newer question is left out. */
let shown = "";

export function start(element) {
  panel = element;
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !panel.hidden && isInsideOrNowhere()) close();
  });
}

function clicked(event) {
  if (event.defaultPrevented || event.button > 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-panel-link]");
  if (link) {
    event.preventDefault();
    void open(link);
  } else if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    close();
  }
}

/** Show what the link leads to; where that fails, follow the link. */
async function open(link) {
  if (!panel.contains(link)) opener = link;
  const address = (shown = link.href);
  try {
    const content = fragment(await getFragment(address, "panel"));
    if (address === shown) show(content);
  } catch {
    if (address === shown) location.assign(address);
  }
}

function show(content) {
  rewrite(content);
  const place = panel.querySelector("[data-panel-content]") ?? panel;
  place.replaceChildren(content);
  if (!panel.querySelector("[data-close-panel]")) {
    place.prepend(make("button", { "type": "button", "class": "close", "data-close-panel": "" }, "Close"));
  }
  markPresent(panel);
  panel.hidden = false;
  document.body.classList.add("has-panel");
  const heading = panel.querySelector("h1, h2") ?? panel;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function close() {
  shown = "";
  panel.hidden = true;
  document.body.classList.remove("has-panel");
  (panel.querySelector("[data-panel-content]") ?? panel).replaceChildren();
  const back = opener?.isConnected ? opener : document.getElementById("text");
  back?.focus({ preventScroll: true });
}

/** Esc elsewhere belongs to what has the focus there. */
const isInsideOrNowhere = () => panel.contains(document.activeElement) || document.activeElement === document.body;
