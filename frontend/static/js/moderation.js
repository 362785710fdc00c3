/** The moderators' queue, which changes by itself; and on a case's page a word when somebody else has changed it. */

import { fragment } from "./dom.js";
import { getFragment } from "./http.js";
import * as live from "./live.js";
import * as time from "./time.js";
import { SECOND, settled } from "./timing.js";

/** A page this fresh has nothing to fetch anew when it connects. */
const FRESH = 5 * SECOND;

export function start(element) {
  live.join("cases", element.id === "queue" ? queueIn(element) : caseIn(element));
}

function queueIn(element) {
  const refresh = settled(() => fetchAnew(element), 0.3 * SECOND);
  return {
    changed: refresh,
    up() {
      if (performance.now() > FRESH) refresh();
    },
  };
}

/** The list as it is now. What was chosen stays chosen, and the focus stays where it was. */
async function fetchAnew(element) {
  let found = null;
  try {
    found = fragment(await getFragment(location.href, "queue"));
  } catch {
    return; // The list stays as it is; the next change asks again.
  }
  time.rewrite(found);
  const chosen = [...element.querySelectorAll("input:checked")].map(({ value }) => value);
  const focused = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
  element.replaceChildren(found);
  for (const input of element.querySelectorAll("input[type=checkbox]")) input.checked = chosen.includes(input.value);
  if (focused) element.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function caseIn(element) {
  const { dataset } = element;
  return {
    changed({ case: id, version }) {
      if (id === Number(dataset.case) && version > Number(dataset.version)) element.hidden = false;
    },
    up() {},
  };
}
