/** The open room: brings its parts together, and gives every frame to the part that shows it. */

import { isLookedAt, make } from "../dom.js";
import { keep, recall, survivesReload } from "../keep.js";
import * as live from "../live.js";
import * as socket from "../socket.js";
import { MINUTE } from "../timing.js";
import * as actions from "./actions.js";
import * as announce from "./announce.js";
import { keepLevel } from "./catch_up.js";
import * as changes from "./changes.js";
import * as connection from "./connection.js";
import * as here from "./here.js";
import * as keyboard from "./keyboard.js";
import { drawLine } from "./marks.js";
import * as messages from "./messages.js";
import * as outbox from "./outbox.js";
import * as pages from "./pages.js";
import * as people from "./people.js";
import * as reading from "./reading.js";
import * as scroll from "./scroll.js";

const { here: room, placeOf, placed, isMine } = here;

let level = null;
/** The place of the newest message that this page knows of, shown or not: what is above it is new. */
let newestPlace = 0;
/** While what was missed is put in: how many came, to be said in one sentence. */
let catchingUp = null;

export function start(section) {
  here.begin(section);
  newestPlace = Math.max(placeOf(placed().at(-1)), room.hasNewer ? Number(section.dataset.version) : 0);
  level = keepLevel({
    held: Number(section.dataset.version) || 0,
    ask: (version) => socket.changesAbove(room.room, version),
    apply,
    startOver,
    lost,
  });
  messages.begin();
  keyboard.begin();
  actions.begin();
  scroll.begin(pages.toNewest);
  outbox.begin({ stored: ({ version }) => level.level(version) });
  pages.begin(); // Before the list is scrolled: it takes away the links above it.
  scroll.open();
  reading.begin();
  live.join("conversation", part);
  live.join("people", people);
  live.join("outbox", outbox);
}

/** What live.js calls. */
const part = {
  held: () => (room.ended ? {} : { [room.room]: level.held }),

  /** Connected: put in what was missed, and say how much that was. */
  async welcome(answer) {
    catchingUp = connection.wasDown() ? { count: 0 } : null;
    await part.changes(answer);
    connection.up(catchingUp?.count ?? 0);
    catchingUp = null;
    reading.look();
  },

  changes({ rooms, asked }) {
    const missed = rooms[room.room];
    return missed === undefined ? null : level.changes(missed, asked[room.room]);
  },

  hear(frame) {
    if (frame.room === room.room && frame.version && !room.ended) level.hear(frame);
  },

  /** What the server found that it had not announced; it answers the question for what is above `after`. */
  found(missed) {
    if (missed.room !== room.room || room.ended) return;
    if (level.held >= missed.after) level.changes(missed, missed.after);
    else level.level(missed.version);
  },

  /** A moderator declined what waited here for a look, or its author took it back in another tab. */
  answered: outbox.answered,

  level({ rooms = {} }) {
    if (rooms[room.room]) level.level(rooms[room.room]);
  },

  readElsewhere(frame) {
    if (frame.room === room.room) reading.moved(frame.version);
  },

  accessEnded({ group }) {
    if (group === room.group) lost();
  },

  down: connection.down,
};

/** Show one frame of this room. Frames come late, twice and out of order; only a newer state changes anything. */
function apply(frame) {
  if (frame.html) showMessage(frame.html);
  else if (frame.html === "") messages.drop(frame);
  else if (frame.kind === "room.changed") changes.show(frame);
}

function showMessage(html) {
  const { li, what } = messages.put(html);
  const place = placeOf(li);
  if (place <= newestPlace) return;
  newestPlace = place;
  if (what === "added" || what === "elsewhere") arrived(li);
}

/** A message that was not there before. */
function arrived(li) {
  people.stopped(here.authorOf(li));
  if (isMine(li) || li.dataset.removed === "1") return;
  if (li.isConnected && !(isLookedAt() && scroll.isAtEnd())) drawLine(li);
  scroll.countBelow();
  if (catchingUp) catchingUp.count += 1;
  else announce.arrived(li);
}

/** Too far behind to catch up: load the page anew, unless that would lose words or has just been tried. */
function startOver() {
  const isWriting = room.list.querySelector(".editing") || (!survivesReload() && outbox.hasWords());
  const isTriedAlready = Date.now() - (recall("started-over") ?? 0) < MINUTE;
  if (isWriting || isTriedAlready) {
    connection.lastWords("Much has happened here. ", make("a", { href: `/rooms/${room.room}/` }, "Load the room anew"));
    return;
  }
  keep("started-over", Date.now());
  location.reload();
}

/** The member lost this room. What they typed stays where it is; what others wrote goes at once. */
function lost() {
  if (room.ended) return;
  room.ended = true;
  messages.clear();
  changes.openComposer(false);
  connection.lastWords("You can no longer read this room. ", make("a", { href: "/" }, "Go to your groups"));
}
