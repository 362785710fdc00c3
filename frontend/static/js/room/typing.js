/** Who is typing. Forgotten after five seconds, or when their message comes. Never read out by a screen reader. */

import { say } from "../dom.js";
import { SECOND } from "../timing.js";
import { here } from "./here.js";

const FORGET_AFTER = 5 * SECOND;

/** Member id → {name, timer}. */
const typists = new Map();

/** Somebody types. */
export function heard({ room, member, name }) {
  if (room !== here.room || member === here.me) return;
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
