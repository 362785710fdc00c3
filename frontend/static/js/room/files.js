/**
 * Files that go with the next message: chosen, pasted or dropped, sent one after the other while one writes, and shown
 * above the words. Those that the server has are kept with the draft, and so survive a reload.
 */

import { alarm } from "../dom.js";
import { postFile, postJson } from "../http.js";
import { tell } from "./announce.js";
import * as row from "./file_row.js";
import { here } from "./here.js";

const MB = 2 ** 20;
/** Refusals that time alone may mend. */
const PASSING = ["unreached", "try_again", "too_fast", "not_signed_in"];

/**
 * {name, file, description, state, words, question, answered, mayPass, li, stop}, and once the server has it {id, about, picture}; `state` is
 * "waiting", "sending", "there" or "failed".
 */
let items = [];
let sending = false;
let composer = null;
let list = null;

export function start(form) {
  composer = form;
  list = form.querySelector("#attached");
  putBack(fromForm());
  const input = form.elements.files;
  input.addEventListener("change", () => {
    add(input.files);
    input.value = ""; // The form must not send them a second time.
  });
  form.elements.text.addEventListener("paste", pasted);
  for (const kind of ["dragover", "dragleave", "drop"]) here.section.addEventListener(kind, dragged);
}

export const any = () => items.length > 0;

/** Why a message cannot take its files along yet, or nothing. */
export function problem() {
  if (items.some(({ state }) => state === "failed")) return "A file could not be attached. Remove it or try it again.";
  if (items.some(({ state }) => state !== "there")) return "A file is still on its way. Send the message when it is there.";
  return "";
}

export const hasPicture = () => items.some(({ picture }) => picture);

/** The files as a message names them and a draft keeps them: only those that the server has. */
export const kept = () =>
  items
    .filter(({ state }) => state === "there")
    .map(({ id, name, about, picture, description }) => ({ id, name, about, picture, description }));

/** Hand the files over to a message. */
export function take() {
  const taken = kept();
  items = [];
  list.replaceChildren();
  show();
  return taken;
}

/** Files of a draft, or of a message that comes back to be changed. */
export function putBack(files = []) {
  const known = new Set(items.map(({ id }) => id));
  for (const file of files) if (!known.has(file.id)) items.push({ ...file, state: "there" });
  for (const item of items) if (!item.li) row.draw(item, list, acts);
  show();
}

/* Where they come from */

/** What came by the form, before this script did, with words that were refused. */
function fromForm() {
  const brought = composer.querySelector(".brought");
  brought?.remove();
  const boxes = [...(brought?.querySelectorAll("[name=file]") ?? [])];
  return boxes.map(({ value, dataset }) => ({ id: Number(value), name: dataset.name, about: dataset.about, picture: null }));
}

function pasted(event) {
  const { files, types } = event.clipboardData;
  // Office programs put a picture of the words beside the words.
  if (!files.length || types.includes("text/plain")) return;
  event.preventDefault();
  add(files);
}

function dragged(event) {
  if (!event.dataTransfer?.types.includes("Files") || composer.elements.text.readOnly) return;
  event.preventDefault();
  const isOver = event.type === "dragover" || here.section.contains(event.relatedTarget);
  here.section.classList.toggle("dropping", isOver && event.type !== "drop");
  if (event.type === "drop") add(event.dataTransfer.files);
}

function add(files) {
  const most = Number(composer.dataset.mostFiles);
  const room = most - items.length;
  if (files.length > room) alarm(`A message takes at most ${most} files. Send the others with a second one.`);
  for (const file of [...files].slice(0, room)) {
    const item = { name: file.name, file, description: "", ...firstState(file) };
    items.push(item);
    row.draw(item, list, acts);
  }
  show();
  void pump();
}

/** What can be said of a file before any of it is sent. */
function firstState({ size }) {
  const most = Number(composer.dataset.mostMegabytes);
  if (!size) return { state: "failed", words: "This file is empty." };
  const tooLarge = `This file is larger than ${most} MB. Share a link to it instead.`;
  if (size > most * MB) return { state: "failed", words: tooLarge };
  return { state: "waiting" };
}

/* On their way */

/** One after the other: a slow line then has the first one soon, and not all of them late. */
async function pump() {
  if (sending) return;
  sending = true;
  for (let item = next(); item; item = next()) await send(item);
  sending = false;
}

const next = () => items.find(({ state }) => state === "waiting");

async function send(item) {
  const stopping = new AbortController();
  Object.assign(item, { state: "sending", stop: () => stopping.abort() });
  row.say(item);
  const progress = (part) => row.progress(item, part);
  try {
    const how = { progress, signal: stopping.signal, answered: item.answered };
    const answer = await postFile(`/rooms/${here.room}/files`, item.file, how);
    arrived(item, answer);
  } catch (error) {
    if (items.includes(item)) failed(item, error);
  }
}

function arrived(item, { id, name, about, picture }) {
  if (!items.includes(item)) return takeBack(id); // Removed while its last bytes went.
  Object.assign(item, { state: "there", id, name, about, picture, file: null });
  row.draw(item, list, acts);
  show();
  tell(`${name} is attached`);
}

function failed(item, { code, words = "Something went wrong in this page.", asks = false, goOn = "" }) {
  const question = asks ? { code, goOn } : null;
  Object.assign(item, { state: "failed", words, question, mayPass: PASSING.includes(code) });
  row.say(item);
  item.li.scrollIntoView({ block: "nearest" });
  tell(`${item.name} was not attached. ${words}`);
}

function retry(item) {
  item.state = "waiting";
  row.say(item);
  void pump();
}

/** The question about it is answered: the same file again, and the answer with it. */
function goOn(item) {
  item.answered = [...(item.answered ?? []), item.question.code];
  item.question = null;
  retry(item);
}

function remove(item) {
  const place = items.indexOf(item);
  items.splice(place, 1);
  if (item.state === "sending") item.stop();
  if (item.state === "there") takeBack(item.id);
  item.li.remove();
  show();
  const neighbour = items[Math.min(place, items.length - 1)];
  if (neighbour) row.focus(neighbour);
  else composer.elements.text.focus();
}

/** Nobody waits for the answer: what stays behind is swept. */
const takeBack = (id) => void postJson(`/files/${id}/take-back`, {}).catch(() => {});

function show() {
  list.hidden = !items.length;
  changed();
}

const changed = () => composer.dispatchEvent(new CustomEvent("files-changed"));

const acts = { retry, goOn, remove, described: changed };
