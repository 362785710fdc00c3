/** One file above the words: what it is, how much of it is there, and what can be done with it. */

import { make } from "../dom.js";

/** Draw `item` in the list, or anew where it stands. `acts`: what its buttons do, and what follows a new description. */
export function draw(item, list, acts) {
  const old = item.li;
  const hadFocus = old?.contains(document.activeElement);
  item.li = make(
    "li",
    {},
    ...(item.picture ? [make("img", { src: `/files/${item.id}/small`, alt: "" })] : []),
    what(item),
    make("progress", { "max": 1, "value": 0, "aria-label": `How much of ${item.name} is there` }),
    button("Try again", item, "data-retry", acts.retry),
    button("", item, "data-go-on", acts.goOn),
    button("Remove", item, "data-remove", acts.remove),
    ...(item.picture ? [description(item, acts.described)] : []),
  );
  say(item);
  if (old) old.replaceWith(item.li);
  else list.append(item.li);
  if (hadFocus) focus(item);
}

/** Say how it stands. */
export function say({ li, state, about, words, mayPass, question }) {
  const how = { waiting: "waiting", sending: "on its way", there: about, failed: `Not attached. ${words}` };
  li.querySelector("[data-how]").textContent = how[state];
  li.classList.toggle("failed", state === "failed");
  li.querySelector("progress").hidden = state !== "sending";
  li.querySelector("[data-retry]").hidden = !(state === "failed" && mayPass);
  const goOn = li.querySelector("[data-go-on]");
  goOn.hidden = !question;
  goOn.firstChild.data = question?.goOn ?? "";
}

export const progress = ({ li }, part) => (li.querySelector("progress").value = part);

export const focus = ({ li }) => li.querySelector("[data-remove]").focus();

function what({ name }) {
  const called = make("span", { class: "name", dir: "auto" }, name);
  return make("div", { class: "what" }, called, " ", make("span", { "class": "quiet", "data-how": "" }));
}

function button(words, item, attribute, act) {
  const element = make("button", { type: "button", class: "plain", [attribute]: "" }, document.createTextNode(words));
  element.append(make("span", { class: "visually-hidden" }, ` ${item.name}`));
  element.addEventListener("click", () => act(item));
  return element;
}

function description(item, described) {
  const field = make("input", { maxlength: 300, placeholder: "What does it show?", dir: "auto" });
  field.value = item.description;
  field.addEventListener("input", () => {
    item.description = field.value.trim();
    described();
  });
  return make("label", {}, "Describe it for those who cannot see it (optional)", field);
}
