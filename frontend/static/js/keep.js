/**
 * What this browser keeps through a reload: drafts, unsent words, settings. Where storage is blocked or full, it is
 * kept for as long as the page lives, and everything else works the same.
 *
 * Keys of a member start with their id, so that nobody is shown what another one left. On a computer that others use
 * too, all of it goes with the tab.
 */

import { me } from "./dom.js";

const PREFIX = "rt:";
const memory = new Map();
const storage = reachStorage();

/** Whether what is kept survives a reload. */
export const survivesReload = () => storage !== null;

/** A key that belongs to the member who reads this page. */
export const mine = (...parts) => [me(), ...parts].join(":");

export function keep(key, value) {
  const text = JSON.stringify(value);
  memory.delete(key);
  try {
    storage.setItem(PREFIX + key, text);
  } catch {
    memory.set(key, text);
  }
}

/** What was kept under `key`, or null. */
export function recall(key) {
  try {
    return JSON.parse(memory.get(key) ?? storage?.getItem(PREFIX + key) ?? null);
  } catch {
    return null;
  }
}

export function forget(key) {
  memory.delete(key);
  try {
    storage?.removeItem(PREFIX + key);
  } catch {
    // Blocked storage holds nothing to forget.
  }
}

/** Every key that starts with `start`. */
export function keysFrom(start) {
  const stored = storage ? Object.keys(storage).filter((key) => key.startsWith(PREFIX + start)) : [];
  const names = stored.map((key) => key.slice(PREFIX.length));
  return [...new Set([...names, ...memory.keys()])].filter((key) => key.startsWith(start));
}

/** Call `act(key)` when another tab keeps something new under a key that starts with `start`. */
export function whenKeptElsewhere(start, act) {
  addEventListener("storage", ({ key, newValue }) => {
    if (newValue && key?.startsWith(PREFIX + start)) act(key.slice(PREFIX.length));
  });
}

/** Forget all that belongs to the member who reads this page. */
export function forgetMine() {
  for (const key of keysFrom(mine(""))) forget(key);
}

function reachStorage() {
  try {
    const probe = `${PREFIX}probe`;
    const place = "shared" in document.body.dataset ? sessionStorage : localStorage;
    place.setItem(probe, "1");
    place.removeItem(probe);
    return place;
  } catch {
    return null;
  }
}
