/** Videos and photos in a bubble, at a comfortable size and with their place kept while they load. */

import { make } from "./element.js";

const COMFORTABLE = 340;
const LONGEST = 420;
const NARROWEST = 200;
const ROOM_FOR_KEYS = 264; // three in a row, with their words

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Plays clips in view and rests the others; one that a person paused stays paused. */
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (stillness.matches || target.dataset.held === "true") continue;
    if (isIntersecting) target.play().catch(() => {});
    else rest(target);
  }
});

/** The nodes that show the media of `message`, none when it is text. */
export function mediaOf(message, words) {
  if (message.document) return [attachment(message.document)];
  const shown = message.video ?? message.photo;
  if (!shown) return [];
  const content = message.video ? video(shown, words) : photo(shown, message.caption ?? words.photo);
  const frame = framed(shown, content);
  if (message.has_media_spoiler) frame.append(cover(frame, words));
  return [frame];
}

function attachment({ url, file_name: name }) {
  return make("a", { href: url, target: "_blank", rel: "noopener", "data-part": "document" }, `📎 ${name}`);
}

/** Pixels across: small clips are scaled up to a size one can see, large ones down. 0 without media. */
export function mediaWidth(message) {
  const shown = message.video ?? message.photo;
  if (!shown) return 0;
  const [wide, high] = size(shown);
  const scale = Math.min(COMFORTABLE / Math.min(wide, high), LONGEST / Math.max(wide, high));
  return Math.max(Math.round(wide * scale), message.reply_markup ? ROOM_FOR_KEYS : NARROWEST);
}

function framed(shown, content) {
  const frame = make("div.media-frame", {}, content);
  const [wide, high] = size(shown);
  frame.style.setProperty("--media-ratio", `${wide} / ${high}`);
  return frame;
}

/** What hides a clip or a picture that was sent as a spoiler, until somebody clicks it. */
function cover(frame, words) {
  frame.classList.add("covered");
  const button = make("button.media-cover", { type: "button", "data-action": "uncover" }, words.uncover);
  button.addEventListener("click", () => {
    frame.classList.remove("covered");
    button.remove();
  });
  return button;
}

function size({ width, height }) {
  return [width || 16, height || 9];
}

function video(description, words) {
  const element = make("video", {
    src: description.url,
    width: description.width,
    height: description.height,
    controls: true,
    loop: true,
    playsinline: true,
    preload: "auto",
    "aria-label": words.video,
    "data-part": "video",
  });
  element.muted = true;
  element.autoplay = !stillness.matches;
  element.addEventListener(
    "pause",
    () => (element.dataset.held = String(element.dataset.resting !== "true" && visible(element))),
  );
  element.addEventListener("play", () => {
    element.dataset.held = "false";
    element.dataset.resting = "false";
  });
  element.addEventListener("error", () => element.replaceWith(broken(description, words)));
  watcher.observe(element);
  return element;
}

function rest(element) {
  element.dataset.resting = "true";
  element.pause();
}

function visible(element) {
  return element.isConnected && document.visibilityState === "visible";
}

function broken(description, words) {
  const address = make("a", { href: description.url, target: "_blank", rel: "noopener" }, words.openFile);
  return make("div.broken", { role: "alert" }, words.noVideo, " ", address);
}

function photo(description, alternative) {
  return make("img", { src: description.url, alt: alternative, loading: "lazy", "data-part": "photo" });
}
