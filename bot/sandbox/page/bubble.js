/** One message in a conversation. Each part is redrawn only when it changed, so a playing video plays on. */

import { avatar, hue, icon, make } from "./element.js";
import { rich } from "./entities.js";
import { keyboard } from "./keyboard.js";
import { mediaOf, mediaWidth } from "./media.js";
import { summary } from "./text.js";
import { clockTime } from "./times.js";

export class Bubble {
  #view;
  #drawn = {};

  /** view: {session, words, locale, actions}, as conversation.js makes it. */
  constructor(view) {
    this.#view = view;
    this.avatar = make("div.message-avatar");
    this.name = make("div.message-name", { "data-part": "name" });
    this.quote = make("div.message-quote");
    this.media = make("div.message-media");
    this.text = make("div.message-text");
    this.reactions = make("div.message-reactions", { "data-part": "reactions" });
    this.more = make(
      "button.message-more",
      {
        type: "button",
        "aria-label": view.words.messageMenu,
        "aria-haspopup": "menu",
        "data-action": "message-menu",
        onclick: () => view.actions.menu(this.message, this.more),
      },
      icon("more"),
    );
    this.body = make(
      "div.bubble",
      {},
      this.name,
      this.quote,
      this.media,
      this.text,
      this.reactions,
      this.more,
    );
    this.keyboard = make("div.message-keyboard", { "data-part": "keyboard" });
    this.element = make(
      "article.message",
      {},
      this.avatar,
      make("div.message-column", {}, this.body, this.keyboard),
    );
    this.body.addEventListener("contextmenu", (event) => this.#contextMenu(event));
    this.body.addEventListener("dblclick", (event) => this.#doubleClick(event));
  }

  /**
   * Draws `message`.
   *
   * place: {first, last, group}: whether it begins or ends a run of one sender, and whether the chat is a group.
   * quoted: the message it answers; undefined when it answers none, null when that one is not loaded.
   */
  show(message, place, quoted) {
    this.message = message;
    const { session, words } = this.#view;
    const own = session.isOwn(message);
    const named = place.group && !own && place.first;
    const kind = message.video ? "video" : message.photo ? "photo" : message.document ? "document" : "text";
    Object.assign(this.element.dataset, {
      from: message.from.id,
      own: String(own),
      kind,
      state: message.failed ? "failed" : message.pending ? "sending" : "sent",
      first: String(place.first),
      last: String(place.last),
      group: String(place.group),
    });
    if (message.message_id) this.element.dataset.messageId = message.message_id;
    this.element.setAttribute(
      "aria-label",
      `${own ? words.you : message.from.first_name}: ${summary(message, words)}`,
    );
    this.#draw("avatar", [place.group && !own && place.last, message.from.id], () =>
      this.#avatarParts(message, place),
    );
    const via = message.via_bot?.username;
    this.#draw("name", [named, message.from, via], () => [
      ...(named ? this.#nameParts(message.from) : []),
      ...(via ? [make("span.via", { "data-part": "via" }, words.via(via))] : []),
    ]);
    this.#draw("quote", quoted === undefined ? [] : [quoted], () => this.#quoteParts(message, quoted));
    const media = [message.video, message.photo, message.document, message.has_media_spoiler];
    this.#draw("media", media, () => mediaOf(message, words));
    this.body.style.setProperty("--media-width", `${mediaWidth(message)}px`);
    this.#draw("text", this.#textKey(message), () => this.#textParts(message));
    this.#draw("reactions", [message.reactions], () => this.#reactionParts(message));
    this.#draw("keyboard", [message.message_id, message.reply_markup], () => keyboard(message, this.#view));
    this.text.dataset.part = kind === "text" ? "text" : "caption";
    this.body.classList.toggle("only-emoji", onlyEmoji(message));
    this.more.hidden = Boolean(message.pending);
  }

  #draw(slot, key, build) {
    const digest = JSON.stringify(key);
    if (this.#drawn[slot] === digest) return;
    this.#drawn[slot] = digest;
    this[slot].replaceChildren(...build());
  }

