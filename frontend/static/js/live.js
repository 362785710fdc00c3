/**
 * What comes over the connection → what changes on the page. One line for each kind of frame; beside it, which part
 * of the page hears of it, and by which of its functions. A part that is not on this page is left out.
 */

import * as socket from "./socket.js";

const CHANGES = {
  // what          conversation (the open room)        rooms (the list)         others
  "message.posted":  { conversation: "hear",             rooms: "posted",       people: "posted" },
  "message.changed": { conversation: "hear" },
  "held.answered":   { conversation: "answered" },
  "room.changed":    { conversation: "hear",             rooms: "renamed" },
  "room.changes":    { conversation: "found" },
  "room.moved":      {                                   rooms: "moved" },
  "read.moved":      { conversation: "readElsewhere",    rooms: "read" },
  "presence":        { people: "here" },
  "typing":          { people: "typing" },
  "notice":          { notices: "unseen" },
  "case":            { cases: "changed" },
  "waiting":         { cases: "changed", sign: "changed", looks: "changed" },
  "access.began":    {                                   rooms: "accessBegan" },
  "access.ended":    { conversation: "accessEnded",      rooms: "accessEnded" },
  "heartbeat":       { conversation: "level" },
  // the connection itself
  "up":              { conversation: "welcome",          rooms: "up",           outbox: "up",  cases: "up" },
  "changes":         { conversation: "changes",          rooms: "polled" },
  "down":            { conversation: "down" },
};

/** A newer server may tell of things this page does not know: their version in the open room still counts. */
const UNKNOWN = { conversation: "hear" };

const parts = new Map();

/** Give a part of the page its place in the table above. */
export function join(name, part) {
  parts.set(name, part);
}

/** Connect, once the parts of this page have joined. */
export function start() {
  socket.start({
    held: () => parts.get("conversation")?.held() ?? {},
    frame: (frame) => hear(frame.kind, frame),
    up: (welcome) => hear("up", welcome),
    changes: (answer) => hear("changes", answer),
    down: (why) => hear("down", why),
  });
}

/** Have the parts of this page hear something, as if a frame had told it. */
export function hear(kind, news) {
  const changes = CHANGES[kind] ?? UNKNOWN;
  for (const [part, change] of Object.entries(changes)) attempt(kind, () => parts.get(part)?.[change](news));
}

/** One part that fails must not keep the others from hearing. Only the kind is logged: never what members wrote. */
function attempt(kind, change) {
  try {
    change();
  } catch (error) {
    console.error(`A ${kind} could not be shown: ${error.name}`);
  }
}
