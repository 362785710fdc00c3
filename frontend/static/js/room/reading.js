/**
 * How far the member has read. Scrolling past is not reading: a message counts when it stayed in view for a second,
 * in a tab that is looked at. The position only rises.
 */

import { isLookedAt } from "../dom.js";
import { isUp, send } from "../socket.js";
import { SECOND } from "../timing.js";
import { here, placed, placeOf } from "./here.js";
import { unmarkRead } from "./marks.js";
import { view } from "./scroll.js";

const DWELL = SECOND;

let clock = null;

export function begin() {
  for (const event of ["focus", "resize", "pointerdown", "keydown"]) addEventListener(event, look, { passive: true });
  document.addEventListener("visibilitychange", look);
  document.addEventListener("scroll", look, { capture: true, passive: true });
  new MutationObserver(look).observe(here.list, { childList: true });
  look();
}

/** The position rose, here or on another device. */
export function moved(version) {
  if (version <= here.read) return;
  here.read = version;
  unmarkRead();
}

/** Something may have come into view: see again when it had time to be read. */
export function look() {
  if (clock || here.ended || !isLookedAt() || !isUp()) return;
  const seen = newestInView();
  if (seen > here.read) clock = setTimeout(dwelled, DWELL, seen);
}

function dwelled(seen) {
  clock = null;
  const still = Math.min(seen, newestInView());
  if (isLookedAt() && still > here.read) void markRead(still);
  look();
}

async function markRead(version) {
  const earlier = here.read;
  moved(version);
  try {
    await send({ kind: "room.read", room: here.room, version });
  } catch {
    // Not heard: the next look tells it again.
    here.read = Math.min(here.read, earlier);
  }
}

/** The place of the newest message of which the end, or half a screen, is in view. */
function newestInView() {
  const { top, bottom } = view();
  const half = (bottom - top) / 2;
  const inView = placed().findLast((li) => {
    const box = li.getBoundingClientRect();
    const shown = Math.min(box.bottom, bottom) - Math.max(box.top, top);
    return shown > 0 && (box.bottom <= bottom + 4 || shown >= half);
  });
  return placeOf(inView);
}
