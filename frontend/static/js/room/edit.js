/** Changing one's own words where they stand. */

import { alarm, fragment, make } from "../dom.js";
import { getFragment } from "../http.js";
import { send } from "../socket.js";
import { load } from "./guard.js";
import { ask, cleared } from "./question.js";
import { fitHeight, isSendKey, offerNames, showLength, tooLong } from "./writing.js";
import { settle } from "./messages.js";
import { keepPlace } from "./scroll.js";

/** Open a message for editing. Its Markdown is with the server: the page only has what was made of it. */
export async function edit(li) {
  if (li.classList.contains("editing")) return li.querySelector(".editor textarea").focus();
  try {
    const text = await textOf(li.dataset.message);
    const now = document.getElementById(li.id);
    if (now) open(now, text);
  } catch (error) {
    alarm(error.words);
  }
}

async function textOf(id) {
  const page = fragment(await getFragment(`/messages/${id}/edit`, "panel"));
  return page.querySelector("textarea[name=text]").value;
}

function open(li, text) {
  void load();
  const editor = draw(li.dataset.message, text);
  const field = editor.elements.text;
  keepPlace(() => {
    li.classList.add("editing");
    li.querySelector("article").append(editor);
  });
  fitHeight(field);
  field.focus();
  field.setSelectionRange(text.length, text.length);
  offerNames(field);
  field.addEventListener("input", () => {
    fitHeight(field);
    showLength(field.value, editor.querySelector(".length"));
  });
  editor.addEventListener("keydown", (event) => pressed(event, li, editor));
  editor.addEventListener("submit", (event) => {
    event.preventDefault();
    void save(li, editor, text);
  });
  editor.querySelector("[data-cancel]").addEventListener("click", () => close(li, editor));
}

function draw(id, text) {
  const field = make("textarea", {
    "id": `edit-${id}`,
    "name": "text",
    "rows": "1",
    "aria-describedby": `length-${id}`,
  });
  field.value = text;
  return make(
    "form",
    { class: "editor" },
    make("label", { for: `edit-${id}`, class: "visually-hidden" }, "Change your message"),
    field,
    make("p", { id: `length-${id}`, class: "length" }),
    make(
      "div",
      { class: "row" },
      make("button", {}, "Save"),
      make("button", { "type": "button", "class": "plain", "data-cancel": "" }, "Cancel"),
      make("a", { "href": `/messages/${id}/history/`, "data-panel-link": "" }, "History"),
    ),
  );
}

function pressed(event, li, editor) {
  if (event.defaultPrevented) return;
  event.stopPropagation(); // The keys of the list do not count in a field.
  if (event.key === "Escape") {
    event.preventDefault();
    close(li, editor);
  } else if (event.target === editor.elements.text && isSendKey(event)) {
    event.preventDefault();
    editor.requestSubmit();
  }
}

/** Words stay in the field until the server has them. */
async function save(li, editor, before) {
  const text = editor.elements.text.value.trim();
  if (text === before.trim()) return close(li, editor);
  const problem = text ? tooLong(text) : "There are no words in this message yet. To take it away, remove it.";
  if (problem) return alarm(problem);
  const answered = await cleared(editor);
  if (answered && editor.elements.text.value.trim() === text) await store(li, editor, text, answered);
}

async function store(li, editor, text, answered) {
  editor.inert = true;
  try {
    await send({ kind: "message.edit", message: Number(li.dataset.message), text, answered });
    close(li, editor);
  } catch (error) {
    editor.inert = false;
    if (error.asks) return goOnOrNot(li, editor, text, answered, error);
    editor.elements.text.focus();
    alarm(`Not saved. ${error.words}`);
  }
}

/** The server asks what this browser did not. */
async function goOnOrNot(li, editor, text, answered, { words, code, goOn }) {
  const answer = await ask(editor, { text, marks: [], offered: "", words, code, goOn });
  if (answer === "go-on") await store(li, editor, text, [...answered, code]);
}

function close(li, editor) {
  const hadFocus = editor.contains(document.activeElement) || editor.inert;
  keepPlace(() => {
    editor.remove();
    li.classList.remove("editing");
  });
  const now = settle(li);
  if (hadFocus) (document.getElementById("text") ?? now.querySelector("article")).focus({ preventScroll: true });
}
