/**
 * The one connection of this tab: a websocket, and where that is blocked a long poll.
 *
 * It opens, says hello, answers heartbeats, comes back when it breaks, and carries commands. It knows nothing of
 * rooms and messages: `start` is given what to say and whom to tell (see live.js). Frames may be lost on the way; who
 * needs all of them asks (see room/catch_up.js).
 */

import { isLookedAt, me } from "./dom.js";
import { postJson, Refused, Unreached } from "./http.js";
import * as poll from "./poll.js";
import { backOff, jitter, MINUTE, SECOND, wait } from "./timing.js";

const PROTOCOL = 1;
const HELLO = "hello";
/** Nothing from the server for so long: the connection is dead, whatever the browser believes. */
const SILENCE = 45 * SECOND;
/** A handshake, or the answer to a command, that takes longer will not come on this socket. */
const PATIENCE = 20 * SECOND;
/** Back for so long: the next break is a new one, and its waits start short again. */
const STEADY = MINUTE;
const BETWEEN_TRIES_WHILE_POLLING = 3 * MINUTE;
/** A breath between long polls, where much is going on. */
const BETWEEN_QUESTIONS = 0.25 * SECOND;

const CLOSED = {
  goingAway: 1001,
  restart: 1012,
  notSignedIn: 4001,
  tooManyFrames: 4009,
  tooManyTabs: 4010,
};

/**
 * One of: opening, down, up (by websocket), poll (by long poll), resting (closed until looked at), signed-out,
 * outdated (another protocol than the server's), other-member (somebody else signed in).
 */
let state = "opening";
let tell = {};
let socket = null;
let welcomed = false;
let isLeft = false;
let everWelcomed = false;
/** Breaks since the connection was last steady: the longer, the longer the waits. */
let breaks = 0;
/** Sockets in a row that never came to a welcome: the sign of a network that blocks them. */
let misses = 0;
/** {after, within}, in seconds: when a server that is about to stop wants its pages back. */
let back = null;
let heardAt = 0;
let triedAt = -Infinity;
/** The versions that the last hello spoke of, to which the welcome is the answer. */
let asked = {};
let openedAt = 0;
let heartbeat = 20 * SECOND;
let retryTimer = null;
let polling = null;
let lastRef = 0;
/** ref → {done, failed, timer} of commands whose answer has not come. */
const unanswered = new Map();

/**
 * Connect, and stay connected.
 * @param {object} listener `held()` gives {room: version}; `frame(frame)` takes what the server says;
 *   `up(welcome)` and `down(why)` take the changes of state; `changes({rooms, asked})` what a long poll brought.
 */
export function start(listener) {
  tell = listener;
  addEventListener("online", wake);
  addEventListener("offline", breakOff);
  addEventListener("focus", wake);
  addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  setInterval(watch, 5 * SECOND);
  open();
}

/** Whether the server can be reached, as far as we know. */
export const isUp = () => state === "up" || state === "poll";

/** Whether small talk (typing) is worth sending. */
export const isSocket = () => state === "up";

/** Have a command done: by the socket when it is up, else by HTTP. Gives `done`; raises Refused or Unreached. */
export async function send(command) {
  if (isLeft) throw new Unreached();
  const ref = String((lastRef += 1));
  try {
    return await (state === "up" ? bySocket({ ...command, ref }) : byHttp({ ...command, ref }));
  } catch (error) {
    if (error.code === "not_signed_in") signedOut();
    throw error;
  }
}

/** What changed in a room above the version held (see Catching up in docs/protocol.md). */
export async function changesAbove(room, after) {
  if (state === "up") return (await send({ kind: "room.open", room, after })).changes;
  return (await poll.ask({ room, after })).changes;
}

/* Commands */

function bySocket(command) {
  return new Promise((done, failed) => {
    const timer = setTimeout(breakOff, PATIENCE);
    unanswered.set(command.ref, { done, failed, timer });
    put(command);
  });
}

async function byHttp(command) {
  const answer = await postJson("/live/command", command);
  if (answer.kind === "refused") throw new Refused(answer);
  return answer;
}

