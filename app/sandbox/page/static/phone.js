/** The phone: whose it is, what it shows, and what it sends. */

import { Backstage } from "./backstage.js";
import { Composer } from "./composer.js";
import { byId, el, icon, memory, on } from "./dom.js";
import { Log } from "./log.js";
import { BOT, nameOf, people, readable } from "./people.js";
import { Sandbox } from "./sandbox.js";

const MENTION = "@bot";

class Phone {
  #drafts = []; // chats in which nothing has been written yet
  #shown = memory.get("chat") ?? direct(people[0]); // what is left of the chat after a reset
  #speakers = new Map(); // chat key → who writes, in groups
  #services = new Map(); // chat key → the service that was chosen
  #unread = new Map();
  #sending = Promise.resolve();

  constructor() {
    this.sandbox = new Sandbox();
    this.log = new Log((message, button) => this.#react(message, button));
    this.composer = new Composer((content) => this.#send(content));
    this.#drafts.push(this.#shown);
    this.current = this.#shown.key;
    this.backstage = new Backstage(this.sandbox, this);
    this.sandbox.addEventListener("fresh", () => this.#choose());
    this.sandbox.addEventListener("change", ({ detail }) => this.#update(detail));
    this.sandbox.addEventListener("connection", ({ detail }) => showConnection(detail.lost));
    on("suggestions", "click", ({ target }) => target.matches("button") && this.#send({ text: target.textContent }));
    this.backstage.show();
    this.sandbox.open();
  }

  /** The chat that is shown. */
  get chat() {
    return this.chats.find(({ key }) => key === this.current);
  }

  /** All chats, drafts first, then the latest. */
  get chats() {
    const known = [...this.sandbox.chats.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    return [...this.#drafts.filter(({ key }) => !this.sandbox.chats.has(key)), ...known];
  }

  /** Whose phone it is. */
  get me() {
    return this.#speakers.get(this.current) ?? this.chat.people[0];
  }

  get service() {
    return this.#services.get(this.current) ?? this.chat.service;
  }

  unread(chat) {
    return this.#unread.get(chat.id) ?? 0;
  }

  complain(problem) {
    this.composer.complain(problem);
  }

  select(key) {
    this.current = key;
    const { chat } = this;
    this.#unread.delete(chat.id);
    this.#shown = { key, people: chat.people, is_group: chat.is_group, service: chat.service };
    memory.set("chat", this.#shown);
    this.log.show(this.sandbox.messages(chat), this.me, chat.is_group);
    this.#update({});
  }

  speakAs(address) {
    this.#speakers.set(this.current, address);
    this.select(this.current);
  }

  useService(service) {
    this.#services.set(this.current, service);
    this.#update({});
  }

  addCustomer() {
    this.#begin(direct(people.find((person) => this.chats.every(({ key }) => key !== person)) ?? people[0]));
  }

  addGroup() {
    const number = this.chats.filter((chat) => chat.is_group).length + 1;
    this.#begin({ key: `Group ${number}`, people: people.slice(0, 3), is_group: true, service: "iMessage" });
  }

  /** A colleague writes into this chat, past the bot. */
  writeAsColleague(text) {
    return this.sandbox.writeAsColleague({ chat: this.chat.id, text });
  }

  async #react(message, button) {
    const { chat, me } = this;
    const { choose } = await import("./reactions.js");
    choose(button, message, me, (kind, adds) => {
      const event_type = adds ? "reaction.added" : "reaction.removed";
      const reaction = { event_type, target: message.id, reaction_type: kind };
      this.sandbox.write({ chat: chat.id, from: me, ...reaction }).catch((error) => this.complain(`No reaction: ${error.message}.`));
    });
  }

  #begin(draft) {
    this.#drafts.unshift(draft);
    this.select(draft.key);
    this.composer.focus();
  }

  /** After all was loaded anew: the chat of before, or the latest, or the draft that is open. */
  #choose() {
    this.#unread.clear();
    this.#drafts = [this.#shown];
    this.select(this.sandbox.chats.has(this.current) ? this.current : this.chats.at(-this.sandbox.chats.size).key);
  }

  #update({ changed = [], arrived = [] }) {
    const { chat, service } = this;
    this.log.change(() => {
      for (const message of changed) if (message.chat_id === chat.id) this.log.put(message);
      this.log.showReceipt((message) => receipt(message, this.sandbox.attempts(message.id), chat.read_at));
      this.log.showTyping(chat.typing);
    });
    for (const { chat_id: id, direction } of arrived) {
      if (id !== chat.id && direction === "outbound") this.#unread.set(id, this.unread({ id }) + 1);
    }
    const others = chat.people.filter((address) => address !== this.me).map(nameOf);
    const about = chat.is_group ? `${chat.people.length + 1} people` : readable(this.sandbox.line ?? "");
    byId("title").textContent = chat.is_group ? (chat.display_name ?? [BOT, ...others].join(", ")) : BOT;
    byId("subtitle").textContent = about ? `${about} · ${service}` : service;
    byId("stage").dataset.service = service;
    byId("text").placeholder = service === "iMessage" ? service : `Text message · ${service}`;
    this.backstage.show();
  }

  /** One after the other, so that words arrive in the order in which they were written. */
  #send({ text, file }) {
    const { chat, me, service } = this;
    const mention = Boolean(text && chat.is_group && byId("mention").checked);
    const where = { chat: chat.id ?? chat.key, from: me, service, group: chat.is_group, members: chat.is_group ? chat.people : [] };
    this.#sending = this.#sending.then(async () => {
      try {
        const what = file
          ? { audio_base64: await base64(file), filename: file.name, mime_type: file.type }
          : { text: mention ? `${MENTION} ${text}` : text, mention };
        const answer = await this.sandbox.write({ ...where, ...what });
        if (answer.dropped) throw new Error("this number is blocked");
      } catch (error) {
        this.composer.giveBack(text ?? "", `Not sent: ${error.message}.`);
      }
    });
  }
}

function direct(person) {
  return { key: person, people: [person], is_group: false, service: "iMessage" };
}

/** The line under an own message that says how far it came. */
function receipt(message, attempts, readAt) {
  const line = (words, look = "") => el("p", { className: `state ${look}` }, words);
  if (readAt >= message.at) return line("Read");
  if (message.acknowledged_number) return line("Delivered");
  const last = attempts.at(-1);
  if (!last) return line("Sent");
  const cause = last.status ? `the bot answered ${last.status}` : `the bot cannot be reached (${last.error})`;
  return line(`${last.final ? "Not delivered" : "Trying again"}: ${cause}`, "bad");
}

function showConnection(lost) {
  const words = lost ? "Connection lost – trying again…" : "";
  if (byId("connection").textContent !== words) byId("connection").textContent = words;
}

async function base64(file) {
  const reader = new FileReader();
  reader.readAsDataURL(file);
  await new Promise((resolve) => (reader.onloadend = resolve));
  if (reader.error) throw new Error("the file cannot be read");
  return reader.result.slice(reader.result.indexOf(",") + 1);
}

/** Phones whose keyboard lies over the page: the page ends where the keyboard begins. */
function keepAboveKeyboard() {
  const view = window.visualViewport;
  if (!view || !matchMedia("(pointer: coarse)").matches) return;
  view.addEventListener("resize", () => {
    document.documentElement.style.setProperty("--screen", `${view.height}px`);
    scrollTo(0, 0);
  });
}

for (const place of document.querySelectorAll("[data-icon]")) place.append(icon(place.dataset.icon));
keepAboveKeyboard();
new Phone();
