/** Menus are <details class="menu">: they work by themselves; here they also close when one goes elsewhere. */

const OPEN = "details.menu[open]";

export function begin() {
  document.addEventListener("click", ({ target }) => closeAll(target.closest(OPEN)));
  document.addEventListener("keydown", escaped, { capture: true });
}

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
