/**
 * Words on their way. What a member sends is kept here until the server says that it is stored: through a lost
 * connection, a reload, a browser that dies. It goes out again with the same client id, in the order it was written,
 * and the server stores it once however often it comes.
 *
 * Each message has one owner among the tabs of a browser: the one that holds its lock. When that tab is gone, the
 * next one that waits for the lock takes over.
 */

import { alarm, calm, copy } from "../dom.js";
import { forget, keep, keysFrom, mine, recall, whenKeptElsewhere } from "../keep.js";
import { postForm } from "../http.js";
import { isUp, send } from "../socket.js";
import { backOff, SECOND } from "../timing.js";
import { tell } from "./announce.js";
import * as echo from "./echo.js";
import { here } from "./here.js";
import { putWaiting, take } from "./messages.js";

/** Words older than this are not sent without asking: the conversation has moved on. */
const STALE = 24 * 60 * 60 * SECOND;
/** What time alone mends: what is said meanwhile, and how long at least until the next try. */
const PASSING = {
  unreached: { words: "Waiting for the connection", least: SECOND },
  try_again: { words: "Waiting: the server is busy", least: 2 * SECOND },
  too_fast: { words: "Waiting: a lot at once", least: 5 * SECOND },
  not_signed_in: { words: "Waiting until you sign in", least: 30 * SECOND },
};

/**
 * Client id → entry {client_id, room, text, reply, files, answered, at, state, words, question} of this tab, with its `li`
 * and `release`. `question` is {code, goOn} where the server asks something first.
 */
const entries = new Map();
/** Client ids of which this tab holds the lock or waits for it. */
const claimed = new Set();
let onStored = () => {};
let sending = false;
let retryTimer = null;
let lastAt = 0;

/** @param {Function} stored is told the server's answer for each message of this room. */
export function begin({ stored }) {
  onStored = stored;
  adoptAll();
  if (navigator.locks) whenKeptElsewhere(mine("outbox", ""), (key) => setTimeout(adopt, SECOND, key));
}

/**
 * Post words and files into the open room. `reply` is null or {id, words}; the server has the `files` already; `answered`
 * are the codes of questions to which the author has said: go on.
 */
export function post(text, reply, files, answered = []) {
  lastAt = Math.max(Date.now(), lastAt + 1);
  const entry = { client_id: uuid(), room: here.room, text, reply, files, answered, at: lastAt, state: "waiting" };
  void claim(entry.client_id).then((release) => giveLock(entry, release));
  save(entry);
  own(entry);
  void pump();
}

/** The server can be reached again. */
export function up() {
  void pump();
}

/** Whether words of this tab are still on their way, or were refused. */
export const hasWords = () => entries.size > 0;

/* Which tab */

function adoptAll() {
  keysFrom(mine("outbox", ""))
    .map((key) => [key, recall(key)?.at ?? 0])
    .sort(([, one], [, other]) => one - other)
    .forEach(([key]) => void adopt(key));
}

/** Become the owner of kept words, as soon as no other tab is. */
async function adopt(key) {
  const id = key.split(":").at(-1);
  if (entries.has(id) || claimed.has(id)) return;
  const release = await claim(id);
  const entry = recall(key);
  if (!entry) return release();
  if (Date.now() - entry.at > STALE) {
    Object.assign(entry, { state: "failed", words: "It has waited for more than a day." });
  }
  own(entry);
  giveLock(entry, release);
  void pump();
}

/** Wait for the lock of one message. Gives the function that lets go of it. */
function claim(id) {
  claimed.add(id);
  return new Promise((owned) => {
    if (!navigator.locks) return owned(() => {});
    const held = () => new Promise((letGo) => owned(letGo));
    navigator.locks.request(`outbox:${id}`, held).catch(() => owned(() => {})); // Refused where storage is blocked.
  }).then((letGo) => () => {
    claimed.delete(id);
    letGo();
  });
}

/** The lock came: kept as long as the words are on their way. */
function giveLock(entry, release) {
  if (entries.has(entry.client_id)) entry.release = release;
  else release();
}

function own(entry) {
  entries.set(entry.client_id, entry);
  if (entry.room === here.room) draw(entry);
}

function draw(entry) {
  if (isStored(entry)) return drop(entry);
  entry.li = echo.draw(entry, {
    "retry": () => retry(entry),
    "go-on": () => goOn(entry),
    "copy-text": async () => tell((await copy(entry.text)) ? "Copied" : "This browser does not let pages copy"),
    "take-back": () => takeBack(entry),
  });
  putWaiting(entry.li);
  show(entry);
}

