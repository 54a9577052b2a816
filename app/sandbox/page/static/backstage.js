/** Behind the scenes: who holds the phone, how they write, and what happened. */

import { byId, el, memory, on } from "./dom.js";
import { avatar, nameOf, titleOf } from "./people.js";
import { showExchange } from "./timeline.js";

const MOST_CHATS = 30;
const DESK = matchMedia("(min-width: 820px)");

/** The panel; `phone` is told who shall write and how. */
export class Backstage {
  constructor(sandbox, phone) {
    this.sandbox = sandbox;
    this.phone = phone;
    on("faults", "toggle", () => this.#loadFaults(), { once: true });
    on("behind", "click", () => this.#open(byId("backstage").hidden));
    on("hide", "click", () => this.#hide());
    on("backstage", "keydown", (event) => event.key === "Escape" && this.#hide());
    on("new-customer", "click", () => phone.addCustomer());
    on("new-group", "click", () => phone.addGroup());
    on("speaker", "change", () => phone.speakAs(byId("speaker").value));
    on("reset", "click", () => sandbox.reset().catch((error) => phone.complain(error.message)));
    on("colleague", "submit", (event) => this.#writeAsColleague(event));
    on("services", "change", (event) => phone.useService(event.target.value));
    this.#show(memory.get("backstage") ?? DESK.matches);
  }

  /** Shows what is now. */
  show() {
    const { chat, chats, me, service } = this.phone;
    const shown = chats.slice(0, MOST_CHATS);
    const focused = document.activeElement?.dataset.chat;
    byId("chats").replaceChildren(...shown.map((one) => this.#entry(one)));
    if (focused) byId("chats").querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
    if (chats.length > MOST_CHATS) byId("chats").append(el("li", { className: "quiet" }, `and ${chats.length - MOST_CHATS} more`));
    for (const radio of document.getElementsByName("service")) radio.checked = radio.value === service;
    byId("group-settings").hidden = !chat.is_group;
    const options = chat.people.map((value) => el("option", { value, selected: value === me }, nameOf(value)));
    byId("speaker").replaceChildren(...options);
    for (const control of byId("colleague").elements) control.disabled = !chat.id;
    const { length } = this.sandbox.armed;
    byId("armed").textContent = length ? `${length} to come` : "";
    showExchange(this.sandbox, chat);
  }

  #entry(chat) {
    const unread = this.phone.unread(chat);
    const last = this.sandbox.messages(chat).at(-1);
    const preview = last ? last.text || (last.memo ? "Voice memo" : "…") : "Nothing written yet";
    const button = el(
      "button",
      { "aria-current": String(chat.key === this.phone.current), "data-chat": chat.key },
      avatar(chat),
      el("span", { className: "words" }, el("span", {}, titleOf(chat)), el("small", {}, preview)),
      unread ? el("span", { className: "unread" }, unread, el("span", { className: "sr" }, " new")) : null,
    );
    button.addEventListener("click", () => this.phone.select(chat.key));
    return el("li", {}, button);
  }

  async #writeAsColleague(event) {
    event.preventDefault();
    const field = byId("colleague-text");
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    try {
      await this.phone.writeAsColleague(text);
    } catch (error) {
      field.value ||= text;
      this.phone.complain(`Not sent: ${error.message}.`);
    }
  }

  async #loadFaults() {
    const { Faults } = await import("./faults.js");
    new Faults(this.sandbox, (problem) => this.phone.complain(problem));
  }

  #hide() {
    this.#open(false);
    byId("behind").focus();
  }

  #open(opens) {
    memory.set("backstage", opens);
    this.#show(opens);
  }

  #show(opens) {
    byId("backstage").hidden = !opens;
    byId("behind").setAttribute("aria-expanded", opens);
  }
}
