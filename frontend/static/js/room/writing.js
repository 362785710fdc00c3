/** What every field for words does: grow with them, say when they are too many, and send on the right key. */

import { say } from "../dom.js";
import { setting } from "../settings.js";

const LONGEST = 10_000;
/** From here on the length is said while one types. */
const WORTH_SAYING = 9_000;

/** Whether this key press sends. Never while an input method still composes a character. */
export function isSendKey(event) {
  const isComposing = event.isComposing || event.keyCode === 229; // Safari tells it only by the number.
  if (event.key !== "Enter" || isComposing || event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || setting("enter-sends");
}

/** Offer names once somebody is called with an @. */
export function offerNames(field) {
  field.addEventListener("input", async function look() {
    if (!field.value.includes("@")) return;
    field.removeEventListener("input", look);
    const { attach } = await import("./mention.js");
    attach(field);
  });
}

/** As tall as its words, within what the style sheet allows. */
export function fitHeight(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

/** Show the length of a text once it comes near the limit. */
export function showLength(text, element) {
  const length = lengthOf(text);
  say(element, length > WORTH_SAYING ? words(length) : "");
  element?.classList.toggle("too-long", length > LONGEST);
}

/** Why a text cannot be sent, or nothing. */
export function tooLong(text) {
  const length = lengthOf(text);
  return length > LONGEST ? `${words(length)} Send it in two parts; nothing of it is lost.` : "";
}

/** Counted as the server counts: characters, and not the halves of which some are made. */
const lengthOf = (text) => (text.length <= WORTH_SAYING ? text.length : [...text].length);

function words(length) {
  const inWords = (number) => number.toLocaleString("en-GB");
  if (length > LONGEST) return `${inWords(length - LONGEST)} characters over the limit of ${inWords(LONGEST)}.`;
  return `${inWords(length)} of ${inWords(LONGEST)} characters.`;
}
