/** The list of one person's chats. */

import { avatar, make } from "./element.js";
import { summary } from "./text.js";
import { listTime } from "./times.js";

/** Keeps `element` showing a session's chats. A row stays the same node, so a press on it is never lost. */
export class ChatList {
  #element;
  #onOpen;
  #rows = new Map();

  /** onOpen(chat id) is called when a row is pressed. */
  constructor(element, onOpen) {
    this.#element = element;
    this.#onOpen = onOpen;
  }

  clear() {
    this.#rows.clear();
    this.#element.replaceChildren();
  }

  /** The chat of the newest message comes first. language: {words, locale}. */
  draw(session, openChatId, language) {
    const newestFirst = [...session.chats.values()].sort(
      (one, other) => (other.last?.date ?? 0) - (one.last?.date ?? 0),
    );
    newestFirst.forEach((chat, place) => {
      const row = this.#rows.get(chat.id) ?? this.#enter(chat);
      row.dataset.unread = chat.unread;
      if (chat.id === openChatId) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      row.lastElementChild.replaceChildren(...lines(session, chat, language));
      if (this.#element.children[place] !== row)
        this.#element.insertBefore(row, this.#element.children[place] ?? null);
    });
  }

  #enter(chat) {
    const row = make(
      "button.chat-row",
      { type: "button", "data-chat-id": chat.id, onclick: () => this.#onOpen(chat.id) },
      avatar(chat.id, chat.title, chat.type === "private"),
      make("span.chat-text"),
    );
    this.#rows.set(chat.id, row);
    return row;
  }
}

function lines(session, chat, { words, locale }) {
  const time = chat.last && make("time.chat-time", {}, listTime(chat.last.date, Date.now() / 1000, locale));
  return [
    make("span.chat-line", {}, titleOf(chat, words), time),
    make("span.chat-line", {}, preview(session, chat, words), badge(chat, words)),
  ];
}

function titleOf(chat, words) {
  const bot = chat.type === "private" && make("span.bot-badge", {}, words.bot);
  return make("span.chat-title", {}, make("span.chat-name", {}, chat.title), bot);
}

function preview(session, chat, words) {
  if (chat.action) {
    return make(
      "span.chat-preview.is-busy",
      { "data-part": "preview" },
      words.actions[chat.action] ?? words.actions.other,
    );
  }
  if (!chat.last) return make("span.chat-preview", { "data-part": "preview" }, words.noMessages);
  const own = session.isOwn(chat.last);
  const sender = own ? words.you : chat.type === "private" ? "" : chat.last.from.first_name;
  return make(
    "span.chat-preview",
    { "data-part": "preview" },
    sender && make("span.chat-sender", {}, `${sender}: `),
    summary(chat.last, words),
  );
}

function badge(chat, words) {
  if (!chat.unread) return null;
  return make(
    "span.badge",
    { "aria-label": words.unread(chat.unread), role: "img", "data-part": "unread" },
    String(chat.unread),
  );
}
