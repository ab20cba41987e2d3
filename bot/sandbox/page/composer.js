/** Where a person writes: text, replies and edits, commands, and a photo. */

import { Commands } from "./commands.js";
import { icon, make } from "./element.js";
import { InlineResults } from "./inline.js";
import { choosePhoto } from "./photo.js";
import { LONGEST_TEXT, splitText, summary } from "./text.js";

export class Composer {
  #session;
  #words;
  #chat;
  #draft;
  #target = null;

  constructor({ session, words, draft, actions }, chat) {
    this.#session = session;
    this.#words = words;
    this.#chat = chat;
    this.#draft = draft;
    this.input = make("textarea", {
      rows: "1",
      placeholder: words.composer,
      "aria-label": words.composer,
      "data-part": "composer",
      "aria-autocomplete": "list",
      "aria-controls": "commands",
      enterkeyhint: "send",
      autocomplete: "off",
    });
    this.input.value = draft.text;
    this.banner = make("div.banner", { "data-part": "banner", hidden: true });
    this.notice = make("div.composer-notice", { "data-part": "composer-notice", role: "status" });
    this.submit = make(
      "button.round.send",
      { type: "submit", "aria-label": words.send, "data-action": "send" },
      icon("send"),
    );
    this.commands = new Commands(words, this.input, (text, sends) => this.#picked(text, sends));
    this.inline = new InlineResults({ session, words, chat, actions }, this.input, () => this.prefill(""));
    const attach = make(
      "button.round.attach",
      { type: "button", "aria-label": words.attach, "data-action": "attach", onclick: () => this.#attach() },
      icon("attach"),
    );
    this.element = make(
      "form.composer",
      { "aria-label": words.composer },
      this.commands.list,
      this.inline.list,
      this.banner,
      make(
        "div.composer-row",
        {},
        this.commands.button,
        make("div.field", {}, this.input, attach),
        this.submit,
      ),
      this.notice,
    );
    this.element.addEventListener("submit", (event) => this.#submitted(event));
    this.input.addEventListener("input", () => this.#changed());
    this.input.addEventListener("keydown", (event) => this.#pressed(event));
    this.commands.show(chat.commands);
    requestAnimationFrame(() => this.#changed());
  }

  close() {
    this.commands.close();
    this.inline.close();
  }

  describe() {
    this.commands.show(this.#chat.commands);
  }

  focus() {
    this.input.focus();
  }

  /** Replaces what is written. */
  prefill(text) {
    this.input.value = text;
    this.focus();
    this.#changed();
  }

  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.focus();
    this.#changed();
  }

  replyTo(message) {
    if (this.#target?.edits) this.input.value = "";
    this.#aim(
      { message, edits: false },
      this.#words.replyingTo(message.from.first_name),
      summary(message, this.#words),
    );
  }

  edit(message) {
    this.input.value = message.text;
    this.#aim({ message, edits: true }, this.#words.editing, summary(message, this.#words));
    this.input.setSelectionRange(message.text.length, message.text.length);
  }

  #aim(target, title, text) {
    this.#target = target;
    const cancel = make(
      "button.round.small",
      {
        type: "button",
        "aria-label": this.#words.cancel,
        "data-action": "cancel-banner",
        onclick: () => this.#release(),
      },
      icon("close"),
    );
    this.banner.replaceChildren(
      icon(target.edits ? "edit" : "reply"),
      make("div.banner-text", {}, make("strong", {}, title), make("span", {}, text)),
      cancel,
    );
    this.banner.hidden = false;
    this.banner.dataset.kind = target.edits ? "edit" : "reply";
    this.submit.setAttribute("aria-label", target.edits ? this.#words.save : this.#words.send);
    this.submit.replaceChildren(icon(target.edits ? "check" : "send"));
    this.focus();
    this.#changed();
  }

  #release() {
    if (this.#target?.edits) this.input.value = "";
    this.#target = null;
    this.banner.hidden = true;
    this.submit.setAttribute("aria-label", this.#words.send);
    this.submit.replaceChildren(icon("send"));
    this.focus();
    this.#changed();
  }

  /** The field grows with its text, the commands follow a leading slash, and a long text is announced. */
  #changed() {
    const text = this.input.value;
    if (!this.#target?.edits) this.#draft.text = text;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.commands.filter(text);
    this.inline.follow(this.#target ? "" : text);
    const parts = splitText(text);
    const tooLong = Boolean(this.#target?.edits) && text.trim().length > LONGEST_TEXT;
    this.submit.disabled = parts.length === 0 || tooLong;
    this.notice.textContent = this.#noticeFor(text.trim().length, parts.length, tooLong);
    this.notice.classList.toggle("is-error", tooLong);
  }

  #noticeFor(length, parts, tooLong) {
    if (tooLong) return this.#words.tooLongToEdit(length);
    return parts > 1 ? this.#words.willSplit(length, parts) : "";
  }

  #pressed(event) {
    // While an input method composes (Chinese, Japanese), Enter chooses a candidate and sends nothing.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.commands.pressed(event) || this.inline.pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.element.requestSubmit();
    } else if (event.key === "Escape" && this.#target) {
      event.preventDefault();
      this.#release();
    } else if (event.key === "ArrowUp" && this.input.value === "") {
      const mine = this.#chat.inOrder().findLast((message) => this.#session.isOwn(message) && message.text);
      if (!mine?.message_id) return;
      event.preventDefault();
      this.edit(mine);
    }
  }

  async #submitted(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (this.submit.disabled || text === "") return;
    const target = this.#target;
    if (target?.edits) {
      const unchanged = text === target.message.text;
      if (!unchanged && !(await this.#session.edit(this.#chat.id, target.message.message_id, text))) return;
      this.#release();
      return;
    }
    this.input.value = "";
    this.#release();
    this.#session.say(this.#chat.id, text, target?.message.message_id ?? null);
  }

  #picked(text, sends) {
    this.input.value = sends ? "" : `${text} `;
    if (sends) this.#session.say(this.#chat.id, text);
    this.focus();
    this.#changed();
  }

  async #attach() {
    const chosen = await choosePhoto(this.#words);
    if (!chosen) return;
    const replied = this.#target?.edits ? null : this.#target?.message.message_id;
    await this.#session.photo(this.#chat.id, chosen, replied ?? null);
    if (replied) this.#release();
    this.focus();
  }
}
