/** The buttons under a message. A tapped one shows that it waits until the bot has answered. */

import { make } from "./element.js";
import { startParameter } from "./startlink.js";

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
  const special = shortcut(button, view);
  if (special) return make("button.key", { type: "button", ...special }, button.text);
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

/** A button that the client itself answers: a link to the bot, or one that starts an inline query. */
function shortcut(button, { actions, session }) {
  const parameter = startParameter(button.url, session.bot);
  if (parameter !== null)
    return { "data-start": parameter, onclick: () => actions.start(parameter) };
  const chosen = button.switch_inline_query_chosen_chat;
  if (chosen) return { "data-share": chosen.query, onclick: () => actions.share(chosen.query, chosen) };
  const here = button.switch_inline_query_current_chat;
  if (here !== undefined) return { "data-share": here, onclick: () => actions.prefill(here) };
  return null;
}
