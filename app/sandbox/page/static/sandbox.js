/** What the page knows of the sandbox: fetched whenever the live feed says that something changed. */

const KINDS = ["read", "open", "message", "chat", "typing", "status", "delivery", "faults", "reset"];
const PATIENCE = 1200; // milliseconds before a lost connection is worth a word
const RETRY = 2000;
const LONGEST_TYPING = 90_000;

/** Tells its listeners `fresh` (all is new), `change` {changed, arrived: messages} and `connection` {lost}. */
export class Sandbox extends EventTarget {
  chats = new Map(); // by key
  armed = []; // faults that are still to come
  line = null;
  target = undefined; // where the webhooks go; null: nowhere
  #revision = 0;
  #startedAt = null;
  #messages = new Map(); // chat id → message id → message
  #attempts = new Map(); // message id → webhook attempts
  #uploads = new Map(); // attachment id → when it was uploaded
  #typing = new Map(); // chat key → when the dots began to show, in milliseconds of the epoch
  #source = null;
  #fetching = Promise.resolve(); // the last fetch that has begun
  #next = null; // the one that begins when it ends
  #complaint = null;

  /** Connects to the feed, which from then on comes back by itself. */
  open() {
    this.#source?.close();
    this.#source = new EventSource("/_sandbox/events");
    this.#source.addEventListener("error", () => this.#lose());
    for (const kind of KINDS) this.#source.addEventListener(kind, () => this.sync());
  }

  /**
   * Fetches what changed since the last time; while that is under way, further calls become one.
   * Done once all that was so at the call is known.
   */
  sync() {
    this.#next ??= this.#fetching.then(() => {
      this.#next = null;
      return (this.#fetching = this.#fetch());
    });
    return this.#next;
  }

  /** The chat's messages in order. */
  messages(chat) {
    return [...(this.#messages.get(chat.id)?.values() ?? [])].sort((a, b) => a.position - b.position);
  }

  /** The webhook attempts that told the bot of a message. */
  attempts(message) {
    return this.#attempts.get(message) ?? [];
  }

  uploadedAt(attachment) {
    return this.#uploads.get(attachment);
  }

  /** When the dots last began to show, in milliseconds of the epoch. */
  typedAt(chat) {
    return this.#typing.get(chat.key);
  }

  /** Somebody writes; Error with the reason when the sandbox refuses. */
  write(message) {
    return call("POST", "inbound", message);
  }

  /** A colleague writes on the line; Error with the reason when the sandbox refuses. */
  writeAsColleague(message) {
    return call("POST", "outbound", message);
  }

  reset() {
    return call("POST", "reset");
  }

  /** Sets a fault; Error with the reason when the sandbox refuses. */
  async arm(fault) {
    await call("POST", "faults", fault);
    await this.sync();
  }

  /** Takes back faults that are armed; Error with the reason when the sandbox refuses. */
  async disarm(faults) {
    await Promise.all(faults.map(({ id }) => call("DELETE", `faults/${id}`)));
    await this.sync();
  }

  async #fetch() {
    try {
      const state = await call("GET", `state?since=${this.#revision}`);
      const other = state.started_at !== this.#startedAt || state.revision < this.#revision;
      this.#load(other ? await call("GET", "state") : state, other);
      clearTimeout(this.#complaint);
      this.#complaint = null;
      this.#tell("connection", { lost: false });
    } catch {
      this.#lose();
    }
  }

  #load(state, fresh) {
    if (fresh) for (const known of [this.#messages, this.#attempts, this.#uploads, this.#typing]) known.clear();
    this.#startedAt = state.started_at;
    this.#revision = state.revision;
    this.line = state.line ?? state.chats[0]?.line ?? this.line;
    this.target = state.webhook_target;
    this.armed = state.faults.filter(({ count, triggered }) => count === null || triggered < count);
    const chats = state.chats.map((chat) => ({ ...chat, key: keyOf(chat) }));
    for (const chat of chats) this.#noteTyping(chat, fresh);
    this.chats = new Map(chats.map((chat) => [chat.key, chat]));
    for (const upload of state.uploads) this.#uploads.set(upload.attachment_id, upload.uploaded_at);
    for (const attempt of state.deliveries) {
      if (attempt.event_type !== "message.received") continue;
      this.#attempts.set(attempt.message_id, [...this.attempts(attempt.message_id), attempt]);
    }
    const arrived = state.messages.filter((message) => this.#keep(message));
    if (fresh) this.#tell("fresh");
    else this.#tell("change", { changed: state.messages, arrived });
  }

  /** Says whether the message is new. */
  #keep(message) {
    if (!this.#messages.has(message.chat_id)) this.#messages.set(message.chat_id, new Map());
    const chat = this.#messages.get(message.chat_id);
    const isNew = !chat.has(message.id);
    chat.set(message.id, message);
    return isNew;
  }

  #noteTyping(chat, fresh) {
    if (!chat.typing || this.chats.get(chat.key)?.typing) return;
    if (!fresh) this.#typing.set(chat.key, Date.now());
    setTimeout(() => this.sync(), LONGEST_TYPING); // The end of an indicator is no event.
  }

  #lose() {
    this.#complaint ??= setTimeout(() => this.#tell("connection", { lost: true }), PATIENCE);
    const source = this.#source;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === this.#source && this.open(), RETRY);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

/** What a chat is found by: its name, which is the number of whoever it is with. */
function keyOf({ id, name, people, is_group }) {
  return is_group && name === people[0] ? id : name;
}

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/_sandbox/${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(data?.error?.message ?? `the sandbox answered ${answer.status}`);
  return data;
}
