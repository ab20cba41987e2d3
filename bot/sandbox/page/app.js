/**
 * The sandbox page: a chat client in which one person at the keyboard plays Ada, Bo and Cleo.
 *
 * The place is in the address: "#1001" is Ada's chat list, "#1001/-100500" is Ada in the group.
 *
 * What a browser test can hold on to, and we keep:
 *   body[data-connection=open|lost][data-person][data-view=list|conversation]
 *   [data-person-id]        the radio buttons of the people switch
 *   [data-chat-id]          a row of the chat list, with data-unread; [data-part=preview], [data-part=unread] in it
 *   [data-chat]             the open conversation
 *   [data-message-id]       a message: data-from, data-own=true|false, data-kind=text|video|photo|document,
 *                           data-state=sending|sent|failed, and in it
 *                           [data-part=name|bot-badge|quote|text|caption|video|photo|edited|reactions|keyboard],
 *                           [data-reaction], [data-callback-data] (aria-busy=true while a tap waits)
 *   [data-part=chat-action] under the chat's title, data-action=typing|upload_video|... while the bot is busy
 *   [data-part=composer]    the text field; [data-action=send|attach|commands|cancel-banner|message-menu|jump-down|back]
 *   [data-part=commands]    the list of commands, [data-command="/help"] in it
 *   [data-part=inline-results] what "@bot words" finds, [data-inline-result], [data-part=inline-button] in it;
 *                           [data-part=via] on what was posted so; [data-share], [data-start] buttons, [data-pick-chat]
 *   [data-action=bot-menu] and its [data-menu-item=stop-bot|start-bot|bot-member|bot-administrator|bot-no-videos|
 *                           bot-muted|bot-removed|upgrade]; [data-start] in a text is a link that starts the bot
 *   [data-menu-item=reply|copy|edit|remove], [data-part=banner|composer-notice|toast|alert|empty], [data-example]
 */

import { ChatList } from "./chats.js";
import { Conversation } from "./conversation.js";
import { say } from "./notices.js";
import { peopleSwitch } from "./people.js";
import * as server from "./server.js";
import { Session } from "./session.js";
import { localeFor, wordsFor } from "./words.js";

const RETRY_MILLISECONDS = 1000;
const narrow = matchMedia("(max-width: 720px)");
const place = (id) => document.getElementById(id);

class App {
  #everybody;
  #list;
  #session = null;
  #conversation = null;
  #drafts = new Map();

  constructor(everybody) {
    this.#everybody = everybody;
    this.#list = new ChatList(place("rows"), (chatId) => this.#go(this.#session.person.id, chatId));
    addEventListener("hashchange", () => this.#follow());
    addEventListener("focus", () => this.#conversation?.draw());
    narrow.addEventListener("change", () => this.#follow());
    this.#follow();
  }

  /** Shows what the address says; an address that names nobody means the first person. */
  #follow() {
    const [personId, chatId] = location.hash.slice(1).split("/").map(Number);
    const person = this.#everybody.people.find(({ id }) => id === personId) ?? this.#everybody.people[0];
    if (this.#session?.person.id !== person.id) this.#become(person);
    this.#openChat(chatId || (narrow.matches ? null : person.id));
  }

  #go(personId, chatId) {
    location.hash = chatId ? `${personId}/${chatId}` : `${personId}`;
  }

  #become(person) {
    this.#closeChat();
    this.#session?.close();
    this.words = wordsFor(person.language_code);
    this.locale = localeFor(person.language_code);
    document.documentElement.lang = this.locale;
    document.body.dataset.person = person.id;
    this.byKeyboard = place("people").querySelector(":focus-visible") !== null;
    place("people").replaceChildren(
      peopleSwitch(this.#everybody.people, person, this.words, (id) => this.#go(id, this.#chatFor(id))),
    );
    if (this.byKeyboard) place("people").querySelector(":checked").focus();
    place("chats-title").textContent = this.words.chats;
    place("connection").textContent = this.words.connectionLost;
    place("chats").setAttribute("aria-label", this.words.chats);
    place("placeholder").textContent = this.words.chooseChat;
    this.#list.clear();
    this.#session = new Session(person, this.#everybody, {
      onChats: () => this.#chatsChanged(),
      onMessages: (chatId) => chatId === this.#conversation?.chat.id && this.#conversation.draw(),
      onAction: (chatId) => this.#actionChanged(chatId),
      onOpen: () => (document.body.dataset.connection = "open"),
      onLost: () => (document.body.dataset.connection = "lost"),
      onTrouble: (error) => error.status !== 0 && say(error.message),
    });
  }

  /** Where another person lands: in the same group, or in a private chat of their own. */
  #chatFor(personId) {
    const open = this.#conversation?.chat;
    if (!open) return null;
    return open.type === "private" ? personId : open.id;
  }

  #openChat(chatId) {
    this.wanted = chatId;
    const chat = this.#session.chats.get(chatId);
    if (this.#conversation && this.#conversation.chat.id !== chatId) this.#closeChat();
    document.body.dataset.view = chat ? "conversation" : "list";
    if (chat && !this.#conversation) this.#showChat(chat);
    this.#drawRows();
  }

  #showChat(chat) {
    const { person } = this.#session;
    const key = `${person.id}/${chat.id}`;
    if (!this.#drafts.has(key)) this.#drafts.set(key, { text: "" });
    this.#conversation = new Conversation({
      session: this.#session,
      words: this.words,
      locale: this.locale,
      chat,
      draft: this.#drafts.get(key),
      onBack: () => this.#go(person.id, null),
      onShare: (chatId, text) => {
        this.#drafts.set(`${person.id}/${chatId}`, { text });
        this.#go(person.id, chatId);
      },
      onStart: (parameter) => {
        if (parameter) this.#session.say(person.id, `/start ${parameter}`);
        this.#go(person.id, person.id);
      },
    });
    place("open-chat").replaceChildren(this.#conversation.element);
    this.#conversation.draw();
    this.#session.open(chat.id);
    // A person who walks through the people with the arrow keys keeps the focus there.
    if (this.byKeyboard) this.byKeyboard = false;
    else if (matchMedia("(hover: hover)").matches) this.#conversation.composer.focus();
  }

  #closeChat() {
    this.#conversation?.close();
    this.#conversation = null;
    place("open-chat").replaceChildren();
  }

  #chatsChanged() {
    if (this.#conversation) this.#conversation.describe();
    else if (this.#session.chats.has(this.wanted)) this.#openChat(this.wanted);
    this.#drawRows();
  }

  #actionChanged(chatId) {
    if (chatId === this.#conversation?.chat.id) this.#conversation.showAction();
    this.#drawRows();
  }

  #drawRows() {
    this.#list.draw(this.#session, this.#conversation?.chat.id, this);
    const unread = [...this.#session.chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
    document.title = unread ? `(${unread}) Kinogram` : "Kinogram";
  }
}

async function start() {
  try {
    new App(await server.people());
  } catch (error) {
    if (!(error instanceof server.ServerRefused)) throw error;
    document.body.dataset.connection = "lost";
    setTimeout(start, RETRY_MILLISECONDS);
  }
}

start();
