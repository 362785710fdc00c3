/** The open room: what the page says of it, in one place. */

import { me } from "../dom.js";

export const here = {
  section: null,
  /** The list of messages. */
  list: null,
  room: 0,
  group: 0,
  me: 0,
  /** Ids of those whom the member does not wish to hear. */
  muted: new Set(),
  /** How far the member has read: the `created` of the newest message read. */
  read: 0,
  /** Whether the room goes on before and after the messages that are on the page. */
  hasOlder: false,
  hasNewer: false,
  /** Set when the member may no longer read this room. */
  ended: false,
};

export function begin(section) {
  const { room, group, read, hasOlder, hasNewer } = section.dataset;
  here.section = section;
  here.list = section.querySelector("#messages");
  here.room = Number(room);
  here.group = Number(group);
  here.me = me();
  here.muted = new Set((section.dataset.muted ?? "").split(" ").filter(Boolean).map(Number));
  here.read = Number(read) || 0;
  here.hasOlder = hasOlder === "1";
  here.hasNewer = hasNewer === "1";
}

/** The messages on the page that have a place in the room, oldest first. Words still waiting have none yet. */
export const placed = () => [...here.list.querySelectorAll(":scope > .message[data-created]:not(.waiting, .failed)")];

/** The place of a message: the version it was posted with. */
export const placeOf = (li) => Number(li?.dataset.created) || 0;

export const authorOf = (li) => Number(li?.dataset.author) || 0;

export const isMine = (li) => authorOf(li) === here.me;

/** Who wrote a message, and what, as one line of text. */
export const nameOf = (li) => li.querySelector(".who")?.textContent.trim() ?? "";
export const wordsOf = (li) => inOneLine(li.querySelector(".body")) || (li.querySelector(".files") ? "a shared file" : "");

const inOneLine = (element) => (element?.textContent ?? "").trim().replace(/\s+/g, " ");

/** The message that comes before or after an element of the list, skipping days and marks. */
function neighbour(element, step) {
  let next = element;
  do next = next[step];
  while (next && !next.classList.contains("message"));
  return next;
}

export const before = (element) => neighbour(element, "previousElementSibling");
export const after = (element) => neighbour(element, "nextElementSibling");
