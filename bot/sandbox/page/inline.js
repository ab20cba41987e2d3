/** What the bot finds for "@bot words" in the composer: a list above it, one of which is posted. */

import { make } from "./element.js";

const PAUSE_MILLISECONDS = 200;

export class InlineResults {
  #context;
  #input;
  #onPosted;
  #timer = null;
  #query = null;
  #answer = null;
  #loading = false;
  #chosen = 0;

  /** context: {session, words, chat, actions}. input: the field it belongs to. onPosted(): a result was posted. */
  constructor(context, input, onPosted) {
    this.#context = context;
    this.#input = input;
    this.#onPosted = onPosted;
    this.list = make("div.inline-results", {
      role: "listbox",
      id: "inline-results",
      "aria-label": context.words.results,
      "data-part": "inline-results",
      hidden: true,
    });
    this.list.addEventListener("scroll", () => this.#scrolled());
  }

  close() {
    this.#hide();
  }

  /** Asks the bot when `text` is for it, and hides the list when it is not. */
  follow(text) {
    const query = this.#queryIn(text);
    if (query === this.#query) return;
    this.#hide();
    this.#query = query;
    if (query !== null) this.#timer = setTimeout(() => this.#ask(query), PAUSE_MILLISECONDS);
  }

  /** True when the key was for the open list. */
  pressed(event) {
    const rows = this.#rows();
    if (this.list.hidden || rows.length === 0) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.#choose(this.#chosen + moves[event.key]);
    else if (event.key === "Enter" && !event.shiftKey) rows[this.#chosen].click();
    else if (event.key === "Escape") this.#hide();
    else return false;
    event.preventDefault();
    return true;
  }

  #queryIn(text) {
    const { supports_inline_queries: isOn, username: name } = this.#context.session.bot;
    if (!isOn) return null;
    const typed = /^@(\w+)\s(.*)$/su.exec(text);
    return typed && typed[1].toLowerCase() === name.toLowerCase() ? typed[2].trim() : null;
  }

  async #ask(query) {
    const { session, chat } = this.#context;
    const answer = await session.inline(chat.id, query);
    if (query !== this.#query) return;
    this.#answer = answer;
    this.list.replaceChildren(...this.#button(answer?.button), ...this.#shown(answer));
    this.list.hidden = this.list.childElementCount === 0;
    if (this.#rows().length) this.#choose(0);
  }

  async #scrolled() {
    const left = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
    const query = this.#query;
    if (this.#loading || !this.#answer?.next_offset || left > this.list.clientHeight) return;
    this.#loading = true;
    const { session, chat } = this.#context;
    const answer = await session.inline(chat.id, query, this.#answer.next_offset);
    this.#loading = false;
    if (query !== this.#query) return;
    this.#answer = answer;
    this.list.append(...this.#shown(answer));
  }

  #button(button) {
    if (!button) return [];
    const onclick = () => {
      this.#posted();
      this.#context.actions.start(button.start_parameter);
    };
    return [make("button.inline-button", { type: "button", "data-part": "inline-button", onclick }, button.text)];
  }

  #shown(answer) {
    return (answer?.results ?? []).map((result) =>
      make(
        "div.inline-result",
        {
          role: "option",
          id: `inline-${result.id}`,
          "data-inline-result": result.id,
          "aria-selected": "false",
          onclick: () => this.#post(answer.query_id, result.id),
        },
        make("video.inline-picture", { src: result.video.url, preload: "metadata", tabindex: "-1" }),
        make(
          "span.inline-words",
          {},
          make("span.inline-title", {}, result.title),
          make("span.inline-description", {}, result.description),
        ),
      ),
    );
  }

  async #post(queryId, resultId) {
    const { session, chat } = this.#context;
    this.#posted();
    await session.choose(chat.id, queryId, resultId);
  }

  #posted() {
    this.#hide();
    this.#query = null;
    this.#onPosted();
  }

  #rows() {
    return [...this.list.querySelectorAll(".inline-result")];
  }

  #choose(index) {
    const rows = this.#rows();
    this.#chosen = (index + rows.length) % rows.length;
    rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === this.#chosen)));
    this.#input.setAttribute("aria-activedescendant", rows[this.#chosen].id);
    rows[this.#chosen].scrollIntoView({ block: "nearest" });
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#answer = null;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.#input.removeAttribute("aria-activedescendant");
  }
}
