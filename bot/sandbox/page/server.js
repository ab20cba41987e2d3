/** Talks to the sandbox server: JSON calls, and the stream of what happens in a person's chats. */

const RETRY_MILLISECONDS = [300, 600, 1200, 2500];

/** The server refused (`status` is HTTP's) or could not be reached (`status` 0); the message is its sentence. */
export class ServerRefused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    throw new ServerRefused(0, String(error.message ?? error));
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new ServerRefused(response.status, body.error ?? body.description ?? response.statusText);
  return body;
}

function get(path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return call(query ? `${path}?${query}` : path);
}

function post(path, body) {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const people = () => get("/sandbox/people");
export const chats = (person) => get("/sandbox/chats", { person });
export const messages = (person, chat, before) =>
  get("/sandbox/messages", before ? { person, chat, before } : { person, chat });
export const send = (body) => post("/sandbox/send", body);
export const tap = (body) => post("/sandbox/tap", body);
export const inline = (body) => post("/sandbox/inline", body);
export const choose = (body) => post("/sandbox/choose", body);
export const edit = (body) => post("/sandbox/edit", body);
export const block = (body) => post("/sandbox/block", body);
export const changeBot = (body) => post("/sandbox/group/bot", body);
export const upgradeGroup = (body) => post("/sandbox/group/upgrade", body);
export const remove = (body) => post("/sandbox/delete", body);

/** Sends `file` as a photo with a caption, or as it is; replyTo: a message's id or null. */
export function photo(person, chat, { file, caption, asFile }, replyTo) {
  const form = new FormData();
  form.append("person", person);
  form.append("chat", chat);
  form.append("caption", caption);
  if (asFile) form.append("as_file", "true");
  if (replyTo) form.append("reply_to", replyTo);
  form.append("photo", file, file.name);
  return call("/sandbox/photo", { method: "POST", body: form });
}

/**
 * Server-Sent Events for one person, kept alive: a lost stream is opened again after the last event seen.
 *
 * onEvent(event) for each, onOpen() after each (re)connection, onLost() once for each loss.
 */
export class Stream {
  /** The number of the newest event seen; null before the first. */
  sequence = null;
  #person;
  #listeners;
  #source = null;
  #timer = null;
  #failures = 0;

  constructor(person, listeners) {
    this.#person = person;
    this.#listeners = listeners;
    this.#connect();
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #connect() {
    const parameters = new URLSearchParams({ person: this.#person });
    if (this.sequence !== null) parameters.set("after", this.sequence);
    const source = new EventSource(`/sandbox/events?${parameters}`);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#listeners.onOpen();
    };
    source.onmessage = (incoming) => {
      const event = JSON.parse(incoming.data);
      this.sequence = event.seq;
      this.#listeners.onEvent(event);
    };
    source.onerror = () => this.#lost();
  }

  #lost() {
    this.#source.close();
    if (this.#failures === 0) this.#listeners.onLost();
    const wait = RETRY_MILLISECONDS[Math.min(this.#failures, RETRY_MILLISECONDS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
