/** Text with Telegram's entities, as DOM nodes. Offsets are UTF-16 code units, as JavaScript counts. */

import { make } from "./element.js";

const SAFE_LINK = /^(https?:|mailto:|tel:)/iu;

/**
 * The nodes that show `text` with `entities`.
 *
 * actions: {command(text), mention(text), start(parameter)}, called when a person clicks such a word, and
 * {startParameter(address)}, which tells a link that starts the bot (startlink.js).
 */
export function rich(text, entities, actions) {
  const inside = [...(entities ?? [])]
    .filter((entity) => entity.length > 0 && entity.offset >= 0 && entity.offset < text.length)
    .sort((one, other) => one.offset - other.offset || other.length - one.length);
  return nodes(text, 0, text.length, inside, actions);
}

function nodes(text, start, end, entities, actions) {
  const made = [];
  let position = start;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const from = Math.max(entity.offset, position);
    const to = Math.min(entity.offset + entity.length, end);
    index += 1;
    if (to <= from) continue;
    const within = [];
    while (index < entities.length && entities[index].offset < to) within.push(entities[index++]);
    if (from > position) made.push(text.slice(position, from));
    made.push(wrapped(entity, text.slice(from, to), nodes(text, from, to, within, actions), actions));
    position = to;
  }
  if (position < end) made.push(text.slice(position, end));
  return made;
}

const PLAIN = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
  hashtag: "span.tag",
  cashtag: "span.tag",
};

function wrapped(entity, raw, children, actions) {
  switch (entity.type) {
    case "pre":
      return make("pre", { "data-language": entity.language ?? null }, make("code", {}, children));
    case "url":
      return link(SAFE_LINK.test(raw) ? raw : `https://${raw}`, children, actions);
    case "email":
      return link(`mailto:${raw}`, children, actions);
    case "phone_number":
      return link(`tel:${raw.replace(/[^\d+]/gu, "")}`, children, actions);
    case "text_link":
      return link(entity.url ?? "", children, actions);
    case "bot_command":
      return word("command", raw, children, () => actions.command(raw));
    case "mention":
      return word("mention", raw, children, () => actions.mention(raw));
    case "spoiler":
      return spoiler(children);
    default:
      return PLAIN[entity.type] ? make(PLAIN[entity.type], {}, children) : make("span", {}, children);
  }
}

function link(address, children, actions) {
  const parameter = actions.startParameter(address);
  if (parameter !== null) return word("start", parameter, children, () => actions.start(parameter));
  if (!SAFE_LINK.test(address)) return make("span", {}, children);
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, children);
}

function word(kind, raw, children, onclick) {
  return make("button.word", { type: "button", [`data-${kind}`]: raw, onclick }, children);
}

function spoiler(children) {
  const element = make("span.spoiler", { tabindex: "0", role: "button" }, make("span", {}, children));
  const reveal = () => element.classList.add("revealed");
  element.addEventListener("click", reveal);
  element.addEventListener("keydown", (event) => event.key === "Enter" && reveal());
  return element;
}
