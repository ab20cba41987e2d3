/** What the page says for a moment (toasts) or asks to be answered (dialogs). */

import { make } from "./element.js";

const SHORTEST_MILLISECONDS = 3500;
const MILLISECONDS_A_CHARACTER = 45;

/** Shows `text` for a few seconds, longer for a longer one. */
export function say(text) {
  const toasts = document.getElementById("toasts");
  const toast = make("div.toast", { "data-part": "toast" }, text);
  toasts.append(toast);
  while (toasts.childElementCount > 3) toasts.firstElementChild.remove();
  setTimeout(() => toast.remove(), SHORTEST_MILLISECONDS + text.length * MILLISECONDS_A_CHARACTER);
}

/** Shows `text` until the person has confirmed it. */
export async function tell(text, ok) {
  await dialog(text, [{ label: ok, value: "yes" }]);
}

/** True when the person chose `yes`. */
export async function ask(text, { yes, no }) {
  return (
    (await dialog(text, [
      { label: no, value: "" },
      { label: yes, value: "yes", danger: true },
    ])) === "yes"
  );
}

/** The value of the button pressed in a modal dialog with `content`, "" when it was dismissed. */
export function dialog(content, buttons) {
  const element = make(
    "dialog.dialog",
    { "data-part": "alert", "aria-labelledby": "dialog-content" },
    make(
      "form",
      { method: "dialog" },
      make("div.dialog-content", { id: "dialog-content" }, content),
      make(
        "div.dialog-buttons",
        {},
        buttons.map(({ label, value, danger }) =>
          make(
            `button.dialog-button${danger ? ".danger" : ""}`,
            // Enter in a field presses the first submit button: that must not be the one that dismisses.
            {
              type: value ? "submit" : "button",
              value,
              "data-value": value,
              onclick: value ? null : () => element.close(""),
            },
            label,
          ),
        ),
      ),
    ),
  );
  document.body.append(element);
  element.showModal();
  (element.querySelector("input") ?? element.querySelector(".dialog-button")).focus();
  return new Promise((resolve) => {
    element.addEventListener("close", () => {
      element.remove();
      resolve(element.returnValue);
    });
  });
}
