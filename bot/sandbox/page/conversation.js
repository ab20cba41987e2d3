/** The open chat: who it is with, its messages, what people do with them, and the composer. */

import { leadsBot, openBotMenu } from "./botmenu.js";
import { Composer } from "./composer.js";
import { avatar, icon, make } from "./element.js";
import { History } from "./history.js";
import { openMenu } from "./menu.js";
import { ask, say, tell } from "./notices.js";
import { allowedChats, pickChat } from "./picker.js";
import { startParameter } from "./startlink.js";

export class Conversation {
  #session;
  #words;

  /** context: {session, words, locale, chat, draft: {text}, onBack(), onStart(parameter), onShare(chatId, text)}. */
  constructor(context) {
    Object.assign(this, { chat: context.chat });
    this.#session = context.session;
    this.#words = context.words;
    const actions = {
      command: (text) => this.#session.say(this.chat.id, text),
      jump: (messageId) => this.#jump(messageId),
      prefill: (query) => this.composer.prefill(this.#asked(query)),
      share: (query, allowed) => this.#share(query, allowed, context.onShare),
      start: (parameter) => context.onStart(parameter),
      startParameter: (address) => startParameter(address, this.#session.bot),
      mention: (text) => this.composer.insert(`${text} `),
      menu: (message, opener, point) => this.#menu(message, opener, point),
      reply: (message) => this.composer.replyTo(message),
      retry: (key) => this.#session.retry(this.chat.id, key),
      tap: (message, data) => this.#tap(message, data),
    };
    const view = { ...context, actions, empty: () => this.#empty() };
    this.history = new History(view, this.chat, () => this.#session.markRead(this.chat.id));
    this.composer = new Composer(view, this.chat);
    this.element = make(
      "div.conversation",
      { "data-chat": this.chat.id },
      this.#header(context.onBack),
      this.history.element,
      this.composer.element,
    );
    this.showAction();
  }

  close() {
    this.history.close();
    this.composer.close();
  }

  draw() {
    this.history.draw();
  }

  /** The chat's commands, or the person's place in it, may have changed. */
  describe() {
    this.composer.describe();
  }

  showAction() {
    const { action } = this.chat;
    const busy = action && (this.#words.actions[action] ?? this.#words.actions.other);
    const who = this.chat.type === "private" ? "" : `${this.#session.bot.first_name} `;
    const quiet = this.chat.type === "private" ? this.#words.bot : this.#members();
    this.subtitle.textContent = busy ? who + busy : quiet;
    this.subtitle.dataset.action = action ?? "";
  }

  #header(onBack) {
    const { title, id, type } = this.chat;
    this.subtitle = make("span.chat-subtitle", { "data-part": "chat-action", role: "status" });
    const back = make(
      "button.round.back",
      { type: "button", "aria-label": this.#words.back, "data-action": "back", onclick: onBack },
      icon("back"),
    );
    return make(
      "header.chat-header",
      {},
      back,
      avatar(id, title, type === "private"),
      make("div.chat-heading", {}, make("h1", {}, title), this.subtitle),
      leadsBot(this.#session, this.chat) && this.#botMenu(),
    );
  }

  #botMenu() {
    const opener = make(
      "button.round",
      {
        type: "button",
        "aria-label": this.#words.botMenu,
        "aria-haspopup": "menu",
        "data-action": "bot-menu",
        onclick: () => openBotMenu(this.#session, this.#words, this.chat, opener),
      },
      icon("more"),
    );
    return opener;
  }

  #members() {
    const names = this.#session.people.map((person) => person.first_name);
    return this.#words.members([...names, this.#session.bot.first_name]);
  }

  #empty() {
    const words = this.#words;
    const group = this.chat.type !== "private";
    const examples = words.examples.map((prompt) => {
      const onclick = () => this.#session.say(this.chat.id, group ? `/video ${prompt}` : prompt);
      return make("button.example", { type: "button", "data-example": prompt, onclick }, prompt);
    });
    return make(
      "div.empty",
      { "data-part": "empty" },
      make("div.empty-picture", { "aria-hidden": "true" }),
      make("h2", {}, words.emptyTitle),
      make("p", {}, group ? words.emptyGroup : words.emptyPrivate),
      make("div.examples", {}, examples),
    );
  }

  #menu(message, opener, point) {
    const words = this.#words;
    const said = message.text ?? message.caption;
    const own = this.#session.isOwn(message);
    const items = [
      { name: "reply", label: words.reply, run: () => this.composer.replyTo(message) },
      said && { name: "copy", label: words.copy, run: () => this.#copy(said) },
      own && message.text && { name: "edit", label: words.edit, run: () => this.composer.edit(message) },
      own && { name: "remove", label: words.remove, danger: true, run: () => this.#remove(message) },
    ];
    openMenu(items.filter(Boolean), opener, { label: words.messageMenu, point });
  }

  async #copy(text) {
    await navigator.clipboard.writeText(text);
    say(this.#words.copied);
  }

  async #remove(message) {
    const { cancel, remove, removeQuestion } = this.#words;
    if (await ask(removeQuestion, { yes: remove, no: cancel }))
      await this.#session.remove(this.chat.id, message.message_id);
  }

  #asked(query) {
    return `@${this.#session.bot.username} ${query}`;
  }

  async #share(query, allowed, onShare) {
    const chatId = await pickChat(allowedChats([...this.#session.chats.values()], allowed), this.#words);
    if (chatId === this.chat.id) this.composer.prefill(this.#asked(query));
    else if (chatId) onShare(chatId, this.#asked(query));
  }

  async #jump(messageId) {
    if (!(await this.history.jump(messageId))) say(this.#words.unknownMessage);
  }

  async #tap(message, data) {
    const answer = await this.#session.tap(this.chat.id, message.message_id, data);
    if (answer === null) say(this.#words.noAnswer);
    else if (answer?.text && answer.show_alert) tell(answer.text, this.#words.ok);
    else if (answer?.text) say(answer.text);
  }
}
