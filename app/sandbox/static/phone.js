/** The phone: whose it is, what it shows, and what it sends. */

import { postInbound } from "./api.js";
import { Backstage } from "./backstage.js";
import { Composer } from "./composer.js";
import { byId, el, memory } from "./dom.js";
import { Feed } from "./feed.js";
import { Log } from "./log.js";
import { Memos } from "./memo.js";
import { BOT, nameOf, people, readable } from "./people.js";
import { Store } from "./store.js";

const MENTION = "@bot";

class Phone {
  #drafts = [];
  #current = null;
  #speakers = new Map(); // chat id → who writes, in groups
  #services = new Map(); // chat id → the service that was chosen
  #unread = new Map();
  #sending = Promise.resolve();

  constructor() {
    this.store = new Store();
    this.log = new Log(new Memos(), (message) => this.#receipt(message));
    this.composer = new Composer((content) => this.#send(content));
    this.#draft(memory.get("people", [people[0].number]));
    this.backstage = new Backstage(this.store, this);
    this.feed = new Feed(this.store, (lost) => this.#showConnection(lost));
    this.store.addEventListener("all", () => this.#begin());
    this.store.addEventListener("chats", () => this.#refresh());
    this.store.addEventListener("message", ({ detail }) => this.#take(detail));
    this.store.addEventListener("exchange", ({ detail }) => detail.chat === this.#current && this.log.showReceipt());
    this.store.addEventListener("typing", ({ detail }) => detail.chat === this.#current && this.#showTyping());
    for (const chip of byId("suggestions").querySelectorAll("button")) {
      chip.addEventListener("click", () => this.#send({ text: chip.textContent }));
    }
    this.feed.open();
  }

  /** The chat that is shown; a draft until something is written in it. */
  get chat() {
    return this.store.chats.get(this.#current) ?? this.#drafts.find(({ id }) => id === this.#current);
  }

  /** All chats, the latest first, drafts before them. */
  get chats() {
    const known = [...this.store.chats.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    return [...this.#drafts, ...known];
  }

  /** Whose phone it is. */
  get me() {
    return this.#speakers.get(this.#current) ?? this.chat.people[0];
  }

  get service() {
    return this.#services.get(this.#current) ?? this.chat.service;
  }

  unread(id) {
    return this.#unread.get(id) ?? 0;
  }

  complain(problem) {
    this.composer.complain(problem);
  }

  select(id) {
    this.#current = id;
    this.#unread.delete(id);
    memory.set("people", this.chat.people);
    memory.set("chat", id);
    this.log.show(this.store.messages(id), this.me, this.chat.is_group);
    this.#showTyping();
    this.#refresh();
  }

  speakAs(address) {
    this.#speakers.set(this.#current, address);
    this.select(this.#current);
  }

  useService(service) {
    this.#services.set(this.#current, service);
    this.#refresh();
  }

  addCustomer() {
    const taken = new Set(this.chats.filter((chat) => !chat.is_group).map((chat) => chat.people[0]));
    const free = people.find(({ number }) => !taken.has(number)) ?? people[0];
    this.select(this.#draft([free.number]).id);
    this.composer.focus();
  }

  addGroup() {
    this.select(this.#draft(people.slice(0, 3).map(({ number }) => number)).id);
    this.composer.focus();
  }

  #draft(addresses) {
    const id = `draft:${addresses.join("+")}`;
    const known = this.#drafts.find((draft) => draft.id === id);
    const draft = known ?? { id, people: addresses, is_group: addresses.length > 1, service: "iMessage" };
    if (!known) this.#drafts.unshift(draft);
    this.#current ??= id;
    return draft;
  }

  /** After everything was loaded anew: the chat of last time, else the same people's, else the latest. */
  #begin() {
    const remembered = memory.get("people", []);
    const same = (chat) => chat.people.join() === remembered.join();
    const chats = this.chats.filter((chat) => this.store.chats.has(chat.id));
    const chosen = this.store.chats.get(memory.get("chat")) ?? chats.find(same) ?? chats[0] ?? this.#drafts[0] ?? this.#draft(remembered);
    this.#unread.clear();
    this.select(chosen.id);
  }

  #refresh() {
    for (const draft of this.#drafts.filter((one) => !one.is_group)) {
      const real = this.chats.find((chat) => chat !== draft && !chat.is_group && chat.people[0] === draft.people[0]);
      if (real) this.#adopt(draft, real.id);
    }
    if (!this.chat) return;
    const { chat } = this;
    const others = chat.people.filter((address) => address !== this.me).map(nameOf);
    byId("title").textContent = chat.is_group ? (chat.display_name ?? [BOT, ...others].join(", ")) : BOT;
    byId("subtitle").textContent = [chat.is_group ? `${chat.people.length + 1} people` : this.#line(), this.service].filter(Boolean).join(" · ");
    byId("phone").dataset.service = this.service;
    byId("backstage").dataset.service = this.service;
    byId("text").placeholder = this.service === "iMessage" ? "iMessage" : `Text message · ${this.service}`;
    this.backstage.show();
  }

  #line() {
    return this.store.line ? readable(this.store.line) : null;
  }

  /** A draft has become a chat: its messages and its choices move over. */
  #adopt(draft, id) {
    this.#drafts = this.#drafts.filter((one) => one !== draft);
    for (const choices of [this.#services, this.#speakers]) {
      if (choices.has(draft.id)) choices.set(id, choices.get(draft.id));
    }
    const isShown = this.#current === draft.id;
    if (isShown) this.#current = id;
    this.store.move(draft.id, id);
    draft.became = id;
    if (!isShown) return;
    memory.set("chat", id);
    for (const message of this.store.messages(id)) this.log.put(message, false);
    this.#showTyping();
  }

  #take({ message, live }) {
    if (message.chat_id === this.#current) this.log.put(message, live);
    else if (live && message.direction === "outbound") this.#unread.set(message.chat_id, this.unread(message.chat_id) + 1);
    if (live) this.backstage.show();
  }

  #send({ text, file }) {
    const { chat, me, service } = this;
    const words = text && chat.is_group && byId("mention").checked ? `${MENTION} ${text}` : text;
    const message = {
      id: uuid(),
      chat_id: chat.id,
      direction: "inbound",
      from: me,
      service,
      parts: [file ? { type: "media", filename: file.name, size_bytes: file.size } : { type: "text", value: words }],
      text: words ?? "",
      at: new Date().toISOString(),
      pending: true,
    };
    const mention = words !== text;
    this.store.put(message);
    this.#sending = this.#sending.then(() => this.#post(chat, message, { file, mention }));
  }

  async #post(chat, message, { file, mention }) {
    const known = chat.became ?? (this.store.chats.has(chat.id) ? chat.id : null);
    const where = known ? { chat_id: known } : chat.is_group ? { group: true, members: chat.people } : {};
    try {
      const what = file
        ? { audio_base64: await base64(file), filename: file.name, mime_type: file.type || "application/octet-stream" }
        : { text: message.text, mention };
      const answer = await postInbound({ message_id: message.id, from: message.from, service: message.service, ...where, ...what });
      if (answer.dropped) throw new Error("This number is blocked");
      if (!known && !chat.became) this.#adopt(chat, answer.chat_id);
      this.store.put({ ...message, chat_id: answer.chat_id, pending: false });
    } catch (error) {
      const again = () => {
        this.store.put({ ...message, chat_id: chat.became ?? chat.id });
        this.#sending = this.#sending.then(() => this.#post(chat, message, { file, mention }));
      };
      this.store.put({ ...message, chat_id: chat.became ?? chat.id, pending: false, problem: { words: error.message, again } });
    }
  }

  /** How far an own message came, as a line under it. */
  #receipt(message) {
    if (message.problem) {
      const again = el("button", { type: "button" }, "Try again");
      again.addEventListener("click", message.problem.again);
      return el("p", { className: "state bad" }, `Not sent: ${message.problem.words}. `, again);
    }
    const { words, bad } = progress(message, this.store.attempts(message.id), this.chat?.read_at);
    return el("p", { className: bad ? "state bad" : "state" }, words);
  }

  #showTyping() {
    this.log.showTyping(this.store.isTyping(this.#current));
  }

  #showConnection(lost) {
    const words = lost ? "Connection lost – trying again…" : "";
    if (byId("connection").textContent !== words) byId("connection").textContent = words;
  }
}

function progress(message, attempts, readAt) {
  if (message.pending) return { words: "Sending…" };
  if (readAt && readAt >= message.at) return { words: "Read" };
  if (message.acknowledged_number || attempts.some(({ status }) => status >= 200 && status < 300)) return { words: "Delivered" };
  const last = attempts.at(-1);
  if (!last) return { words: "Sent" };
  const cause = last.status ? `the bot answered ${last.status}` : `the bot cannot be reached (${last.error})`;
  return last.final ? { words: `Not delivered: ${cause}`, bad: true } : { words: `Trying again: ${cause}` };
}

/** A random UUID; browsers offer their own on secure pages only. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error("The file cannot be read"));
    reader.readAsDataURL(file);
  });
}

/** Phones whose keyboard lies over the page: the page ends where the keyboard begins. */
function keepAboveKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    document.documentElement.style.setProperty("--screen", `${view.height}px`);
    scrollTo(0, 0);
  };
  if (matchMedia("(pointer: coarse)").matches) view.addEventListener("resize", fit);
}

keepAboveKeyboard();
new Phone();
