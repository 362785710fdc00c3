/**
 * Knowing that nothing is missing. Frames may be lost; so this page holds one number, the version up to which it has
 * everything, and asks for all above it whenever that number cannot be right: a gap, a reconnect, a wake, a heartbeat
 * with a higher one. The rule is written in docs/protocol.md, "Catching up".
 */

import { jitter, SECOND } from "../timing.js";

/**
 * @param {object} room what it works on:
 *   `held` the version the page was drawn with; `apply(frame)` puts one frame on the page (older states ignored);
 *   `ask(version)` gives the changes above it; `startOver()` loads the page anew; `lost()` the room is closed to us.
 */
export function keepLevel({ held, apply, ask, startOver, lost }) {
  /** Versions above `held` that came already, out of order. */
  const ahead = new Set();
  /** The highest version anybody spoke of. */
  let newest = held;
  let asking = false;
  let askLater = null;
  /** Set when this page can no longer be brought level: it is loaded anew, or closed to us. */
  let over = false;

  /** A frame came in by itself. */
  function hear(frame) {
    apply(frame);
    if (frame.version > held) ahead.add(frame.version);
    level(frame.version);
  }

  /** The room is known to be at `version`. */
  function level(version) {
    if (version > newest) newest = version;
    rise();
    if (newest > held) soon();
  }

  /** Up by one, as often as the next version is here. */
  function rise() {
    for (const version of ahead) if (version <= held) ahead.delete(version);
    while (ahead.delete(held + 1)) held += 1;
  }

  /** A short random wait: frames that merely overtook each other arrive in it, and a crowd does not ask at once. */
  function soon(least = 0.2 * SECOND) {
    if (over || asking || askLater) return;
    askLater = setTimeout(askNow, least + jitter(0.8 * SECOND));
  }

  function askNow() {
    askLater = null;
    if (newest > held) void catchUp();
  }

  /** Ask, page after page, until level. */
  async function catchUp() {
    if (over || asking) return;
    asking = true;
    try {
      let more = true;
      while (more) {
        const after = held;
        more = take(await ask(after), after);
      }
    } catch (error) {
      if (error.code === "not_here") end(lost);
    } finally {
      asking = false;
    }
    if (newest > held) soon(2 * SECOND);
  }

  /** Take an answer to "what is above `after`?". Returns whether to ask again. */
  function take(changes, after) {
    if (!changes) return end(lost);
    // An answer below what was asked comes from a server that was set back: what is shown here is not what it has.
    if (changes.refetch || changes.version < after) return end(startOver);
    changes.frames.forEach(apply);
    held = Math.max(held, changes.version);
    newest = Math.max(newest, held);
    rise();
    return Boolean(changes.more) && !over;
  }

  function end(how) {
    if (!over) how();
    over = true;
    return false;
  }

  return {
    hear,
    level,
    /** Changes above `after` that came with a welcome or a long poll. Asks on, until level, when they are not all. */
    async changes(changes, after) {
      if (take(changes, after)) await catchUp();
      else if (newest > held) soon();
    },
    get held() {
      return held;
    },
  };
}
