/** Settings of this device, what they are when nobody chose, and the controls for them (`data-setting="…"`). */

import { isTouch } from "./dom.js";
import { keep, recall } from "./keep.js";

const DEFAULTS = {
  /** Whether Enter sends; otherwise it is a new line, and Ctrl or Cmd with Enter sends. */
  "enter-sends": () => !isTouch(),
  /** Which new messages a screen reader hears of: all, mentions, none. */
  "announce": () => "mentions",
};

export const setting = (name) => recall(`setting:${name}`) ?? DEFAULTS[name]?.();

export function start(element) {
  for (const control of element.querySelectorAll("[data-setting]")) {
    show(control);
    control.addEventListener("change", () => keep(`setting:${control.dataset.setting}`, valueOf(control)));
  }
}

function show(control) {
  const value = setting(control.dataset.setting);
  if (control.type === "checkbox") control.checked = Boolean(value);
  else control.value = value;
}

const valueOf = (control) => (control.type === "checkbox" ? control.checked : control.value);
