/** The long poll: what a browser does where websockets are blocked. Same questions, same frames, another way. */

import { getJson } from "./http.js";
import { SECOND } from "./timing.js";

/** How long the server may keep a question open. */
export const LONGEST = 25;

/**
 * What changed in `room` above version `after`; the server waits up to `seconds` for something to tell.
 * Returns {changes, frames}; `changes` is null where one may no longer read the room.
 */
export async function ask({ room, after, seconds = 0, signal }) {
  const question = new URLSearchParams({ room, after, wait: seconds });
  try {
    return await getJson(`/live/changes?${question}`, { signal, within: (seconds + 15) * SECOND });
  } catch (error) {
    if (error.code === "not_here") return { changes: null, frames: [] };
    throw error;
  }
}
