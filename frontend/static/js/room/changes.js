/** What happens to the room itself: a new name, locked, archived, closed with its group. */

import { make, say } from "../dom.js";
import { tell } from "./announce.js";
import { here } from "./here.js";

let shown = 0;

/** Show a `room.changed` frame, unless a newer one was shown. */
export function show({ version, name, locked, archived, closed, note }) {
  if (version <= shown) return;
  shown = version;
  rename(name);
  tag("locked", locked);
  tag("archived", archived);
  tag("closed", closed);
  const over = (archived && "This room is archived.") || (closed && "This group is closed.") || "";
  openComposer(!over);
  showNote(over ? `${over} It can be read, and no longer written in.` : note);
  const field = document.getElementById("text");
  if (field) field.placeholder = over || `Write to ${name}`;
  else if (!over) offerPageAnew();
}

/** A page that was drawn without a composer has none to open: drawn anew it has, if its reader may write. */
function offerPageAnew() {
  const why = here.section.querySelector(".note.closed");
  why?.replaceChildren("This room has changed. ", make("a", { href: location.pathname }, "Load the page again"), ".");
}

/** Whether one can write here. What was typed stays in its place either way. */
export function openComposer(open) {
  for (const field of document.querySelectorAll("#composer textarea")) field.readOnly = !open;
  for (const button of document.querySelectorAll("#composer :is(button, #files)")) button.disabled = !open;
}

/** What everybody should know before they write here. */
function showNote(words = "") {
  const line = document.getElementById("room-note");
  if (!line) return;
  // A line that was hidden until now is no live region that a screen reader would have noticed.
  if (words && words !== line.textContent.trim()) tell(words);
  say(line, words);
  line.hidden = !words;
}

function rename(name) {
  const heading = here.section.querySelector("h1");
  const was = heading.textContent;
  if (was === name) return;
  say(heading, name);
  say(document.querySelector("label[for=text]"), `Write to ${name}`);
  here.list.setAttribute("aria-label", `Messages in ${name}`);
  document.dispatchEvent(new CustomEvent("room-renamed", { detail: { was, name } }));
}

/** The small word beside the name that says how the room stands. */
function tag(word, on) {
  const place = here.section.querySelector(".room-head .quiet");
  const standing = [...(place?.querySelectorAll(".tag") ?? [])].find((element) => element.textContent === word);
  if (on && !standing) place?.append(" ", make("span", { class: "tag" }, word));
  else if (!on) standing?.remove();
}
