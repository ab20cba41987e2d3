/** The list of one person's chats. */

import { avatar, make } from "./element.js";
import { summary } from "./text.js";
import { listTime } from "./times.js";

/** The rows for `session`'s chats, the one of the newest message first; onOpen(chat id) when one is chosen. */
export function chatRows(session, openChatId, { words, locale }, onOpen) {
  const newestFirst = [...session.chats.values()].sort((one, other) => (other.last?.date ?? 0) - (one.last?.date ?? 0));
  return newestFirst.map((chat) => {
    const open = chat.id === openChatId;
    return make(
      "button.chat-row",
      {
        type: "button",
        "data-chat-id": chat.id,
        "data-unread": chat.unread,
        "aria-current": open ? "true" : null,
        onclick: () => onOpen(chat.id),
      },
      avatar(chat.id, chat.title, chat.type === "private"),
      make(
        "span.chat-text",
        {},
        make("span.chat-line", {}, titleOf(chat, words), chat.last && make("time.chat-time", {}, listTime(chat.last.date, Date.now() / 1000, locale))),
        make("span.chat-line", {}, preview(session, chat, words), badge(chat, words)),
      ),
    );
  });
}

function titleOf(chat, words) {
  const bot = chat.type === "private" && make("span.bot-badge", {}, words.bot);
  return make("span.chat-title", {}, make("span.chat-name", {}, chat.title), bot);
}

function preview(session, chat, words) {
  if (chat.action) {
    return make("span.chat-preview.is-busy", { "data-part": "preview" }, words.actions[chat.action] ?? words.actions.other);
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
  return make("span.badge", { "aria-label": words.unread(chat.unread), "data-part": "unread" }, String(chat.unread));
}
