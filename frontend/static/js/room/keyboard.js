/**
 * The list of messages by keyboard: one stop for Tab, arrows from message to message, Enter to what can be done with
 * one, Esc back to the words being written. No single letters: they would take keys from those who need them.
 */

import { here } from "./here.js";

/** How many messages a page key passes. */
const PAGE = 10;
const INSIDE = ":is(a[href], button, input, select, summary):not(.editor *)";

/** The one message that Tab reaches, and inside of which it goes on. */
let stop = null;

export function begin() {
  all().forEach(prepare);
  here.list.addEventListener("message-drawn", ({ detail }) => prepare(detail));
  here.list.addEventListener("focusin", ({ target }) => moveStop(target.closest(".message")));
  here.list.addEventListener("keydown", pressed);
  new MutationObserver(keepOneStop).observe(here.list, { childList: true });
  keepOneStop();
}

const all = () => [...here.list.querySelectorAll(":scope > .message")];
const article = (li) => li?.querySelector("article");

function prepare(li) {
  if (article(li)) article(li).tabIndex = -1;
  for (const control of li.querySelectorAll(INSIDE)) control.tabIndex = -1;
}

/** The newest message is the stop until another one is chosen, or when the chosen one is gone. */
function keepOneStop() {
  if (stop?.isConnected && stop.matches(":focus-within")) return;
  moveStop(document.getElementById(stop?.id) ?? all().at(-1));
}

function moveStop(li) {
  if (!li || li === stop) return;
  if (stop) prepare(stop);
  stop = li;
  if (article(li)) article(li).tabIndex = 0;
  for (const control of li.querySelectorAll(INSIDE)) control.removeAttribute("tabindex");
}

function pressed(event) {
  const li = event.target.closest(".message");
  if (!li || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const isWhole = event.target === li || event.target === article(li);
  const act = isWhole ? LIST_KEYS[event.key] : INSIDE_KEYS[event.key];
  if (act?.(li, event.target) !== undefined) event.preventDefault();
}

const LIST_KEYS = {
  ArrowUp: (li) => step(li, -1),
  ArrowDown: (li) => step(li, 1),
  PageUp: (li) => step(li, -PAGE),
  PageDown: (li) => step(li, PAGE),
  Home: (li) => step(li, -Infinity),
  End: (li) => step(li, Infinity),
  Enter: (li) => focus(controls(li).find((control) => control.closest(".actions, .state")) ?? controls(li)[0]),
  Escape: () => focus(document.getElementById("text")),
};

const INSIDE_KEYS = {
  ArrowRight: (li, from) => beside(li, from, 1),
  ArrowLeft: (li, from) => beside(li, from, -1),
  Escape: (li) => focus(article(li)),
};

function step(li, by) {
  const messages = all();
  const wanted = Math.min(Math.max(messages.indexOf(li) + by, 0), messages.length - 1);
  const next = messages[wanted];
  focus(article(next));
  next.scrollIntoView({ block: "nearest" });
  return next;
}

/** What can be done with a message: the visible controls of its actions. */
const controls = (li) =>
  [...li.querySelectorAll(INSIDE)].filter(
    (control) => control.closest(".actions, .reactions, .state") && isShown(control),
  );

const isShown = (element) => element.getClientRects().length > 0;

function beside(li, from, by) {
  const row = controls(li);
  if (!row.includes(from)) return undefined;
  return focus(row[(row.indexOf(from) + by + row.length) % row.length]);
}

function focus(element) {
  element?.focus();
  return element;
}
