/** The line that says whether the page is connected. Short breaks pass in silence. */

import { make } from "../dom.js";
import { SECOND } from "../timing.js";

/** A break shorter than this is not worth a word. */
const WORTH_SAYING = 3 * SECOND;

const WORDS = {
  "down": () => ["Offline. Your words are kept."],
  "resting": () => ["This tab is resting, because you have many open. Press any key or click to go on."],
  "other-member": () => ["Somebody else signed in here. ", make("a", { href: "" }, "Load this page anew")],
  "outdated": () => ["The site was renewed. Your words are kept. ", make("a", { href: "" }, "Load this page anew")],
  "signed-out": () => ["You are signed out. Your words are kept. ", signInLink()],
};

/** Set when there is nothing more to say after the last words. */
let over = false;
let broken = false;
let said = false;
let timer = null;

/** Whether the connection broke since it was last up. */
export const wasDown = () => broken;

export function down(why) {
  broken = true;
  clearTimeout(timer);
  if (why === "down" && !said) timer = setTimeout(() => note(...WORDS.down()), WORTH_SAYING);
  else note(...WORDS[why]());
}

/** @param {number} count how many messages came while it was down. */
export function up(count) {
  clearTimeout(timer);
  broken = false;
  if (!said) return;
  note(count ? `Back online, ${count} new.` : "Back online.");
  said = false;
  timer = setTimeout(note, 8 * SECOND);
}

/** The last words on this page: whatever the connection does, they stay. */
export function lastWords(...content) {
  note(...content);
  over = true;
}

/** Put words (and links) into the line; nothing empties it. */
function note(...content) {
  if (over) return;
  said = content.length > 0;
  document.getElementById("connection")?.replaceChildren(...content);
}

function signInLink() {
  const next = new URLSearchParams({ next: location.pathname + location.search });
  return make("a", { href: `/sign-in/?${next}` }, "Sign in");
}
