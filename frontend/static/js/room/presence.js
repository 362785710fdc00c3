/** Who has the room open. Shown, never read out. */

import { say } from "../dom.js";

let lastHere = new Set();

export function showPresence({ count, here }) {
  lastHere = new Set(here);
  say(document.getElementById("presence"), count ? `${count} here now` : "");
  markPresent(document);
}

/** Mark the members listed in `root` (a panel that was just opened, say) who are here. */
export function markPresent(root) {
  for (const element of root.querySelectorAll("[data-presence-of]")) {
    element.classList.toggle("here", lastHere.has(Number(element.dataset.presenceOf)));
  }
}
