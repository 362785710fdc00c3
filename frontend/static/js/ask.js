/** A question before something that cannot be undone. */

import { make } from "./dom.js";

/** Ask, in a dialog of the page. Resolves to whether the answer was yes; Esc is no. */
export function ask({ title, words, yes, no = "Cancel" }) {
  const dialog = make(
    "dialog",
    { "class": "ask", "aria-labelledby": "ask-title" },
    make("h2", { id: "ask-title" }, title),
    make("p", {}, words),
    make(
      "form",
      { method: "dialog" },
      make("button", { class: "primary", value: "yes" }, yes),
      make("button", { value: "no", autofocus: "" }, no),
    ),
  );
  document.body.append(dialog);
  dialog.showModal(); // It gives the focus back to where it was when it closes.
  return new Promise((answered) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answered(dialog.returnValue === "yes");
    });
  });
}
