/** A message as its author sees it before it is stored: drawn from the server's own template, with its state. */

import { make, me } from "../dom.js";
import { rewrite } from "../time.js";

/**
 * @param {object} entry of the outbox.
 * @param {object} acts what its buttons do: data-action → function.
 */
export function draw(entry, acts) {
  const li = blank();
  li.dataset.waiting = entry.client_id;
  li.dataset.author = me();
  li.dataset.at = new Date(entry.at).toISOString();
  if (entry.reply) li.dataset.replyTo = entry.reply.id;
  const body = li.querySelector(".body");
  body.replaceChildren(...paragraphs(entry.text));
  if (entry.files?.length) body.after(fileList(entry.files));
  if (entry.reply) body.before(make("p", { class: "reply-to" }, entry.reply.words));
  for (const time of li.querySelectorAll("time")) time.setAttribute("datetime", li.dataset.at);
  rewrite(li);
  li.querySelector("article").append(stateLine(acts));
  return li;
}

/** Say how it stands: "waiting", "sent" or "failed", and why; where the server asks something, `goOn` says yes to it. */
export function show(li, state, words, goOn = "") {
  li.classList.toggle("waiting", state !== "failed");
  li.classList.toggle("failed", state === "failed");
  li.querySelector("[data-state-words]").textContent = words;
  for (const button of li.querySelectorAll(".state button")) {
    const isForThis = { "go-on": goOn, "retry": !goOn }[button.dataset.action] ?? true;
    button.hidden = state !== "failed" || !isForThis;
  }
  const yes = li.querySelector("[data-action=go-on]");
  if (yes) yes.textContent = goOn;
}

/**
 * Say that it waits for a moderator's look, or was declined: as rooms/_held.html does after a reload.
 * @param {Function} [takeBack] where the page has not drawn a form for it.
 */
export function showHeld(li, state, words, takeBack) {
  const declined = state === "declined";
  li.classList.add("held");
  li.classList.toggle("waiting", !declined);
  li.classList.toggle("failed", declined);
  li.querySelector("article").setAttribute("aria-label", "Your message, which only you see");
  li.querySelector("[data-state-words]").textContent = `${declined ? "Not posted." : "Only you see this."} ${words}`;
  if (takeBack) drawTakeBack(li, takeBack);
  const button = li.querySelector(".state button:not([hidden])");
  if (button) button.textContent = declined ? "Change it" : "Take it back";
}

function drawTakeBack(li, takeBack) {
  for (const button of li.querySelectorAll(".state button")) button.hidden = true;
  const button = make("button", { type: "button", class: "plain" });
  button.addEventListener("click", takeBack);
  li.querySelector(".state").append(button);
}

/** The template's message without what only a stored message has: a place, an address, actions. */
function blank() {
  const template = document.getElementById("message-template")?.content.querySelector(".message");
  const li = template
    ? document.importNode(template, true)
    : make("li", { class: "message" }, make("article", {}, make("div", { class: "body" })));
  for (const name of ["id", "data-message", "data-created", "data-version", "data-client"]) li.removeAttribute(name);
  for (const part of li.querySelectorAll(".actions, .reactions")) part.remove();
  for (const part of li.querySelectorAll("[id]")) part.removeAttribute("id");
  const article = li.querySelector("article");
  article.removeAttribute("aria-labelledby");
  article.setAttribute("aria-label", "Your message, not stored yet");
  return li;
}

/** The words as they were typed; how they will look is for the server to say. */
function paragraphs(text) {
  if (!text) return [];
  return text.split(/\n{2,}/).map((part) => {
    const lines = part.split("\n").flatMap((line) => [make("br"), line]);
    return make("p", {}, ...lines.slice(1));
  });
}

/** Files as rooms/_files.html draws them, without a way to them: pictures in their size, so that nothing moves later. */
function fileList(files) {
  return make("ul", { class: "files" }, ...files.map((file) => make("li", {}, file.picture ? picture(file) : row(file))));
}

const picture = ({ id, name, description, picture: size }) =>
  make("img", { src: `/files/${id}/small`, alt: description || name, ...size });

const row = ({ name, about }) =>
  make(
    "span",
    { class: "document" },
    make("span", { class: "name", dir: "auto" }, name),
    " ",
    make("span", { class: "quiet" }, about),
  );

function stateLine(acts) {
  const drawn = document.getElementById("waiting-template")?.content.firstElementChild;
  const line = drawn ? document.importNode(drawn, true) : ownStateLine();
  line.classList.add("state");
  line.addEventListener("click", ({ target }) => acts[target.closest("[data-action]")?.dataset.action]?.());
  return line;
}

function ownStateLine() {
  const button = (action, words) => make("button", { "type": "button", "data-action": action }, words);
  const buttons = [button("go-on", ""), button("retry", "Try again"), button("copy-text", "Copy"), button("take-back", "Change")];
  return make("p", { class: "state" }, make("span", { "data-state-words": "" }), ...buttons);
}
