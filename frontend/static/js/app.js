/**
 * Starts what a page asks for: every element names its behaviours in `data-behaviour`, and only their modules are
 * loaded. Without this script everything can still be read and posted.
 */

import * as live from "./live.js";
import * as menus from "./menus.js";
import * as time from "./time.js";

const BEHAVIOURS = {
  "conversation": () => import("./room/conversation.js"),
  "composer": () => import("./room/composer.js"),
  "rooms-list": () => import("./rooms_list.js"),
  "queue": () => import("./moderation.js"),
  "case": () => import("./moderation.js"),
  "notices-badge": () => import("./notices_badge.js"),
  "passkey-add": () => import("./passkey.js"),
  "passkey-sign-in": () => import("./passkey.js"),
  "panel": () => import("./panel.js"),
  "push": () => import("./push.js"),
  "settings": () => import("./settings.js"),
  "waiting": () => import("./waiting.js"),
  "sign-out": () => import("./sign_out.js"),
};

document.documentElement.classList.add("js");
time.rewrite(document);
menus.begin();
// Loaded side by side, started in the order of the page: the composer finds its conversation begun.
for (const begin of await Promise.all(behavioursOfPage().map(load))) begin();
if (Number(document.body.dataset.member)) live.start();

function behavioursOfPage() {
  const elements = [...document.querySelectorAll("[data-behaviour]")];
  return elements.flatMap((element) => element.dataset.behaviour.split(/\s+/).map((name) => ({ name, element })));
}

/** One behaviour, ready to begin. One that fails leaves the others alone. */
async function load({ name, element }) {
  const failed = (error) => console.error(`${name} did not start: ${error.name}`);
  try {
    const behaviour = await BEHAVIOURS[name]?.();
    return () => attempt(() => behaviour?.start(element), failed);
  } catch (error) {
    failed(error);
    return () => {};
  }
}

function attempt(act, failed) {
  try {
    act();
  } catch (error) {
    failed(error);
  }
}
