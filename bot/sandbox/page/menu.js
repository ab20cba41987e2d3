/** A small menu over the page, for one message. */

import { icon, make } from "./element.js";

/**
 * Opens a menu of `items` [{name, shape, label, danger, checked, run()}] at `opener`, or at `point` {x, y}.
 * shape: its icon where that is not called as it is. checked: whether it is the one that holds, of several.
 *
 * Arrow keys move, Enter runs, Escape or a press outside closes and gives the focus back.
 */
export function openMenu(items, opener, { label, point }) {
  document.querySelector(".menu")?.remove();
  const before = document.activeElement;
  const buttons = items.map(({ name, shape, label: text, danger, checked, run }) =>
    make(
      `button.menu-item${danger ? ".danger" : ""}`,
      { type: "button", ...roleOf(checked), "data-menu-item": name, onclick: () => close(run) },
      checked === false ? make("span.icon") : icon(checked ? "check" : (shape ?? name)),
      text,
    ),
  );
  const menu = make("div.menu", { role: "menu", "aria-label": label, "data-part": "menu" }, buttons);
  document.body.append(menu);
  place(menu, opener, point);
  buttons[0].focus({ preventScroll: true });

  const outside = (event) => menu.contains(event.target) || close();
  const pressed = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step)
      buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
  };
  document.addEventListener("pointerdown", outside, true);
  menu.addEventListener("keydown", pressed);

  function close(run) {
    document.removeEventListener("pointerdown", outside, true);
    menu.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
    run?.();
  }
}

function roleOf(checked) {
  if (checked === undefined) return { role: "menuitem" };
  return { role: "menuitemradio", "aria-checked": String(checked) };
}

function place(menu, opener, point) {
  const { right, bottom } = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(Math.max(point?.x ?? right - width, 8), innerWidth - width - 8);
  const top = point?.y ?? bottom + 4;
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(8, top + height > innerHeight - 8 ? top - height : top)}px`;
}
