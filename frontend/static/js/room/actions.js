/**
 * What a reader does with a message: reply, edit, remove, pin, react, copy its link. Every control is a link or a
 * form of its own, so that without this script the same things are done on pages.
 */

import { alarm, copy } from "../dom.js";
import { postJson } from "../http.js";
import { send } from "../socket.js";
import { tell } from "./announce.js";
import { here } from "./here.js";
import * as reply from "./reply.js";

const ACTIONS = {
  "reply": replyTo,
  "edit": async (li) => (await import("./edit.js")).edit(li),
  "remove": remove,
  "pin": (li) => send({ kind: "message.pin", message: idOf(li), on: li.dataset.pinned !== "1" }),
  "react": react,
  "copy-link": copyLink,
  "patient": flagPatient,
};

export function begin() {
  here.list.addEventListener("click", act);
  here.list.addEventListener("click", goToReplied);
}

async function act(event) {
  const control = event.target.closest("[data-action]");
  const action = ACTIONS[control?.dataset.action];
  const li = control?.closest(".message");
  if (!action || !idOf(li) || isForBrowser(event)) return;
  event.preventDefault();
  leaveMenu(control);
  control.setAttribute("aria-busy", "true");
  try {
    await action(li, control);
  } catch (error) {
    alarm(error.words ?? "Something went wrong in this page. Load it anew and try again.");
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/** The choice is made: the menu closes, and the focus stays at what opened it. */
function leaveMenu(control) {
  const menu = control.closest("details");
  if (!menu) return;
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true });
  menu.open = false;
}

const idOf = (li) => Number(li?.dataset.message) || 0;

/** A click meant to open a link elsewhere. */
const isForBrowser = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0;

function replyTo(li) {
  const field = document.getElementById("text");
  if (!field) return alarm("You cannot write in this room.");
  reply.to(li);
  field.focus();
}

async function remove(li) {
  const { ask } = await import("../ask.js");
  const words = "Everybody will see that a message was removed, and not what it said. This cannot be undone.";
  if (await ask({ title: "Remove this message?", words, yes: "Remove", no: "Keep" })) {
    await send({ kind: "message.remove", message: idOf(li) });
  }
}

/** One tap and one yes: it is hidden for all before anybody has to explain. */
async function flagPatient(li) {
  const { ask } = await import("../ask.js");
  const words = "It is hidden for everybody at once, and a guardian looks at it. Only the guardians know that it was you.";
  if (await ask({ title: "Does this message name a patient?", words, yes: "Yes, hide it", no: "No" })) {
    await postJson(`/messages/${idOf(li)}/patient`, {});
    tell("Hidden. A guardian looks at it.");
  }
}

function react(li, control) {
  const on = control.getAttribute("aria-pressed") !== "true";
  return send({ kind: "reaction.set", message: idOf(li), reaction: control.dataset.reaction, on });
}

async function copyLink(li) {
  const link = new URL(`/messages/${idOf(li)}/`, location.href).href;
  tell((await copy(link)) ? "Link copied" : link);
}

/** The message that another one answers: shown here when it is on this page or can be fetched. */
async function goToReplied(event) {
  const link = event.target.closest(".reply-to a[href]");
  if (!link || isForBrowser(event)) return;
  const id = link.closest(".message").dataset.replyTo;
  const standing = document.getElementById(`message-${id}`);
  if (!standing) return; // The link leads to its place.
  event.preventDefault();
  standing.scrollIntoView({ block: "center" });
  standing.querySelector("article").focus({ preventScroll: true });
}
