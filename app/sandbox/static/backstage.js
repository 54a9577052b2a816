/** Behind the scenes: who holds the phone, how they write, and what happened. */

import { postReset } from "./api.js";
import { byId, el, memory } from "./dom.js";
import { Faults } from "./faults.js";
import { avatar, nameOf, titleOf } from "./people.js";
import { showExchange } from "./timeline.js";

const MOST_CHATS = 30;
const WIDE = matchMedia("(min-width: 820px)");

/** The panel; `phone` is told who shall write and how. */
export class Backstage {
  #drawing = false;

  constructor(store, phone) {
    this.store = store;
    this.phone = phone;
    this.faults = new Faults(store, (problem) => phone.complain(problem));
    byId("behind").addEventListener("click", () => this.#open(byId("backstage").hidden));
    byId("hide").addEventListener("click", () => this.#hide());
    byId("backstage").addEventListener("keydown", (event) => event.key === "Escape" && this.#hide());
    byId("new-customer").addEventListener("click", () => phone.addCustomer());
    byId("new-group").addEventListener("click", () => phone.addGroup());
    byId("speaker").addEventListener("change", () => phone.speakAs(byId("speaker").value));
    byId("reset").addEventListener("click", () => postReset().catch((error) => phone.complain(error.message)));
    for (const radio of this.#services()) radio.addEventListener("change", () => phone.useService(radio.value));
    store.addEventListener("exchange", ({ detail }) => detail.chat === phone.chat.id && this.#drawSoon());
    this.#open(memory.get("backstage", WIDE.matches), false);
  }

  /** Shows the chats, the chosen one, and how its people write. */
  show() {
    const { chat, chats, me, service } = this.phone;
    const shown = chats.slice(0, MOST_CHATS);
    const focused = document.activeElement?.dataset?.chat;
    byId("chats").replaceChildren(...shown.map((one) => this.#entry(one)));
    if (focused) byId("chats").querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
    if (chats.length > MOST_CHATS) byId("chats").append(el("li", { className: "hint" }, `and ${chats.length - MOST_CHATS} more`));
    for (const radio of this.#services()) radio.checked = radio.value === service;
    byId("group-settings").hidden = !chat.is_group;
    const options = chat.people.map((value) => el("option", { value, selected: value === me }, nameOf(value)));
    byId("speaker").replaceChildren(...options);
    this.#drawSoon();
  }

  #entry(chat) {
    const unread = this.phone.unread(chat.id);
    const last = this.store.messages(chat.id).at(-1);
    const preview = last ? (last.memo ? "Voice memo" : last.text || "File") : "Nothing written yet";
    const button = el(
      "button",
      { type: "button", "aria-current": String(chat.id === this.phone.chat.id), "data-chat": chat.id },
      avatar(chat),
      el("span", { className: "words" }, el("span", {}, titleOf(chat)), el("span", {}, preview)),
      unread ? el("span", { className: "unread" }, String(unread), el("span", { className: "sr" }, " new")) : null,
    );
    button.addEventListener("click", () => this.phone.select(chat.id));
    return el("li", {}, button);
  }

  /** Draws the exchange at most once a frame, however many events come. */
  #drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      showExchange(this.store, this.phone.chat.id);
    }, 50);
  }

  #hide() {
    this.#open(false);
    byId("behind").focus();
  }

  #open(opens, remembers = true) {
    byId("backstage").hidden = !opens;
    byId("behind").setAttribute("aria-expanded", String(opens));
    if (remembers) memory.set("backstage", opens);
  }

  #services() {
    return document.querySelectorAll('input[name="service"]');
  }
}
