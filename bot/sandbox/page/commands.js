/** The list of a chat's published commands: opened by the menu button, narrowed by what follows a slash. */

import { make } from "./element.js";

export class Commands {
  #words;
  #input;
  #onPick;
  #commands = [];
  #shown = [];
  #chosen = 0;
  #byButton = false;

  /** input: the field that the list belongs to. onPick(text, sends): a command was picked; `sends` is false when words are to follow it. */
  constructor(words, input, onPick) {
    this.#words = words;
    this.#input = input;
    this.#onPick = onPick;
    this.list = make("div.commands", {
      role: "listbox",
      id: "commands",
      "aria-label": words.commands,
      "data-part": "commands",
      hidden: true,
    });
    this.button = make(
      "button.menu-button",
      {
        type: "button",
        "aria-expanded": "false",
        "aria-controls": "commands",
        "data-action": "commands",
        onclick: () => this.#toggle(),
      },
      make("span.menu-slash", { "aria-hidden": "true" }, "/"),
      make("span.menu-word", {}, words.menu),
    );
    this.onPressOutside = (event) => {
      if (this.#byButton && !this.list.contains(event.target) && !this.button.contains(event.target))
        this.#hide();
    };
    document.addEventListener("pointerdown", this.onPressOutside);
  }

  close() {
    document.removeEventListener("pointerdown", this.onPressOutside);
  }

  show(commands) {
    this.#commands = commands;
    this.button.hidden = commands.length === 0;
    if (!this.list.hidden) this.#draw();
  }

  /** Opens, narrows or closes the list to fit what is written. */
  filter(text) {
    const typed = /^\/([a-z0-9_]*)$/iu.exec(text);
    if (typed) {
      this.#byButton = false;
      this.#open(this.#commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())));
    } else if (!this.#byButton || text !== "") this.#hide();
  }

  /** True when the key was for the open list. */
  pressed(event) {
    if (this.list.hidden) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.#choose(this.#chosen + moves[event.key]);
    else if (event.key === "Enter" && !event.shiftKey) this.#pick(this.#chosen, true);
    else if (event.key === "Tab") this.#pick(this.#chosen, false);
    else if (event.key === "Escape") this.#hide();
    else return false;
    event.preventDefault();
    return true;
  }

  #toggle() {
    if (!this.list.hidden) {
      this.#hide();
      return;
    }
    this.#byButton = true;
    this.#open(this.#commands);
    this.#input.focus();
  }

  #open(commands) {
    this.#shown = commands;
    if (commands.length === 0) {
      this.#hide();
      return;
    }
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.#draw();
  }

  #hide() {
    this.#byButton = false;
    this.list.hidden = true;
    this.#input.removeAttribute("aria-activedescendant");
    this.button.setAttribute("aria-expanded", "false");
  }

  #draw() {
    const rows = this.#shown.map(({ command, description }, index) =>
      make(
        "div.command",
        {
          role: "option",
          id: `command-${command}`,
          "data-command": `/${command}`,
          onclick: () => this.#pick(index, true),
          onpointermove: () => this.#chosen !== index && this.#choose(index),
        },
        make("span.command-name", {}, `/${command}`),
        make("span.command-description", {}, description),
      ),
    );
    this.list.replaceChildren(
      ...rows,
      make("div.commands-hint", { "aria-hidden": "true" }, this.#words.tabHint),
    );
    this.#choose(0);
  }

  #choose(index) {
    const rows = [...this.list.querySelectorAll(".command")];
    this.#chosen = (index + rows.length) % rows.length;
    rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === this.#chosen)));
    this.#input.setAttribute("aria-activedescendant", rows[this.#chosen].id);
    rows[this.#chosen].scrollIntoView({ block: "nearest" });
  }

  #pick(index, sends) {
    const { command } = this.#shown[index];
    this.#hide();
    this.#onPick(`/${command}`, sends);
  }
}
