/** Who has the room open and who is typing. Shown, and never read out by a screen reader. */

import { say } from "../dom.js";
import { SECOND } from "../timing.js";
import { here as open } from "./here.js";

let present = [];

/** Who has the room open. */
export function here({ room, count, here: members }) {
  if (room !== open.room) return;
  present = members;
  say(document.getElementById("presence"), count ? `${count} here now` : "");
  markPresent(document);
}

/** Mark the members listed in `root` (a panel that was just opened, say) who are here. */
export function markPresent(root) {
  for (const element of root.querySelectorAll("[data-presence-of]")) {
    element.classList.toggle("here", present.includes(Number(element.dataset.presenceOf)));
  }
}

/** Typing is told every three seconds. */
const FORGET_AFTER = 5 * SECOND;

/** Member id → {name, timer}. */
const typists = new Map();

/** Somebody types. */
export function typing({ room, member, name }) {
  if (room !== open.room || member === open.me) return;
  clearTimeout(typists.get(member)?.timer);
  typists.set(member, { name, timer: setTimeout(stopped, FORGET_AFTER, member) });
  show();
}

/** Their message came. */
export function posted({ author }) {
  stopped(author);
}

export function stopped(member) {
  clearTimeout(typists.get(member)?.timer);
  if (typists.delete(member)) show();
}

function show() {
  const names = [...typists.values()].map(({ name }) => name);
  say(document.getElementById("typing"), words(names));
}

function words(names) {
  if (!names.length) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing…`;
  return "Several people are typing…";
}
