/** Hands for the page: who reads it, and the makers and finders of elements. */

/** The id of the member who reads this page; 0 for nobody. */
export const me = () => Number(document.body.dataset.member) || 0;

/**
 * Elements from HTML that the server drew. The one place in the browser where text becomes HTML: what a member
 * typed reaches it only after the server made it safe.
 */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return document.importNode(template.content, true);
}

/** A new element with attributes and children (elements, or text that stays text). */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Put words into an element, if it is on this page. */
export function say(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

/** Whether the reader looks at this tab now. */
export const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();

/** Whether fingers rather than keys write here: then Enter is a new line, and nothing depends on hovering. */
export const isTouch = () => matchMedia("(pointer: coarse)").matches && matchMedia("(hover: none)").matches;

/** Tell a failure at once, to those who see and to those who listen. Focus stays where it is. */
export function alarm(words) {
  const alerts = document.getElementById("alerts");
  if (!alerts) return;
  const note = make("p", {}, words);
  alerts.replaceChildren(note);
  setTimeout(() => note.remove(), 12_000);
}

/** What was told is no longer so. */
export const calm = () => document.getElementById("alerts")?.replaceChildren();

/** Copy to the clipboard; true when it worked. Browsers allow it only on https and on this computer itself. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
