/**
 * What a screen reader hears of new messages: a short sentence in a place of its own, because a list that is itself
 * a live region is read out unevenly. Only what others wrote, only as much as the reader asked for.
 */

import { make } from "../dom.js";
import { setting } from "../settings.js";
import { SECOND, settled } from "../timing.js";
import { nameOf, wordsOf } from "./here.js";
import { mentionsMe, repliesToMe } from "./marks.js";

const LONGEST = 140;
/** More than so many within so long are a burst: they are counted, not read out. */
const BURST = 3;
const BURST_TIME = 5 * SECOND;

const WANTED = {
  all: () => true,
  mentions: (li) => mentionsMe(li) || repliesToMe(li),
  none: () => false,
};

let times = [];
let uncounted = 0;

/** A message by somebody else arrived in the open room. */
export function arrived(li) {
  const wanted = WANTED[setting("announce")] ?? WANTED.mentions;
  if (!wanted(li)) return;
  const now = performance.now();
  times = [...times.filter((time) => now - time < BURST_TIME), now];
  if (times.length > BURST) countLater();
  else tell(sentence(li));
}

/** Say something politely: after what is being read, without moving the focus. */
export function tell(words) {
  const said = make("p", {}, words);
  document.getElementById("announcer")?.append(said);
  setTimeout(() => said.remove(), 20 * SECOND);
}

const sayCount = settled(() => {
  tell(uncounted === 1 ? "1 new message" : `${uncounted} new messages`);
  uncounted = 0;
}, 2 * SECOND);

function countLater() {
  uncounted += 1;
  sayCount();
}

function sentence(li) {
  const words = [...wordsOf(li)];
  const short = words.length > LONGEST ? [...words.slice(0, LONGEST), "…"] : words;
  return `${nameOf(li)}: ${short.join("")}`;
}
