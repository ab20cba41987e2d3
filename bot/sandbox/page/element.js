/** Makes DOM nodes. Text always becomes a text node: nothing a person or a bot says is parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of `tag` ("div", or "div.bubble.own" with classes).
 *
 * attributes: "onclick" and the like are listeners; `true` is a bare attribute; null and false are left out.
 * children: nodes, strings, arrays of them; null and false are left out.
 */
export function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/** `children` flattened, without the nulls and falses that conditions leave. */
export function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

const PATHS = {
  attach:
    "M21 11.5l-8.6 8.6a5.5 5.5 0 0 1-7.8-7.8l8.9-8.9a3.7 3.7 0 0 1 5.2 5.2l-8.9 8.9a1.8 1.8 0 0 1-2.6-2.6l8.2-8.2",
  back: "M15 5l-7 7 7 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  failed: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 8v5M12 16v.1",
  more: "M12 5.5v.1M12 12v.1M12 18.5v.1",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 7",
  send: "M4 12l16-8-5 16-3.5-6.5zM11.5 13.5L20 4",
};

/** The line drawing `name`, hidden from screen readers: what holds it has the label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A person's, bot's or group's round picture: initials on one of seven colours, or the bot's own picture. */
export function avatar(id, title, isBot = false) {
  if (isBot) return make("span.avatar.is-bot", { "aria-hidden": "true" });
  const initials = title
    .split(/\s+/u)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0])
    .join("");
  return make(`span.avatar.hue-${hue(id)}`, { "aria-hidden": "true" }, initials.toUpperCase());
}

/** Which of the seven colours belongs to `id`: the sum of its digits tells neighbours apart. */
export function hue(id) {
  return [...String(id)].reduce((sum, digit) => sum + (Number(digit) || 0), 0) % 7;
}
