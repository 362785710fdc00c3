/** How many notices (mentions of me, replies to me) have not been seen. */

import { join } from "./live.js";

let badge = null;

export function start(element) {
  badge = element;
  join("notices", { unseen: ({ unseen }) => show(unseen) });
}

function show(unseen) {
  badge.dataset.unseen = unseen;
  const words = badge.querySelector(".unread");
  if (!words) return;
  words.hidden = !unseen;
  (words.querySelector("[data-count]") ?? words).textContent = unseen > 99 ? "99+" : unseen || "";
}
