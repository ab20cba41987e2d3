/** Everything one person sees: their chats, messages and unread counts, kept current by the event stream. */

import * as server from "./server.js";
import { splitText } from "./text.js";

const ACTION_SECONDS = 5.5;
const PAGE_SIZE = 50;

/** A chat as the person at the page sees it. `messages` maps message id to the newest state of that message. */
class Chat {
  messages = new Map();
  pending = new Map();
  loaded = false;
  complete = false;
  unread = 0;
  action = null;

  constructor(description) {
    this.id = description.id;
    this.describe(description);
  }

  describe({ type, title, commands, last, bot }) {
    Object.assign(this, { type, title, commands: commands ?? [], last, bot });
  }

  /** Loaded messages, oldest first, then those still on their way out. */
  inOrder() {
    const sent = [...this.messages.values()].sort((one, other) => one.message_id - other.message_id);
    return [...sent, ...this.pending.values()];
  }
}

/**
 * listeners: onChats() when the list changes, onMessages(chatId) when a conversation changes, onAction(chatId) when
 * somebody starts or stops typing, onOpen() and onLost() for the connection, onTrouble(error) for a refused call.
 */
export class Session {
  chats = new Map();
  #listeners;
  #stream;
  #closed = false;
  #outgoing = Promise.resolve();
  #nextPending = 1;

