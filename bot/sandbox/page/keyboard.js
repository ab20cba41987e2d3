/** The buttons under a message. A tapped one shows that it waits until the bot has answered. */

import { make } from "./element.js";

/** Rows of buttons for `message`, none when it has no inline keyboard. */
export function keyboard(message, view) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return rows.map((row) =>
    make(
      "div.keyboard-row",
      {},
      row.map((button) => key(message, button, view)),
    ),
  );
}

function key(message, button, view) {
  if (/^https?:/iu.test(button.url ?? "")) {
    return make("a.key", { href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text);
  }
  const label = make("span.key-text", {}, button.text);
  const element = make(
    "button.key",
    { type: "button", "data-callback-data": button.callback_data ?? "" },
    label,
  );
  element.addEventListener("click", async () => {
    if (element.getAttribute("aria-busy") === "true" || button.callback_data === undefined) return;
    element.setAttribute("aria-busy", "true");
    await view.actions.tap(message, button.callback_data);
    element.removeAttribute("aria-busy");
  });
  return element;
}
