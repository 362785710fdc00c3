/** What can be done with a message: one set of controls in the page, of which each stored message gets a copy. */

const PINNED = "Take down the pin";

/** Give a message its controls, if it stands and has none yet. */
export function equip(li) {
  const id = Number(li.dataset.message);
  const tools = document.getElementById("actions-template")?.content.firstElementChild;
  if (!id || !tools || li.dataset.removed === "1" || li.querySelector(".actions")) return;
  const copy = document.importNode(tools, true);
  for (const link of copy.querySelectorAll("a[data-action]")) link.href = `/messages/${id}/${link.dataset.action}`;
  for (const button of copy.querySelectorAll("[data-reaction]")) button.dataset.members = givenBy(li, button);
  if (li.dataset.pinned === "1") copy.querySelector("[data-action=pin]").textContent = PINNED;
  li.querySelector("article").append(copy);
}

/** The ids of the members who gave this reaction, as the message shows them. */
const givenBy = (li, { dataset }) =>
  li.querySelector(`.reactions [data-reaction="${dataset.reaction}"]`)?.dataset.members ?? "";