function put(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function settle(answer) {
  const command = unanswered.get(answer.ref);
  if (!command) return;
  unanswered.delete(answer.ref);
  clearTimeout(command.timer);
  if (answer.kind === "done") command.done(answer);
  else command.failed(new Refused(answer));
}

function failUnanswered() {
  for (const { failed, timer } of unanswered.values()) {
    clearTimeout(timer);
    failed(new Unreached());
  }
  unanswered.clear();
}

/* Opening and hearing */

function open() {
  clearTimeout(retryTimer);
  if (socket || isLeft) return;
  triedAt = performance.now();
  const address = new URL("/live", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const opening = new WebSocket(address);
  socket = opening;
  welcomed = false;
  setTimeout(() => opening === socket && !welcomed && breakOff(), PATIENCE);
  opening.onopen = () => {
    asked = tell.held();
    put({ kind: "hello", ref: HELLO, protocol: PROTOCOL, rooms: asked });
  };
  opening.onmessage = ({ data }) => opening === socket && hear(data);
  opening.onclose = ({ code }) => opening === socket && closed(code);
}

function hear(data) {
  heardAt = performance.now();
  const frame = read(data);
  if (frame) (ANSWERS[frame.kind] ?? tell.frame)(frame);
}

/** What the connection itself takes; everything else is for the page. */
const ANSWERS = {
  welcome,
  done: settle,
  refused: (answer) => (answer.ref === HELLO ? unwelcome(answer) : settle(answer)),
  away: sentAway,
  heartbeat(frame) {
    put({ kind: "heartbeat", rooms: tell.held() });
    tell.frame(frame);
  },
};

/** The server is about to stop, and says when its pages are to come back: all at once would hold up each other. */
function sentAway({ after, within }) {
  back = { after, within };
}

function read(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function welcome(frame) {
  if (frame.member.id !== me()) return leave("other-member");
  welcomed = everWelcomed = true;
  misses = 0;
  back = null;
  openedAt = performance.now();
  if (frame.heartbeat) heartbeat = frame.heartbeat * SECOND;
  polling?.abort();
  polling = null;
  become("up");
  tell.up({ ...frame, asked });
}

/** The hello was refused. Where the server speaks another protocol, only a page of its own version helps. */
function unwelcome({ code }) {
  if (code === "protocol") leave("outdated");
  else breakOff();
}

/** This page cannot go on: it has to be loaded anew, when its reader wants it. Nothing is sent from it any more. */
function leave(why) {
  isLeft = true;
  polling?.abort();
  polling = null;
  const last = socket;
  socket = null;
  last.close();
  goDown(why);
}

function become(now) {
  state = now;
  document.body.dataset.connection = now;
}

/* Breaking and coming back */

/** Take the connection for dead without waiting for the browser to notice, and come back. */
function breakOff() {
  if (!socket) return;
  const dead = socket;
  closed(0);
  dead.close();
}

function closed(code) {
  const wasUp = welcomed;
  socket = null;
  welcomed = false;
  failUnanswered();
  if (wasUp && performance.now() - openedAt > STEADY) breaks = 0;
  if (polling) {
    retryIn(BETWEEN_TRIES_WHILE_POLLING / 2 + jitter(BETWEEN_TRIES_WHILE_POLLING));
    return;
  }
  if (code === CLOSED.notSignedIn) signedOut();
  else if (code === CLOSED.tooManyTabs) rest();
  else comeBack(code, wasUp);
}

function comeBack(code, wasUp) {
  if (state !== "down") goDown("down");
  breaks += 1;
  if (!wasUp) misses += 1;
  if (code === CLOSED.tooManyFrames) retryIn(MINUTE + jitter(10 * SECOND));
  else if (wasUp && (back || code === CLOSED.restart || code === CLOSED.goingAway)) retryIn(afterRestart());
  else if (isPerhapsBlocked()) listenByPoll();
  else retryIn(backOff(breaks - 1));
}

/** When the server asked us to come back; else as if it had. */
function afterRestart() {
  const { after, within } = back ?? { after: 1.5, within: 5 };
  return after * SECOND + jitter(within * SECOND);
}

/** Two misses without ever a welcome: this network may block websockets. After a welcome it takes more to think so. */
const isPerhapsBlocked = () => navigator.onLine && misses >= (everWelcomed ? 4 : 2);

function retryIn(ms) {
  clearTimeout(retryTimer);
  retryTimer = setTimeout(open, ms);
}

function goDown(why) {
  become(why);
  tell.down(why);
}

/** The session ended. What was typed stays; the next look at the tab tries again, after a sign-in elsewhere. */
function signedOut() {
  if (state === "signed-out") return;
  clearTimeout(retryTimer);
  polling?.abort();
  polling = null;
  goDown("signed-out");
}

/** Too many tabs of one member, and this one was the oldest: it stays away until somebody looks at it. */
function rest() {
  goDown("resting");
  addEventListener("pointerdown", wake, { once: true });
  addEventListener("keydown", wake, { once: true });
}

/** The tab is looked at, the machine woke, the network is back: do not wait for a timer that slept too. */
function wake() {
  if (state === "resting" && !isLookedAt()) return;
  const justTried = performance.now() - triedAt < SECOND;
  if (!justTried && socket && welcomed && performance.now() - heardAt > 1.5 * heartbeat) breakOff();
  if (isUp() || socket) return;
  // What failed while the network was away says nothing of now: the waits start short again.
  breaks = 0;
  if (justTried) retryIn(SECOND);
  else open();
}

/** Timers of a hidden tab are slow, so this counts time and not ticks. */
function watch() {
  if (welcomed && performance.now() - heardAt > SILENCE) breakOff();
}

/* The long poll */

async function listenByPoll() {
  polling = new AbortController();
  const { signal } = polling;
  let seconds = 0; // The first question is answered at once, so that it shows whether this way works.
  try {
    while (!signal.aborted) {
      const began = performance.now();
      const held = tell.held();
      const [[room, after] = []] = Object.entries(held);
      if (!room) throw new Unreached(); // Without an open room there is nothing to ask for.
      const { changes, frames } = await poll.ask({ room, after, seconds, signal });
      if (signal.aborted) return;
      takePolled({ rooms: { [room]: changes }, asked: held });
      frames.forEach(tell.frame);
      seconds = changes?.more ? 0 : poll.LONGEST;
      if (!changes?.more && performance.now() - began < SECOND) await wait(BETWEEN_QUESTIONS);
    }
  } catch (error) {
    pollFailed(signal, error);
  }
}

/** The first answer is a welcome; later ones are told in the same shape. */
function takePolled(answer) {
  if (state === "poll") return tell.changes(answer);
  become("poll");
  tell.up(answer);
  retryIn(BETWEEN_TRIES_WHILE_POLLING + jitter(MINUTE));
}

function pollFailed(signal, error) {
  if (signal.aborted) return;
  polling = null;
  if (error.code === "not_signed_in") return signedOut();
  if (state === "poll") goDown("down");
  breaks += 1;
  retryIn(backOff(breaks - 1));
}
