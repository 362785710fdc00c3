/** Which message the composer answers. */

import { say } from "../dom.js";
import { nameOf, wordsOf } from "./here.js";

const LONGEST = 80;

/** {id, words}, or null. */
let target = null;

export const current = () => target;

/** Answer a message of the list from now on. */
export function to(li) {
  const words = wordsOf(li);
  const short = words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
  set({ id: Number(li.dataset.message), words: `${nameOf(li)}: ${short}` });
}

export function set(reply) {
  target = reply;
  const composer = document.getElementById("composer");
  const line = composer?.querySelector("#replying");
  if (!line) return;
  composer.elements.reply_to.value = reply ? reply.id : "";
  line.hidden = !reply;
  say(line.querySelector("[data-replying-words]") ?? line, reply ? `Replying to ${reply.words}` : "");
  composer.dispatchEvent(new CustomEvent("reply-changed"));
}
