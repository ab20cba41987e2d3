/** Choosing a photo to send, with its caption. */

import { make } from "./element.js";
import { dialog } from "./notices.js";

/** {file, caption, asFile} once a person has picked a picture and pressed Send, else null. */
export async function choosePhoto(words) {
  const file = await pick();
  if (!file) return null;
  const address = URL.createObjectURL(file);
  const caption = make("input.photo-caption", {
    type: "text",
    maxlength: "1024",
    placeholder: words.caption,
    "aria-label": words.caption,
    "data-part": "photo-caption",
  });
  const asFile = make("input", { type: "checkbox", "data-part": "as-file" });
  const content = [
    make("img.photo-preview", { src: address, alt: file.name }),
    caption,
    make("label.as-file", {}, asFile, words.asFile),
  ];
  const answer = await dialog(content, [
    { label: words.cancel, value: "" },
    { label: words.send, value: "yes" },
  ]);
  URL.revokeObjectURL(address);
  return answer === "yes" ? { file, caption: caption.value, asFile: asFile.checked } : null;
}

function pick() {
  const input = make("input", { type: "file", accept: "image/*" });
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files[0] ?? null));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}