  #avatarParts(message, place) {
    if (!place.group || this.#view.session.isOwn(message) || !place.last) return [];
    return [avatar(message.from.id, message.from.first_name, message.from.is_bot)];
  }

  #nameParts(sender) {
    const name = make(`span.name-text.text-hue-${hue(sender.id)}`, {}, sender.first_name);
    const badge = sender.is_bot && make("span.bot-badge", { "data-part": "bot-badge" }, this.#view.words.bot);
    return [name, badge].filter(Boolean);
  }

  #quoteParts(message, quoted) {
    if (quoted === undefined) return [];
    const { actions, words } = this.#view;
    const onclick = () => actions.jump(message.reply_to_message_id);
    const tone = quoted ? `hue-line-${hue(quoted.from.id)}` : "hue-line-0";
    return [
      make(
        `button.quote.${tone}`,
        { type: "button", "data-part": "quote", "data-reply-to": message.reply_to_message_id, onclick },
        make(
          `span.quote-name${quoted ? `.text-hue-${hue(quoted.from.id)}` : ""}`,
          {},
          quoted?.from.first_name ?? words.reply,
        ),
        make("span.quote-text", {}, quoted ? summary(quoted, words) : "…"),
      ),
    ];
  }

  #textKey(message) {
    const { text, entities, caption, caption_entities: captionEntities, date, edit_date: edited } = message;
    return [text, entities, caption, captionEntities, date, Boolean(edited), message.pending, message.failed];
  }

  #textParts(message) {
    const body = message.text ?? message.caption ?? "";
    const entities = message.text ? message.entities : message.caption_entities;
    return [make("div.said", {}, rich(body, entities, this.#view.actions), this.#meta(message))];
  }

  #meta(message) {
    const { actions, locale, session, words } = this.#view;
    const shown = message.edit_date && make("span.edited", { "data-part": "edited" }, words.edited);
    const time = make(
      "time",
      { datetime: new Date(message.date * 1000).toISOString() },
      clockTime(message.date, locale),
    );
    if (message.failed) {
      const onclick = () => actions.retry(message.pending);
      return make(
        "span.meta",
        {},
        make(
          "button.failed",
          { type: "button", "data-action": "retry", onclick },
          icon("failed"),
          words.failed,
        ),
      );
    }
    const mark = session.isOwn(message) && icon(message.pending ? "clock" : "check");
    const spoken =
      session.isOwn(message) && make("span.hidden-text", {}, message.pending ? words.sending : words.sent);
    return make("span.meta", {}, shown, time, mark, spoken);
  }

  #reactionParts(message) {
    const counted = new Map();
    for (const { emoji, from } of message.reactions ?? []) {
      counted.set(emoji, [...(counted.get(emoji) ?? []), nameOf(from, this.#view.session)]);
    }
    return [...counted].map(([emoji, names]) =>
      make(
        "span.reaction",
        {
          "data-reaction": emoji,
          title: names.join(", "),
          role: "img",
          "aria-label": `${emoji} ${names.join(", ")}`,
        },
        emoji,
        names.length > 1 && make("span.reaction-count", {}, String(names.length)),
      ),
    );
  }

  #contextMenu(event) {
    if (this.message.pending || event.target.closest("a, video") || String(getSelection())) return;
    event.preventDefault();
    this.#view.actions.menu(this.message, this.more, { x: event.clientX, y: event.clientY });
  }

  #doubleClick(event) {
    if (this.message.pending || event.target.closest("button, a, video")) return;
    getSelection().removeAllRanges();
    this.#view.actions.reply(this.message);
  }
}

function nameOf(from, session) {
  const id = from?.id ?? from;
  if (id === session.bot.id) return session.bot.first_name;
  return session.people.find((person) => person.id === id)?.first_name ?? String(from?.first_name ?? id);
}

function onlyEmoji(message) {
  return (
    Boolean(message.text) &&
    /^(\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?\s?){1,3}$/u.test(message.text)
  );
}
