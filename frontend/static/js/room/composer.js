/** Where a member writes: keeps what they type and attach, says when it is too long, and hands it to the outbox. */

import { alarm } from "../dom.js";
import { forget, keep, mine, recall } from "../keep.js";
import { isSocket, send } from "../socket.js";
import { atMostEvery, SECOND, settled, wait } from "../timing.js";
import { fitHeight, isSendKey, offerNames, showLength, tooLong } from "./writing.js";
import * as files from "./files.js";
import { here } from "./here.js";
import { myLast } from "./messages.js";
import * as outbox from "./outbox.js";
import * as reply from "./reply.js";
import * as scroll from "./scroll.js";

let composer = null;
let field = null;

export function start(form) {
  composer = form;
  field = form.elements.text;
  files.start(form);
  restoreDraft();
  offerNames(field);
  form.addEventListener("submit", submit);
  field.addEventListener("focus", async () => (await asking())?.load(), { once: true });
  for (const change of ["reply-changed", "files-changed"]) form.addEventListener(change, keepDraft);
  form.querySelector("[data-cancel-reply]")?.addEventListener("click", cancelReply);
  field.addEventListener("keydown", pressed);
  field.addEventListener("input", typed);
  document.addEventListener("words-back", ({ detail }) => putBack(detail));
  document.addEventListener("visibilitychange", keepDraft.now);
  addEventListener("pagehide", keepDraft.now);
}

function pressed(event) {
  if (event.defaultPrevented) return; // The list of names took it.
  if (isSendKey(event)) {
    event.preventDefault();
    composer.requestSubmit();
  } else if (event.key === "Escape" && reply.current()) {
    event.preventDefault();
    cancelReply();
  } else if (event.key === "ArrowUp" && !field.value && myLast()) {
    event.preventDefault();
    myLast().querySelector("[data-action=edit]")?.click();
  }
}

function typed() {
  showLength(field.value, lengthLine());
  fitHeight(field);
  keepDraft();
  if (field.value.trim()) signalTyping();
}

/** What asks before words are sent. It is fetched when somebody begins to write: most who come only read. */
const asking = () => Promise.race([import("./question.js"), wait(1.5 * SECOND)]).catch(() => {});

/** As in question.js. Where that cannot be had, words do not wait for it: the server looks at them and asks. */
async function cleared(about) {
  const question = await asking();
  if (question) return question.cleared(composer, about);
  return [...composer.querySelectorAll("[name=answered]:checked")].map(({ value }) => value);
}

let isAsking = false;

async function submit(event) {
  event.preventDefault();
  if (isAsking) return;
  const text = field.value.trim();
  if (!text && !files.any()) return field.focus();
  const problem = tooLong(text) || files.problem();
  if (problem) return alarm(problem);
  isAsking = true;
  const codes = await cleared({ hasPicture: files.hasPicture() }).finally(() => (isAsking = false));
  if (!codes || field.value.trim() !== text) return;
  const answered = reply.current();
  const attached = files.take();
  empty();
  if (here.hasNewer) await scroll.newest();
  outbox.post(text, answered, attached, codes);
  void scroll.newest();
  field.focus();
}

function empty() {
  for (const box of composer.querySelectorAll("[name=answered]")) box.checked = box.defaultChecked;
  field.value = "";
  reply.set(null);
  keepDraft.never();
  forget(draftKey());
  showLength("", lengthLine());
  fitHeight(field);
}

function cancelReply() {
  reply.set(null);
  field.focus();
}

/** Words that were not sent come back to be changed, after what is there already. */
function putBack({ text, reply: answered, room, files: attached }) {
  if (room !== here.room) return;
  files.putBack(attached);
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${text}` : text;
  if (answered) reply.set(answered);
  typed();
  field.focus();
}

const signalTyping = atMostEvery(3 * SECOND, () => {
  if (isSocket()) send({ kind: "typing", room: here.room }).catch(() => {});
});

/* The draft */

const draftKey = () => mine("draft", here.room);

const keepDraft = settled(() => {
  const draft = { text: field.value, reply: reply.current(), files: files.kept() };
  if (draft.text || draft.reply || draft.files.length) keep(draftKey(), draft);
  else forget(draftKey());
}, 0.3 * SECOND);

/** What was being written here before. Words that the server sent back come first. */
function restoreDraft() {
  const draft = recall(draftKey());
  if (draft) {
    field.value ||= draft.text;
    if (draft.reply) reply.set(draft.reply);
    files.putBack(draft.files);
  }
  showLength(field.value, lengthLine());
  fitHeight(field);
}

const lengthLine = () => document.getElementById("length");
