/** Lengths and cuts of text, counted in UTF-16 code units as Telegram counts entities. */

/** The longest text of one message. */
export const LONGEST_TEXT = 4096;

/** `text` in parts that fit a message each, cut at a line end or a space where one is near, never within a character. */
export function splitText(text) {
  const parts = [];
  let rest = text.trim();
  while (rest.length > LONGEST_TEXT) {
    const cut = cutAt(rest);
    parts.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  if (rest) parts.push(rest);
  return parts;
}

function cutAt(text) {
  const nearEnd = LONGEST_TEXT - 512;
  for (const mark of ["\n", " "]) {
    const found = text.lastIndexOf(mark, LONGEST_TEXT - 1);
    if (found > nearEnd) return found + 1;
  }
  const splitsPair =
    text.charCodeAt(LONGEST_TEXT - 1) >= 0xd800 && text.charCodeAt(LONGEST_TEXT - 1) < 0xdc00;
  return splitsPair ? LONGEST_TEXT - 1 : LONGEST_TEXT;
}

/** One line about a message, for the chat list, quotes and menus. */
export function summary(message, words) {
  const said = (message.text ?? message.caption ?? "").replace(/\s+/gu, " ").trim();
  if (message.video) return said ? `🎬 ${said}` : `🎬 ${words.video}`;
  if (message.document) return said ? `📎 ${said}` : `📎 ${message.document.file_name}`;
  if (message.photo) return said ? `🖼 ${said}` : `🖼 ${words.photo}`;
  return said;
}
