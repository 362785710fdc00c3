/**
 * Marks that only this reader sees. The server draws one message for everybody; what it means to *me* is added here
 * from its data attributes.
 */

import { dayOf, dayWords } from "../time.js";
import { make } from "../dom.js";
import { after, authorOf, before, here, isMine, placeOf } from "./here.js";
import { equip } from "./tools.js";

/** One author's messages this close together share a heading. */
const CLOSE = 5 * 60 * 1000;

/** Mark one message: mine, mentions me, new, and the reactions that I gave; and give it its controls. */
export function mark(li) {
  equip(li);
  const mine = isMine(li);
  li.classList.toggle("mine", mine);
  li.classList.toggle("mentions-me", mentionsMe(li));
  if (here.muted.has(authorOf(li))) fold(li);
  li.classList.toggle("new", !mine && placeOf(li) > here.read && li.dataset.removed !== "1");
  for (const button of li.querySelectorAll("[data-action=react]")) {
    button.setAttribute("aria-pressed", String(holds(membersOf(button), here.me)));
  }
}

/** What somebody writes whom the member does not wish to hear is there on demand. Once opened it stays open. */
function fold(li) {
  const body = li.querySelector(".body");
  if (!body || body.closest("details")) return;
  const folded = make("details", { class: "muted" }, make("summary", {}, "From somebody you muted"));
  body.before(folded);
  folded.append(...li.querySelectorAll(".body, .files, .reactions"));
}

/** Whether a message calls me: by name, or with everybody in the room. */
export function mentionsMe(li) {
  return holds(li.dataset.mentions, here.me) || (li.dataset.everyone === "1" && !isMine(li));
}

/** Whether a message answers one of mine. */
export function repliesToMe(li) {
  if (li.dataset.replyAuthor) return Number(li.dataset.replyAuthor) === here.me;
  return isMine(document.getElementById(`message-${li.dataset.replyTo}`));
}

/** After the reading position rose: what was new no longer is. */
export function unmarkRead() {
  for (const li of here.list.querySelectorAll(".message.new")) {
    if (placeOf(li) <= here.read) li.classList.remove("new");
  }
}

/** Put the heading of its day before a message when it is the first of that day, and shorten a continued one. */
export function fit(li) {
  const previous = before(li);
  const newDay = !previous || dayOf(previous.dataset.at) !== dayOf(li.dataset.at);
  fitDay(li, newDay);
  li.classList.toggle("continued", !newDay && continues(previous, li));
}

/** Every message of the list, as after a whole page of them came; days may have turned since. */
export function fitAll() {
  here.list.querySelectorAll(":scope > .message").forEach(fit);
  for (const item of here.list.querySelectorAll(":scope > .day")) nameDay(item);
}

/** The line above what came while nobody looked. One that still has unread words right below it stays. */
export function drawLine(li) {
  const standing = document.getElementById("first-unread");
  if (standing && placeOf(after(standing)) > here.read) return;
  standing?.remove();
  li.before(make("li", { class: "first-unread", id: "first-unread" }, make("span", {}, "New to you")));
  fit(li);
}

function continues(previous, li) {
  const apart = new Date(li.dataset.at) - new Date(previous.dataset.at);
  const answers = Number(li.dataset.replyTo) > 0;
  return authorOf(previous) === authorOf(li) && apart < CLOSE && !answers && !isBroken(previous, li);
}

/** The line above what is new cuts a heading in two as well. */
const isBroken = (previous, li) => between(previous, li).some((item) => item.classList.contains("first-unread"));

function fitDay(li, wanted) {
  const day = dayOf(li.dataset.at);
  const days = between(before(li), li).filter((item) => item.classList.contains("day"));
  const right = wanted ? days.find((item) => item.dataset.day === day) : null;
  for (const item of days) if (item !== right) item.remove();
  if (wanted && !right) beforeMarks(li).before(dayItem(day));
}

function dayItem(day) {
  const item = make("li", { "class": "day", "data-day": day }, make("h2"));
  nameDay(item);
  return item;
}

function nameDay(item) {
  const heading = item.querySelector("h2") ?? item;
  heading.textContent = dayWords(item.dataset.day);
}

/** Where a day begins: above the line that says what is new, if that stands before this message. */
function beforeMarks(li) {
  const previous = li.previousElementSibling;
  return previous?.classList.contains("first-unread") ? previous : li;
}

/** What stands in the list between two messages. */
function between(previous, li) {
  const items = [];
  let item = li.previousElementSibling;
  while (item && item !== previous) {
    items.push(item);
    item = item.previousElementSibling;
  }
  return items;
}

const membersOf = (button) => button.dataset.members ?? button.closest("[data-members]")?.dataset.members;

const holds = (ids, id) => Boolean(ids) && ids.split(/\s+/).includes(String(id));
