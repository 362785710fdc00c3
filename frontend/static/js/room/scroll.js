/**
 * Stay at the end, or stay put. Who reads the newest words keeps seeing the newest; who reads back is never moved
 * by what arrives, and is told how much waits below.
 */

import { here } from "./here.js";

/** Pixels from the end that still count as being at the end. */
const NEAR = 48;

let atEnd = true;
let below = 0;
let button = null;
let goToNewest = null;

/** @param {Function} toNewest loads the end of the room when it is not on the page. */
export function begin(toNewest) {
  button = document.getElementById("to-newest");
  goToNewest = toNewest;
  button?.addEventListener("click", () => newest({ focus: true }));
  // Capturing hears whichever element scrolls: the layout decides that, and it may change with the width.
  document.addEventListener("scroll", look, { capture: true, passive: true });
  const resized = new ResizeObserver(() => (atEnd ? toEnd() : look()));
  resized.observe(here.list);
  resized.observe(scroller());
}

/** Where a visit begins: at the message asked for, at the first unread one, or at the end. */
export function open() {
  const asked = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
  const start = asked || document.getElementById("first-unread");
  atEnd = !start && !here.hasNewer;
  if (asked) asked.scrollIntoView({ block: "center" });
  else if (start) toTop(start);
  else if (atEnd) toEnd();
  look();
}

/** Whether the newest message of the room is in view. */
export const isAtEnd = () => atEnd && !here.hasNewer;

/** Do something to the list without moving what the reader looks at. */
export function keepPlace(change) {
  if (isAtEnd()) {
    change();
    toEnd();
    return;
  }
  const frame = scroller();
  const anchor = firstInView(frame);
  const top = anchor?.getBoundingClientRect().top;
  // The browser's own anchoring would add to ours, and not every browser has it.
  frame.style.overflowAnchor = "none";
  change();
  const still = anchor?.isConnected ? anchor : document.getElementById(anchor?.id);
  if (still) frame.scrollTop += still.getBoundingClientRect().top - top;
  requestAnimationFrame(() => (frame.style.overflowAnchor = ""));
  look();
}

/** A message came in below of what the reader sees. */
export function countBelow() {
  if (isAtEnd()) return;
  below += 1;
  look();
}

/** Go to the newest message, fetching the end of the room when it is not here. */
export async function newest({ focus = false } = {}) {
  if (here.hasNewer) await goToNewest();
  atEnd = true;
  toEnd();
  look();
  if (focus) here.list.querySelector(":scope > .message:last-of-type article")?.focus({ preventScroll: true });
}

/** The element that scrolls the conversation. */
export function scroller() {
  for (let element = here.list; element && element !== document.body; element = element.parentElement) {
    if (element.hasAttribute("data-scroller")) return element;
    if (/auto|scroll/.test(getComputedStyle(element).overflowY)) return element;
  }
  return document.scrollingElement;
}

/** The part of the window in which the conversation is seen. */
export function view(frame = scroller()) {
  if (frame === document.scrollingElement) return { top: 0, bottom: innerHeight };
  return frame.getBoundingClientRect();
}

/** Not scrollIntoView: in some browsers Tab then begins there, past the link that skips to the page. */
function toTop(element) {
  const frame = scroller();
  const above = parseFloat(getComputedStyle(frame).scrollPaddingTop) || 0;
  frame.scrollTop += element.getBoundingClientRect().top - view(frame).top - above;
}

function toEnd() {
  const frame = scroller();
  frame.scrollTop = frame.scrollHeight;
}

function look() {
  const frame = scroller();
  atEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight <= NEAR;
  if (isAtEnd()) below = 0;
  if (!button) return;
  button.hidden = isAtEnd();
  const words = below ? `${below} new below` : "To newest";
  if (button.textContent !== words) button.textContent = words;
}

function firstInView(frame) {
  const { top } = view(frame);
  const messages = here.list.querySelectorAll(":scope > .message");
  for (const li of messages) if (li.getBoundingClientRect().bottom > top) return li;
  return messages[messages.length - 1];
}
