/** Asking the server over plain HTTP, and the two ways in which an answer can fail to come. */

import { me } from "./dom.js";
import { SECOND } from "./timing.js";

/**
 * The server said no: `code` for the program, `words` for the person, `field` where one is at fault. Where it `asks`, it
 * is a question, and `goOn` the words with which its author says yes.
 */
export class Refused extends Error {
  constructor({ code = "refused", words = "That could not be done.", field = "", asks = false, go_on: goOn = "" } = {}) {
    super(code);
    Object.assign(this, { name: "Refused", code, words, field, asks, goOn });
  }
}

/** No answer: the network is down or the server is away. What was asked may or may not have been done. */
export class Unreached extends Error {
  constructor() {
    super("unreached");
    this.name = "Unreached";
    this.code = "unreached";
    this.words = "That did not reach the server. Try again in a moment.";
  }
}

/** What the server answers to one command, as an object. Raises Refused or Unreached. */
export async function postJson(url, content) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), ...asMember() };
  return json(await reach(url, { method: "POST", headers, body: JSON.stringify(content) }));
}

/** Do what a form without fields does. Raises Refused or Unreached. */
export async function postForm(url, kind) {
  const headers = { "X-CSRFToken": csrfToken(), "X-Fragment": kind, ...asMember() };
  const answer = await reach(url, { method: "POST", headers });
  if (!answer.ok) throw await refusal(answer);
}

/**
 * What the server answers to a file's bytes, as an object. `progress` hears which part of them has gone. Raises Refused,
 * or Unreached, also when `signal` stopped it.
 */
export function postFile(url, file, { progress, signal, answered = [] }) {
  const request = new XMLHttpRequest(); // fetch does not tell how much has gone.
  const headers = { "X-File-Name": encodeURIComponent(file.name), "X-CSRFToken": csrfToken(), ...asMember() };
  if (answered.length) headers["X-Answered"] = answered.join(" ");
  request.open("POST", url);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
  signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    for (const end of ["error", "abort"]) request.addEventListener(end, () => reject(new Unreached()));
    request.addEventListener("load", () => resolve(json(new Response(request.response, { status: request.status }))));
    request.send(file);
  });
}

/** The JSON at `url`. Raises Refused or Unreached. */
export async function getJson(url, { signal, within } = {}) {
  return json(await reach(url, { signal, within, headers: asMember() }));
}

/** A piece of a page, as text. `kind` says which one. Raises Refused or Unreached. */
export async function getFragment(url, kind, { signal } = {}) {
  const answer = await reach(url, { signal, headers: { "X-Fragment": kind } });
  if (!answer.ok) throw await refusal(answer);
  // Somebody whose session ended is led to the sign-in page, which is not what was asked for.
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/sign-in")) {
    throw new Refused({ code: "not_signed_in", words: "You are not signed in." });
  }
  return answer.text();
}

/**
 * As whom this page asks. Somebody else may have signed in meanwhile in another tab of this browser, and must not
 * say what this member typed: the server refuses then.
 */
const asMember = () => ({ "X-Member": me() });

/** The token that shows that a request comes from our own page. The cookie is the fresher one when both are there. */
function csrfToken() {
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/);
  return cookie?.[1] ?? document.body.dataset.csrf ?? "";
}

async function reach(url, { signal, within = 20 * SECOND, ...request }) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), within);
  const stop = () => giveUp.abort();
  signal?.addEventListener("abort", stop);
  try {
    return await fetch(url, { credentials: "same-origin", cache: "no-store", ...request, signal: giveUp.signal });
  } catch {
    throw new Unreached();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function json(answer) {
  if (!answer.ok) throw await refusal(answer);
  try {
    return await answer.json();
  } catch {
    throw new Unreached();
  }
}

/** Our own refusals are JSON with a code. Any other failing answer comes from something between us and the server. */
async function refusal(answer) {
  const content = await answer.json().catch(() => null);
  if (content?.code) return new Refused(content);
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return new Unreached();
  // Something in front of the server may let through less than the server itself.
  if (answer.status === 413) return new Refused({ code: "too_large", words: "This is too large for the server." });
  if (answer.status === 401) return new Refused({ code: "not_signed_in", words: "You are not signed in." });
  return new Refused({ code: `http_${answer.status}` });
}