/** The answer was lost, yet the message is on the page, or waits there for a look: it came with it. */
const isStored = ({ client_id }) => {
  if (here.list.querySelector(`:scope > .held[data-waiting="${CSS.escape(client_id)}"]`)) return true;
  const found = here.list.querySelector(`:scope > .message[data-client="${CSS.escape(client_id)}"]`);
  return Number(found?.dataset.author) === here.me;
};

/* Sending */

/** Send what waits, one after the other. */
async function pump() {
  if (sending) return;
  sending = true;
  clearTimeout(retryTimer);
  try {
    for (let entry = next(); entry; entry = next()) {
      const again = await deliver(entry);
      if (again) {
        retryTimer = setTimeout(pump, again);
        return;
      }
    }
  } finally {
    sending = false;
  }
}

const next = () => [...entries.values()].filter(({ state }) => state === "waiting").sort((a, b) => a.at - b.at)[0];

/** Send one message. Returns 0 when it is settled either way, else how long to wait before trying it again. */
async function deliver(entry) {
  const { client_id, room, text, reply } = entry;
  const files = (entry.files ?? []).map(({ id, description }) => ({ id, description }));
  show(entry);
  try {
    const answered = entry.answered ?? [];
    const reply_to = reply?.id ?? null;
    const answer = await send({ kind: "message.post", client_id, room, text, files, reply_to, answered });
    if (answer.held) held(entry, answer);
    else stored(entry, answer);
    return 0;
  } catch (error) {
    return undelivered(entry, error);
  }
}

function stored(entry, answer) {
  drop(entry);
  if (entry.room !== here.room) return;
  // It is on the page already; or it was stored long ago, and has been moved to another room since.
  if (answer.room !== here.room || document.getElementById(`message-${answer.message}`)) {
    if (entry.li?.isConnected) take(entry.li);
    return;
  }
  if (entry.li) echo.show(entry.li, "sent", "Sent");
  onStored(answer);
}

/** The server has it, and a moderator looks at it before others see it: from now on the page draws it, not the outbox. */
function held(entry, { held: id, state, words }) {
  drop(entry);
  if (!entry.li) return;
  entry.li.id = `held-${id}`;
  echo.showHeld(entry.li, state, words, () => void takeBackHeld(entry, id));
}

/** Once it is not waiting any more it is mine again, to be changed. */
async function takeBackHeld(entry, id) {
  try {
    await postForm(`/held/${id}/take-back`, "held");
    takeBack({ ...entry, files: [] });
  } catch (error) {
    alarm(error.words);
  }
}

/** What became of words that waited for a look, here or on another device. */
export function answered({ client_ids: ids, state, words }) {
  for (const id of ids) {
    const li = here.list.querySelector(`:scope > [data-waiting="${CSS.escape(id)}"].held`);
    if (li && state === "taken_back") take(li);
    else if (li) echo.showHeld(li, state, words);
  }
}

function undelivered(entry, error) {
  const passing = PASSING[error.code];
  if (!passing) {
    fail(entry, error.words ?? "Something went wrong in this page.", error.asks ? error : null);
    return 0;
  }
  entry.tries = (entry.tries ?? 0) + 1;
  show(entry, passing.words);
  return passing.least + backOff(entry.tries);
}

function fail(entry, words, question = null) {
  Object.assign(entry, { state: "failed", words, question: question && { code: question.code, goOn: question.goOn } });
  save(entry);
  show(entry);
  if (entry.li) alarm(`Not sent. ${words}`);
}

function show(entry, words = isUp() ? "Sending" : PASSING.unreached.words) {
  if (!entry.li) return;
  const failed = entry.state === "failed";
  const notSent = entry.question ? `Not sent yet. ${entry.words}` : `Not sent. ${entry.words}`;
  echo.show(entry.li, failed ? "failed" : "waiting", failed ? notSent : words, entry.question?.goOn);
}

/* What the member does with words that were refused */

function retry(entry) {
  Object.assign(entry, { state: "waiting", words: "", question: null, tries: 0, at: Date.now() });
  save(entry);
  calm();
  if (entry.li) putWaiting(entry.li);
  void pump();
}

/** The question is answered: the same words again, and the answer with them. */
function goOn(entry) {
  entry.answered = [...(entry.answered ?? []), entry.question.code];
  retry(entry);
}

/** Back into the composer, to be changed. */
function takeBack(entry) {
  drop(entry);
  take(entry.li);
  document.dispatchEvent(new CustomEvent("words-back", { detail: entry }));
}

/* Keeping */

const keyOf = ({ room, client_id }) => mine("outbox", room, client_id);

function save({ client_id, room, text, reply, files, answered, at, state, words, question }) {
  keep(keyOf({ room, client_id }), { client_id, room, text, reply, files, answered, at, state, words, question });
}

function drop(entry) {
  forget(keyOf(entry));
  entries.delete(entry.client_id);
  entry.release?.();
}

/** A random UUID; browsers give one only on https. */
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
