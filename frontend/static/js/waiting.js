/** How many posts wait for a moderator's look: at the top of their pages; and on the page of what waits a word when it changed. */

import { join } from "./live.js";

export function start(element) {
  if (element.id === "waiting-changed") join("looks", { changed: ({ waiting }) => sayThatItChanged(element, waiting) });
  else join("sign", { changed: ({ waiting }) => show(element, waiting) });
}

function show(sign, waiting) {
  sign.hidden = !waiting;
  sign.querySelector(".unread").textContent = waiting > 99 ? "99+" : waiting;
}

/** The list itself stays: a reason may be half typed in it. */
function sayThatItChanged(note, waiting) {
  note.hidden = waiting === Number(note.dataset.waiting);
}
