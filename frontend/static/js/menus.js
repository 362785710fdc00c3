/** Menus are <details class="menu">: they work by themselves; here they also close when one goes elsewhere. */

const OPEN = "details.menu[open]";

export function begin() {
  // `toggle` does not bubble, but it can be captured.
  document.addEventListener("toggle", ({ target }) => target.matches(OPEN) && show(target), { capture: true });
  document.addEventListener("click", ({ target }) => closeAll(target.closest(OPEN)));
  document.addEventListener("keydown", escaped, { capture: true });
}

/** All of the menu into view, where it opened at an edge. */
const show = (menu) => menu.querySelector(".sheet")?.scrollIntoView({ block: "nearest" });

function closeAll(besides) {
  for (const menu of document.querySelectorAll(OPEN)) if (menu !== besides) menu.open = false;
}

function escaped(event) {
  const menu = event.key === "Escape" && event.target.closest(OPEN);
  if (!menu) return;
  event.preventDefault();
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary").focus();
}
