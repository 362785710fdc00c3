/**
 * The list of messages: where each one belongs, and which of two states of it stands. The server's versions decide
 * both, so that whatever order frames come in, the list ends up as a reload would show it.
 */

import { fragment } from "../dom.js";
import { rewrite } from "../time.js";
import { after, here, isMine, placed, placeOf } from "./here.js";
import { fit, fitAll, mark } from "./marks.js";
import * as scroll from "./scroll.js";

/** While a page of messages is under way, what arrives is kept: the page may have been drawn just before it. */
const meanwhile = new Set();

export function begin() {
  here.list.querySelectorAll(":scope > .message").forEach(mark);
  fitAll();
}

/**
 * Put a message, drawn by the server, where it belongs.
 * @returns {{li: Element, what: "added"|"replaced"|"known"|"elsewhere"}} "elsewhere": its place is not on this page.
 */
export function put(html) {
  for (const kept of meanwhile) kept.push(() => putAgain(html));
  return putAgain(html);
}

function putAgain(html) {
  const li = fragment(html).querySelector(".message");
  const standing = standingFor(li.id, placeOf(li));
  if (standing && placeOf(standing) === placeOf(li)) return { li, what: replace(standing, li) };
  if (standing && Number(li.dataset.version) <= versionOf(standing)) return { li, what: "known" };
  if (standing) take(standing); // It was moved away and came back to another place.
  if (isElsewhere(li)) {
    waitingFor(li)?.remove();
    return { li, what: "elsewhere" };
  }
  add(li);
  return { li, what: "added" };
}

/**
 * What a frame replaces on this page: the message itself, or what stood in its place. A place has one message: one that was
 * moved to another room leaves its place to a line that says so, and takes it again when it is moved back.
 */
function standingFor(id, place) {
  return document.getElementById(id) ?? placed().find((other) => placeOf(other) === place);
}

/** Put a whole page of messages in, without moving what the reader looks at. */
export function putPage(items) {
  const fresh = items.filter((item) => item.classList.contains("message") && !document.getElementById(item.id));
  scroll.keepPlace(() => {
    for (const li of fresh) place(li);
    fitAll();
  });
}

/** Another part of the room instead of this one. Words that wait stay at the end. */
export function replacePage(items) {
  const waiting = here.list.querySelectorAll(":scope > .waiting, :scope > .failed");
  here.list.replaceChildren(...items, ...waiting);
  here.list.querySelectorAll(":scope > .message").forEach(prepare);
  fitAll();
}

/** Fetch messages with `load`; what arrives meanwhile is put in once more after it. */
export async function whileArriving(load) {
  const kept = [];
  meanwhile.add(kept);
  try {
    await load();
  } finally {
    meanwhile.delete(kept);
    for (const again of kept) again();
  }
}

/** Show a message drawn in this browser that is not stored yet, at the end. */
export function putWaiting(li) {
  scroll.keepPlace(() => {
    here.list.append(li);
    mark(li);
    fit(li);
  });
}

/** Take a waiting message away; what stood after it may need its heading back. */
export function take(li) {
  const next = after(li);
  scroll.keepPlace(() => {
    if (!next) headingAbove(li)?.remove();
    li.remove();
    if (next) fit(next);
  });
}

/** The message that I wrote last, of those on the page that still stand. */
export const myLast = () => placed().findLast((li) => isMine(li) && li.dataset.removed !== "1");

/** Nothing more to read here: the member lost the room. */
export function clear() {
  here.list.replaceChildren(...here.list.querySelectorAll(":scope > .waiting, :scope > .failed"));
}

/** A place where nothing stands any more: its room no longer keeps the message, or a moderator moved it back. */
export function drop(frame) {
  for (const kept of meanwhile) kept.push(() => dropAgain(frame));
  dropAgain(frame);
}

function dropAgain({ message, created }) {
  const li = standingFor(`message-${message}`, created);
  if (li) take(li);
}

function isElsewhere(li) {
  const messages = placed();
  if (here.hasNewer && placeOf(li) > placeOf(messages.at(-1))) return true;
  return here.hasOlder && messages.length > 0 && placeOf(li) < placeOf(messages[0]);
}

function add(li) {
  here.section.querySelector("[data-empty]")?.remove();
  const waiting = waitingFor(li);
  scroll.keepPlace(() => {
    place(li);
    if (waiting) giveWayTo(waiting, li);
    fit(li);
    const next = after(li);
    if (next) fit(next);
  });
}

/** Into the list, after the last message with an earlier place. */
function place(li) {
  prepare(li);
  const earlier = placed().findLast((other) => placeOf(other) < placeOf(li));
  if (earlier) earlier.after(li);
  else here.list.prepend(li);
}

function prepare(li) {
  rewrite(li);
  mark(li);
  here.list.dispatchEvent(new CustomEvent("message-drawn", { detail: li }));
}

/** The local echo of a message that now came back from the server. */
function waitingFor(li) {
  if (!li.dataset.client || !isMine(li)) return null;
  return here.list.querySelector(`:scope > [data-waiting="${CSS.escape(li.dataset.client)}"]`);
}

/** The day that began with the echo begins with what takes its place. */
function giveWayTo(old, li) {
  const focus = focusIn(old);
  const heading = headingAbove(old);
  if (heading) li.before(heading);
  old.remove();
  focus?.(li);
}

function headingAbove({ previousElementSibling: item }) {
  return item?.classList.contains("day") ? item : null;
}

function replace(old, li) {
  if (Number(li.dataset.version) <= versionOf(old)) return "known";
  if (old.classList.contains("editing")) {
    // Somebody is writing in it: the newer state waits until they are done.
    old.newerState = li;
    return "replaced";
  }
  swap(old, li);
  return "replaced";
}

const versionOf = (li) => Number((li.newerState ?? li).dataset.version);

/** The editing of a message ended: show what came meanwhile. */
export function settle(li) {
  if (!li.newerState) return li;
  const { newerState } = li;
  swap(li, newerState);
  return newerState;
}

function swap(old, li) {
  const focus = focusIn(old);
  prepare(li);
  scroll.keepPlace(() => {
    old.replaceWith(li);
    fit(li);
  });
  focus?.(li);
}

/**
 * Where the focus is inside a message that is about to be drawn anew, as a function that puts it to the same place
 * of the new one; the message itself where that place is gone.
 */
function focusIn(li) {
  const focused = document.activeElement;
  if (!li.contains(focused)) return null;
  const { action, reaction } = focused.dataset;
  const same = action && `[data-action="${action}"]${reaction ? `[data-reaction="${reaction}"]` : ""}`;
  const inMenu = focused.closest("details[open]") !== null;
  return (now) => {
    const menu = now.querySelector("details");
    if (inMenu && menu) menu.open = true;
    // The message first: its actions may be hidden until it has the focus.
    now.querySelector("article")?.focus({ preventScroll: true });
    if (same) now.querySelector(same)?.focus({ preventScroll: true });
  };
}
