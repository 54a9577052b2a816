/** What the page knows of the sandbox; views listen to what changes. */

/**
 * Events: `all` (load anew), `message` {message, live}, `chats`, `typing` {chat}, `exchange` {chat}, `faults`.
 */
export class Store extends EventTarget {
  chats = new Map();
  faults = [];
  line = null;
  revision = 0;
  #startedAt = null;
  #messages = new Map(); // chat id → message id → message
  #attempts = new Map(); // message id → webhook attempts
  #typing = new Map(); // chat id → the timer that ends it
  #typed = new Map(); // chat id → when the indicator last began to show

  /** The chat's messages in order, those not yet accepted last. */
  messages(chat) {
    return [...(this.#messages.get(chat)?.values() ?? [])].sort(byPosition);
  }

  /** The webhook attempts that told the bot of a message, in order. */
  attempts(message) {
    return this.#attempts.get(message) ?? [];
  }

  isTyping(chat) {
    return this.#typing.has(chat);
  }

  /** When the typing indicator last began to show, in milliseconds of the epoch. */
  typedAt(chat) {
    return this.#typed.get(chat);
  }

  /** Takes the answer of /_sandbox/state over. */
  load(state) {
    const fresh = this.#startedAt === null || this.isForeign(state);
    if (fresh) this.clear();
    this.#startedAt = state.started_at;
    this.revision = state.revision;
    this.line = state.line ?? state.chats[0]?.line ?? this.line;
    this.target = state.webhook_target;
    this.chats = new Map(state.chats.map((chat) => [chat.id, chat]));
    for (const attempt of state.deliveries) this.#note(attempt);
    for (const message of state.messages) this.put(message, !fresh);
    for (const chat of state.chats) this.#showTyping(chat.id, chat.typing, 90);
    this.faults = state.faults;
    this.#tell("chats");
    this.#tell("faults");
    if (fresh) this.#tell("all");
  }

  /** Whether a state comes from another run than what is known, so that all of it is needed. */
  isForeign(state) {
    return this.#startedAt !== null && (state.started_at !== this.#startedAt || state.revision < this.revision);
  }

  clear() {
    for (const timer of this.#typing.values()) clearTimeout(timer);
    for (const known of [this.chats, this.#messages, this.#attempts, this.#typing, this.#typed]) known.clear();
    this.revision = 0;
    this.#startedAt = null;
  }

  /** Adds or renews a message; an older version of a known one is ignored. */
  put(message, live = true) {
    const chat = this.#messages.get(message.chat_id) ?? new Map();
    this.#messages.set(message.chat_id, chat);
    const known = chat.get(message.id);
    if (known && (known.revision ?? 0) > (message.revision ?? 0)) return;
    chat.set(message.id, { ...known, pending: false, problem: null, ...message });
    this.#tell("message", { message: chat.get(message.id), live: live && !known });
    this.#tell("exchange", { chat: message.chat_id });
  }

  /** Moves what was written before its chat existed into the chat. */
  move(from, to) {
    for (const message of this.messages(from)) {
      this.#messages.get(from).delete(message.id);
      if (!this.#messages.get(to)?.has(message.id)) this.put({ ...message, chat_id: to }, false);
    }
  }

  forget(message) {
    this.#messages.get(message.chat_id)?.delete(message.id);
  }

  /** Takes over an event of the feed; says whether its chat is known. */
  take(kind, data) {
    if (kind === "message") this.put(data);
    else if (kind === "status") this.#patch(data);
    else if (kind === "typing") this.#heed(data);
    else if (kind === "delivery") this.#deliver(data);
    else if (kind === "read") this.#read(data);
    else if (kind === "faults") this.setFaults(data.faults);
    return data.chat_id === undefined || data.chat_id === null || this.chats.has(data.chat_id);
  }

  setFaults(faults) {
    this.faults = faults;
    this.#tell("faults");
  }

  #patch(status) {
    const known = this.#messages.get(status.chat_id)?.get(status.id);
    if (known) this.put({ ...known, ...status });
  }

  #read(data) {
    const chat = this.chats.get(data.chat_id);
    if (chat) chat.read_at = data.read_at;
    this.#tell("exchange", { chat: data.chat_id });
  }

  #deliver(attempt) {
    this.#note(attempt);
    this.#tell("exchange", { chat: attempt.chat_id });
  }

  #note(attempt) {
    if (attempt.event_type !== "message.received") return;
    const known = this.#attempts.get(attempt.message_id) ?? [];
    const same = (other) => other.event_id === attempt.event_id && other.at === attempt.at && other.elapsed_ms === attempt.elapsed_ms;
    if (!known.some(same)) this.#attempts.set(attempt.message_id, [...known, attempt]);
  }

  #heed({ chat_id: chat, typing, expires_in: seconds }) {
    if (typing && !this.isTyping(chat)) this.#typed.set(chat, Date.now());
    this.#showTyping(chat, typing, seconds);
  }

  #showTyping(chat, shows, seconds) {
    if (!shows && !this.isTyping(chat)) return;
    clearTimeout(this.#typing.get(chat));
    if (shows) this.#typing.set(chat, setTimeout(() => this.#showTyping(chat, false), seconds * 1000));
    else this.#typing.delete(chat);
    this.#tell("typing", { chat });
    this.#tell("exchange", { chat });
  }

  #tell(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

function byPosition(a, b) {
  return (a.position ?? Infinity) - (b.position ?? Infinity) || a.at.localeCompare(b.at);
}
