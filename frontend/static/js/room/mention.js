/**
 * Names while one types "@": a list to choose from, by keys, mouse or finger. The words stay in the field and the
 * focus with them; assistive technology follows through aria-activedescendant. (A textarea may not take the role of a
 * combobox, so it keeps its own and points to the list.)
 */

import { make } from "../dom.js";
import { getJson } from "../http.js";
import { SECOND, settled } from "../timing.js";
import { tell } from "./announce.js";
import { here } from "./here.js";

/** An @ at the start of a word, and what of the name is there. Names have letters, spaces do not belong to them. */
const ASKED = /(?:^|[\s([{"'])@([\p{L}\p{N}.-]{0,60})$/u;
const LIST_ID = "names";

/** Query → names, for this visit. */
const known = new Map();

let field = null;
let list = null;
let chosen = 0;
let asked = null;

/** Offer names in this field. */
export function attach(element) {
  element.setAttribute("aria-autocomplete", "list");
  element.setAttribute("autocomplete", "off");
  element.addEventListener("input", () => look(element));
  // Captured: the list takes its keys before the field sends on Enter.
  element.addEventListener("keydown", (event) => list && pressed(event), { capture: true });
  element.addEventListener("blur", close);
  element.addEventListener("click", () => list && look(element));
  look(element);
}

function look(element) {
  field = element;
  const query = queryBefore(field);
  if (query === null) return close();
  asked = query;
  if (known.has(query)) show(known.get(query));
  else fetchSoon();
}

function queryBefore({ value, selectionStart, selectionEnd }) {
  if (selectionStart !== selectionEnd) return null;
  return value.slice(0, selectionStart).match(ASKED)?.[1] ?? null;
}

const fetchSoon = settled(async () => {
  const query = asked;
  try {
    const { names } = await getJson(`/rooms/${here.room}/names?${new URLSearchParams({ q: query })}`);
    known.set(query, names);
    if (query === asked && document.activeElement === field) show(names);
  } catch {
    // No names now: the handle can still be typed.
  }
}, 0.15 * SECOND);

function show(names) {
  if (!names.length) return close();
  const isNew = !list;
  list?.remove();
  list = make(
    "ul",
    { "id": LIST_ID, "class": "names", "role": "listbox", "aria-label": "Names" },
    ...names.map(option),
  );
  // Down and not click: a click would take the focus, and with it the keyboard of a telephone.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const picked = target.closest("[role=option]");
    if (picked) take(picked.dataset.handle);
  });
  field.before(list);
  field.setAttribute("aria-controls", LIST_ID);
  choose(0);
  if (isNew) tell(names.length === 1 ? "1 name. Enter takes it." : `${names.length} names. Up and down to choose.`);
}

function option({ handle, name, badge }, index) {
  const shown = [make("strong", {}, name), " ", make("span", { class: "badge" }, badge || `@${handle}`)];
  return make(
    "li",
    { "role": "option", "id": `name-${index}`, "data-handle": handle, "aria-selected": "false" },
    ...shown,
  );
}

function choose(index) {
  const options = [...list.children];
  chosen = (index + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
  options[chosen].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[chosen].id);
}

const KEYS = {
  ArrowDown: () => choose(chosen + 1),
  ArrowUp: () => choose(chosen - 1),
  Enter: () => take(list.children[chosen].dataset.handle),
  Tab: () => take(list.children[chosen].dataset.handle),
  Escape: close,
};

function pressed(event) {
  if (!KEYS[event.key] || event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  KEYS[event.key]();
}

/** Put the whole handle where the beginning of it stands. */
function take(handle) {
  const query = queryBefore(field);
  if (query === null) return close();
  const start = field.selectionStart - query.length;
  field.setRangeText(`${handle} `, start, field.selectionStart, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function close() {
  asked = null;
  fetchSoon.never();
  list?.remove();
  list = null;
  field?.removeAttribute("aria-controls");
  field?.removeAttribute("aria-activedescendant");
}
