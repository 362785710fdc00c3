/** What is asked before words are sent, in the form where they stand: by this browser's guard, or by the server. */

import { make } from "../dom.js";
import { DOUBT, load, look, offered, sentence, SURE, table } from "./guard.js";

export { load };

export const ABOUT_A_PATIENT = "about_a_patient";
export const PICTURE = "picture_of_somebody";
export const OWN_STORY = "my_own_story";

/**
 * The codes of all questions about what stands in the form that its writer has answered, or null when they would
 * rather change it. Nothing is sent meanwhile, and the words stay in the field.
 */
export async function cleared(form, { hasPicture = false } = {}) {
  await load();
  const field = form.elements.text;
  const codes = new Set([...form.querySelectorAll("[name=answered]:checked")].map(({ value }) => value));
  for (;;) {
    const found = look(field.value, codes.has(OWN_STORY));
    const question = questionAbout(found, field.value, codes, hasPicture);
    if (!question) return [...codes];
    const answer = await ask(form, question);
    if (answer !== "go-on" && answer !== OWN_STORY) return null;
    codes.add(answer === OWN_STORY ? OWN_STORY : question.code);
  }
}

function questionAbout({ level, marks }, text, codes, hasPicture) {
  const own = codes.has(OWN_STORY) ? "_own" : "";
  const { sentences } = table() ?? {};
  const about = { text, marks, offered: marks.length ? offered(text, marks) : "", mayBeOwn: !own };
  if (level === SURE) return { ...about, words: sentence(`stop${own}`, marks) };
  if (level === DOUBT && !codes.has(ABOUT_A_PATIENT)) {
    return { ...about, words: sentence(`ask${own}`, marks), code: ABOUT_A_PATIENT, goOn: sentences.go_on };
  }
  if (hasPicture && sentences && !codes.has(PICTURE)) {
    return { text: "", marks: [], offered: "", words: sentences.picture, code: PICTURE, goOn: sentences.go_on_picture };
  }
  return null;
}

/** Ask above the words. Resolves to "go-on", the code of one's own story, or "change". */
export function ask(form, { text, marks, offered: instead, words, code, goOn, mayBeOwn }) {
  form.querySelector(".question")?.remove();
  const field = form.elements.text;
  const button = (act, label, look = {}) => make("button", { "type": "button", "data-act": act, ...look }, label);
  const buttons = [
    ...(instead ? [button("instead", "Use this instead")] : []),
    ...(code ? [button("go-on", goOn, { class: "quiet" })] : []),
    ...(mayBeOwn ? [button("own", "This is my own story", { class: "plain" })] : []),
    button("change", "Change it", { class: "plain" }),
  ];
  const id = `question-${field.id}`;
  const panel = make(
    "div",
    { "class": "question", "role": "alertdialog", "aria-labelledby": id, "tabindex": "-1" },
    make("p", { id }, words),
    ...(marks.length ? [make("p", { class: "found", dir: "auto" }, ...markedWords(text, marks))] : []),
    ...(instead ? [make("p", { dir: "auto" }, "Instead: ", make("q", {}, instead))] : []),
    make("div", { class: "row" }, ...buttons),
    make("p", { class: "hint" }, make("a", { href: "/patient-data/" }, "What may be shared about patients")),
  );
  field.before(panel);
  const line = field.closest(".line");
  if (line) line.before(panel);
  panel.focus();
  return new Promise((answered) => {
    const settle = (act) => {
      panel.remove();
      if (act === "instead") put(field, instead);
      field.focus();
      answered({ "go-on": "go-on", "own": OWN_STORY }[act] ?? "change");
    };
    panel.addEventListener("click", ({ target }) => target.dataset.act && settle(target.dataset.act));
    panel.addEventListener("keydown", (event) => {
      event.stopPropagation(); // The keys of the list and of the form do not count here.
      if (event.key === "Escape") settle("change");
    });
    // Whoever writes on has answered by changing it.
    field.addEventListener("input", () => panel.isConnected && settle("change"), { once: true });
  });
}

function put(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const beginningOfWord = (text, from) => (from <= 0 ? 0 : text.indexOf(" ", from) + 1 || from);

/** The found places as they stand, each with a little of what is around it. */
function markedWords(text, marks) {
  const parts = [];
  let at = beginningOfWord(text, marks[0].start - 30);
  for (const { start, end } of marks) {
    parts.push(start - at > 60 ? `${text.slice(at, at + 25)} … ${text.slice(start - 25, start)}` : text.slice(at, start));
    parts.push(make("mark", {}, text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at, at + 30)];
}
