/** Time: waits, and things done later or not too often. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** A random time below `most`: what a crowd waits, so that it does not come back all at once. */
export const jitter = (most) => Math.random() * most;

/** Full jitter that doubles with every attempt in vain, from half a second to half a minute. */
export const backOff = (attempts) => jitter(Math.min(30 * SECOND, 0.5 * SECOND * 2 ** attempts));

/** `act` once, when `ms` have passed since the last call. `.now()` does at once what still waits; `.never()` forgets it. */
export function settled(act, ms) {
  let timer = null;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(later.now, ms);
  };
  later.now = () => {
    if (timer === null) return;
    later.never();
    act();
  };
  later.never = () => {
    clearTimeout(timer);
    timer = null;
  };
  return later;
}

/** `act` when called, unless it did within the last `ms`. */
export function atMostEvery(ms, act) {
  let last = -Infinity;
  return (...given) => {
    if (performance.now() - last < ms) return;
    last = performance.now();
    act(...given);
  };
}
