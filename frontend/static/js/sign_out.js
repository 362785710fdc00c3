/** Signing out: nothing of this member stays on a computer that others may use. */

import { forgetMine, keysFrom, mine } from "./keep.js";

export function start(form) {
  form.addEventListener("submit", async (event) => {
    const unsent = keysFrom(mine("outbox", "")).length;
    if (!unsent) return forgetMine();
    event.preventDefault();
    const { ask } = await import("./ask.js");
    if (await ask(question(unsent))) {
      forgetMine();
      form.submit();
    }
  });
}

const question = (unsent) => ({
  title: unsent === 1 ? "One message was not sent" : `${unsent} messages were not sent`,
  words: "Signing out takes unsent words away from this device.",
  yes: "Sign out",
  no: "Stay",
});
