/** The scrolling list of messages: days, runs of one sender, what to load and where to stand. */

import { Bubble } from "./bubble.js";
import { icon, make } from "./element.js";
import { dayKey, dayTitle } from "./times.js";

const NEAR_BOTTOM = 60;
const NEAR_TOP = 300;
const RUN_SECONDS = 600;

export class History {
  #view;
  #chat;
  #bubbles = new Map();
  #days = new Map();
  #stuck = true;
  #loadingOlder = false;
  #unseen = 0;
  #drawnNewest = 0;

  /** view: {session, words, locale, actions, empty(chat)}; onSeen() is called when the newest message is in view. */
  constructor(view, chat, onSeen) {
    this.#view = view;
    this.#chat = chat;
    this.onSeen = onSeen;
    this.list = make("div.history-list", {
      role: "log",
      "aria-label": view.words.messages,
      "data-part": "messages",
    });
    this.scroller = make(
      "div.history",
      { tabindex: "0", "aria-label": view.words.messages, role: "region" },
      this.list,
    );
    this.pill = make("button.pill", {
      type: "button",
      "data-action": "jump-down",
      hidden: true,
      onclick: () => this.toBottom(true),
    });
    this.element = make("div.history-frame", {}, this.scroller, this.pill);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.observer = new ResizeObserver(() => this.#stuck && this.toBottom());
    this.observer.observe(this.list);
    this.observer.observe(this.scroller);
  }

  close() {
    this.observer.disconnect();
  }

  /** Makes the list match the chat's messages, touching only what changed. */
  draw() {
    const messages = this.#chat.inOrder();
    const keys = new Set(messages.map(keyOf));
    for (const [key, bubble] of this.#bubbles) {
      if (keys.has(key)) continue;
      bubble.element.remove();
      this.#bubbles.delete(key);
    }
    this.#drawDays(messages);
    this.#drawEmpty(messages);
    this.#countUnseen(messages);
    if (this.#stuck) this.toBottom();
    this.#drawPill();
  }

  #drawDays(messages) {
    const wanted = new Set();
    let previousDay = null;
    messages.forEach((message, index) => {
      const day = dayKey(message.date);
      wanted.add(day);
      const section = this.#day(day, message.date, previousDay);
      previousDay = section;
      const place = this.#place(messages, index);
      const bubble = this.#bubbles.get(keyOf(message)) ?? this.#enter(keyOf(message));
      bubble.show(message, place, this.#quoted(message));
      const before = index > 0 && dayKey(messages[index - 1].date) === day;
      const anchor = before
        ? this.#bubbles.get(keyOf(messages[index - 1])).element
        : section.firstElementChild;
      if (anchor.nextElementSibling !== bubble.element) anchor.after(bubble.element);
    });
    for (const [day, section] of this.#days) {
      if (wanted.has(day)) continue;
      section.remove();
      this.#days.delete(day);
    }
  }

  #enter(key) {
    const bubble = new Bubble(this.#view);
    this.#bubbles.set(key, bubble);
    return bubble;
  }

  #day(day, date, previous) {
    let section = this.#days.get(day);
    if (!section) {
      const title = dayTitle(date, Date.now() / 1000, this.#view.words, this.#view.locale);
      section = make(
        "section.day",
        { "data-day": day },
        make("div.day-title", { role: "separator" }, make("span", {}, title)),
      );
      this.#days.set(day, section);
    }
    const inPlace = previous
      ? previous.nextElementSibling === section
      : this.list.firstElementChild === section;
    if (!inPlace) {
      if (previous) previous.after(section);
      else this.list.prepend(section);
    }
    return section;
  }

  #place(messages, index) {
    const joins = (one, other) =>
      Boolean(one && other) &&
      one.from.id === other.from.id &&
      other.date - one.date < RUN_SECONDS &&
      dayKey(one.date) === dayKey(other.date);
    return {
      first: !joins(messages[index - 1], messages[index]),
      last: !joins(messages[index], messages[index + 1]),
      group: this.#chat.type !== "private",
    };
  }

  #quoted(message) {
    if (!message.reply_to_message_id) return undefined;
    return this.#chat.messages.get(message.reply_to_message_id) ?? null;
  }

  #drawEmpty(messages) {
    const empty = this.#chat.loaded && messages.length === 0;
    this.list.classList.toggle("is-empty", empty);
    if (!empty) this.list.querySelector(":scope > .empty")?.remove();
    else if (!this.list.querySelector(":scope > .empty")) this.list.append(this.#view.empty(this.#chat));
  }

  #countUnseen(messages) {
    const newest = messages.findLast((message) => message.message_id)?.message_id ?? 0;
    const fresh = messages.filter((message) => message.message_id > this.#drawnNewest);
    const first = this.#drawnNewest === 0;
    this.#drawnNewest = Math.max(this.#drawnNewest, newest);
    const mine = messages.at(-1)?.pending || fresh.some((message) => this.#view.session.isOwn(message));
    if (first || mine) this.#stuck = true;
    else if (!this.#stuck) this.#unseen += fresh.length;
    if (this.#stuck && document.hasFocus()) this.onSeen();
  }

  #drawPill() {
    const { words } = this.#view;
    const away = !this.#stuck && this.list.childElementCount > 0;
    this.pill.hidden = !away;
    this.pill.dataset.count = String(this.#unseen);
    const said = this.#unseen > 0 ? words.newMessages(this.#unseen) : "";
    this.pill.setAttribute("aria-label", said || words.jumpDown);
    this.pill.replaceChildren(icon("down"), ...(said ? [make("span", {}, said)] : []));
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#stuck = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    if (this.#stuck) {
      this.#unseen = 0;
      this.onSeen();
    }
    this.#drawPill();
    if (scrollTop < NEAR_TOP) this.#loadOlder();
  }

  async #loadOlder() {
    if (this.#loadingOlder || this.#chat.complete || !this.#chat.loaded) return false;
    this.#loadingOlder = true;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    const found = await this.#view.session.older(this.#chat.id);
    if (found && !this.#stuck) this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    this.#loadingOlder = false;
    return found;
  }

  /** Shows the newest message; `smoothly` when a person asked for it. */
  toBottom(smoothly = false) {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly ? "smooth" : "instant" });
  }

  /** Scrolls to a message and marks it for a moment, loading older ones as needed; false when it is gone. */
  async jump(messageId) {
    while (!this.#chat.messages.has(messageId) && (await this.#loadOlder()));
    const bubble = this.#bubbles.get(String(messageId));
    if (!bubble) return false;
    bubble.element.scrollIntoView({ block: "center", behavior: "smooth" });
    bubble.element.classList.remove("found");
    requestAnimationFrame(() => bubble.element.classList.add("found"));
    return true;
  }
}

function keyOf(message) {
  return String(message.pending ?? message.message_id);
}