  constructor(person, { people, bot }, listeners) {
    Object.assign(this, { person, people, bot });
    this.#listeners = listeners;
    this.#stream = new server.Stream(person.id, {
      onEvent: (event) => this.#closed || this.#apply(event),
      onOpen: () => this.#closed || this.#reopened(),
      onLost: () => this.#closed || listeners.onLost(),
    });
  }

  close() {
    this.#closed = true;
    this.#stream.close();
  }

  isOwn(message) {
    return message.from.id === this.person.id;
  }

  /** Loads the newest messages of a chat, once. */
  async open(chatId) {
    const chat = this.chats.get(chatId);
    if (chat && !chat.loaded) await this.#guard(() => this.#load(chat));
  }

  /** Loads the messages before those loaded; true when there were any. */
  async older(chatId) {
    const chat = this.chats.get(chatId);
    if (!chat?.loaded || chat.complete || !chat.messages.size) return false;
    const before = Math.min(...chat.messages.keys());
    const answer = await this.#guard(() => server.messages(this.person.id, chatId, before));
    if (!answer) return false;
    for (const message of answer.messages) chat.messages.set(message.message_id, message);
    chat.complete = answer.messages.length < PAGE_SIZE;
    this.#listeners.onMessages(chatId);
    return answer.messages.length > 0;
  }

  /** Sends `text`, as several messages when it is longer than Telegram takes; each is shown at once. */
  say(chatId, text, replyTo = null) {
    splitText(text).forEach((part, index) => this.#queue(chatId, part, index === 0 ? replyTo : null));
  }

  /** Tries a message again that could not be sent. */
  retry(chatId, key) {
    const chat = this.chats.get(chatId);
    const waiting = chat?.pending.get(key);
    if (!waiting) return;
    chat.pending.delete(key);
    this.#queue(chatId, waiting.text, waiting.reply_to_message_id ?? null);
  }

  /** Sends what `choosePhoto` gave. */
  photo(chatId, chosen, replyTo = null) {
    return this.#guard(async () =>
      this.#upsert((await server.photo(this.person.id, chatId, chosen, replyTo)).message),
    );
  }

  edit(chatId, messageId, text) {
    return this.#guard(() =>
      server.edit({ person: this.person.id, chat: chatId, message_id: messageId, text }),
    );
  }

  remove(chatId, messageId) {
    return this.#guard(() => server.remove({ person: this.person.id, chat: chatId, message_id: messageId }));
  }

  /** The bot's answer to a tapped button, {text, show_alert}, or null when it gave none. */
  async tap(chatId, messageId, data) {
    const tapped = { person: this.person.id, chat: chatId, message_id: messageId, data };
    return (await this.#guard(() => server.tap(tapped)))?.answer;
  }

  /** What the bot finds for a query behind its name: {query_id, results, next_offset, button}, or null. */
  async inline(chatId, query, offset = "") {
    const asked = { person: this.person.id, chat: chatId, query, offset };
    return (await this.#guard(() => server.inline(asked)))?.answer ?? null;
  }

  /** Posts one of those results. */
  choose(chatId, queryId, resultId) {
    const chosen = { person: this.person.id, chat: chatId, query_id: queryId, result_id: resultId };
    return this.#guard(async () => this.#upsert((await server.choose(chosen)).message));
  }

  /** What the chats are now; true when the sandbox told. */
  refresh() {
    return this.#guard(() => this.#list());
  }

  /** The sandbox's answer; null when it refused, which is told to the person. */
  attempt(ask) {
    return this.#guard(ask);
  }

  /** Everything in the chat has been seen. */
  markRead(chatId) {
    const chat = this.chats.get(chatId);
    if (!chat?.last) return;
    localStorage.setItem(this.#readKey(chatId), String(chat.last.message_id));
    if (chat.unread === 0) return;
    chat.unread = 0;
    this.#listeners.onChats();
  }

  async #guard(ask) {
    try {
      const answer = await ask();
      return this.#closed ? null : (answer ?? true);
    } catch (error) {
      if (!(error instanceof server.ServerRefused)) throw error;
      if (!this.#closed) this.#listeners.onTrouble(error);
      return null;
    }
  }

  #reopened() {
    this.#listeners.onOpen();
    return this.#guard(async () => {
      await this.#list();
      for (const chat of this.chats.values()) if (chat.loaded) await this.#load(chat);
    });
  }

  async #list() {
    const answer = await this.#current(() => server.chats(this.person.id));
    if (this.#closed) return;
    for (const description of answer.chats) {
      const known = this.chats.get(description.id);
      if (known) known.describe(description);
      else this.chats.set(description.id, new Chat(description));
    }
    await Promise.all([...this.chats.values()].map((chat) => this.#countUnread(chat)));
    this.#listeners.onChats();
  }

  async #load(chat) {
    const answer = await this.#current(() => server.messages(this.person.id, chat.id));
    if (this.#closed) return;
    const oldest = answer.messages[0]?.message_id ?? 0;
    for (const id of [...chat.messages.keys()]) if (id >= oldest) chat.messages.delete(id);
    for (const message of answer.messages) chat.messages.set(message.message_id, message);
    chat.loaded = true;
    chat.complete ||= answer.messages.length < PAGE_SIZE;
    this.#listeners.onMessages(chat.id);
  }

  /** An answer at least as new as the events seen: an older one would undo them. */
  async #current(fetchAnswer) {
    let answer = await fetchAnswer();
    while (!this.#closed && answer.seq < this.#stream.sequence) answer = await fetchAnswer();
    return answer;
  }

  async #countUnread(chat) {
    const read = Number(localStorage.getItem(this.#readKey(chat.id)) ?? 0);
    const newest = chat.last?.message_id ?? 0;
    chat.unread = 0;
    if (newest <= read) return;
    const answer = await server.messages(this.person.id, chat.id);
    chat.unread = answer.messages.filter(
      (message) => message.message_id > read && !this.isOwn(message),
    ).length;
  }

  #readKey(chatId) {
    return `read:${this.person.id}:${chatId}`;
  }

  #queue(chatId, text, replyTo) {
    const chat = this.chats.get(chatId);
    const key = `pending-${this.#nextPending++}`;
    const from = { ...this.person, is_bot: false };
    const reply = replyTo ? { reply_to_message_id: replyTo } : {};
    chat.pending.set(key, { pending: key, chat: chatId, from, date: Date.now() / 1000, text, ...reply });
    this.#listeners.onMessages(chatId);
    this.#outgoing = this.#outgoing.then(() => this.#deliver(chat, key));
  }

  async #deliver(chat, key) {
    const waiting = chat.pending.get(key);
    if (!waiting || this.#closed) return;
    const replyTo = waiting.reply_to_message_id;
    const body = {
      person: this.person.id,
      chat: chat.id,
      text: waiting.text,
      ...(replyTo && { reply_to: replyTo }),
    };
    const answer = await this.#guard(() => server.send(body));
    if (answer) {
      chat.pending.delete(key);
      this.#upsert(answer.message);
    } else {
      chat.pending.set(key, { ...waiting, failed: true });
    }
    this.#listeners.onMessages(chat.id);
  }

  #apply(event) {
    const chat = this.chats.get(event.chat);
    if (event.type === "commands") return this.#guard(() => this.#list());
    if (!chat) return null;
    if (event.type === "action") return this.#showAction(chat, event.action);
    if (event.type === "deleted") return this.#forget(chat, event.message_id);
    if (event.message) return this.#upsert(event.message, event.type === "message");
    return this.#guard(() => this.#load(chat));
  }

  #upsert(message, arrived = false) {
    const chat = this.chats.get(message.chat?.id ?? message.chat);
    if (!chat) return;
    const known = chat.messages.has(message.message_id);
    const newest = message.message_id >= (chat.last?.message_id ?? 0);
    const fresh = arrived && message.message_id > (chat.last?.message_id ?? 0);
    if (arrived && this.isOwn(message)) this.#arrivedFromUs(chat, message);
    if (chat.loaded && (known || arrived || newest)) chat.messages.set(message.message_id, message);
    if (newest) chat.last = message;
    if (fresh && !this.isOwn(message)) chat.unread += 1;
    if (message.from.is_bot) this.#showAction(chat, null);
    this.#listeners.onMessages(chat.id);
    this.#listeners.onChats();
  }

  /** The stream may tell of our own message before the call that sent it is answered, or when that answer is lost. */
  #arrivedFromUs(chat, message) {
    const [key] = [...chat.pending].find(([, waiting]) => waiting.text === message.text) ?? [];
    if (key) chat.pending.delete(key);
  }

  #forget(chat, messageId) {
    chat.messages.delete(messageId);
    this.#listeners.onMessages(chat.id);
    if (chat.last?.message_id !== messageId) return null;
    return this.#guard(() => this.#list());
  }

  #showAction(chat, action) {
    clearTimeout(chat.actionTimer);
    if (chat.action === action && action === null) return;
    chat.action = action;
    if (action) chat.actionTimer = setTimeout(() => this.#showAction(chat, null), ACTION_SECONDS * 1000);
    this.#listeners.onAction(chat.id);
  }
}
