/** The conversation: rows in order, runs of one speaker, and a view that stays where one reads. */

import { row, stamp } from "./bubbles.js";
import { byId, el } from "./dom.js";
import { BOT, nameOf } from "./people.js";

const PAUSE = 15 * 60_000; // milliseconds of silence after which the time is shown again
const RUN = 60_000;
const PAGE = 250; // rows shown at once; older ones on demand
const NEAR = 80; // pixels from the end that still count as the end

/** Shows one chat. `receipt(message)` says how far an own message came. */
export class Log {
  #items = [];
  #rows = new Map();
  #older = [];
  #receipted = null;
  #wasAtEnd = true;

  constructor(memos, receipt) {
    this.memos = memos;
    this.receipt = receipt;
    this.root = byId("log");
    this.scroller = byId("scroller");
    this.typing = byId("typing");
    byId("earlier").addEventListener("click", () => this.#showEarlier());
    byId("newest").addEventListener("click", () => this.toEnd());
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#wasAtEnd && this.toEnd()).observe(this.scroller);
  }

  /** Begins anew with these messages; `me` is the address whose words stand on the right. */
  show(messages, me, isGroup) {
    this.memos.clear();
    this.me = me;
    this.isGroup = isGroup;
    this.#rows.clear();
    this.#receipted = null;
    this.#items = messages.slice(-PAGE);
    this.#older = messages.slice(0, -PAGE);
    this.root.setAttribute("aria-busy", "true");
    this.root.replaceChildren(...this.#items.map((message) => this.#row(message)));
    this.#items.forEach((_, index) => this.#arrange(index));
    this.#count();
    this.showReceipt();
    this.toEnd();
    requestAnimationFrame(() => this.root.removeAttribute("aria-busy"));
  }

  /** Adds a message or renews it where it stands. */
  put(message, live) {
    const index = this.#items.findIndex((known) => known.id === message.id);
    if (index >= 0) this.#renew(index, message);
    else this.#insert(message, live);
    this.#count();
    this.showReceipt();
  }

  /** Shows or hides the dots. */
  showTyping(shows) {
    const atEnd = this.#isAtEnd();
    if (shows === this.typing.hasChildNodes()) return;
    const dots = el("span", { className: "bubble", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.typing.replaceChildren(...(shows ? [el("span", { className: "sr" }, `${BOT} is typing…`), dots] : []));
    if (atEnd) this.toEnd();
  }

  /** Writes under the last own message how far it came. */
  showReceipt() {
    const last = this.#items.findLast((message) => this.#isMine(message));
    this.#receipted?.remove();
    this.#receipted = last ? this.receipt(last) : null;
    if (this.#receipted) this.#rows.get(last.id).append(this.#receipted);
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#wasAtEnd = true;
    byId("newest").hidden = true;
  }

  #insert(message, live) {
    const atEnd = this.#isAtEnd();
    let index = this.#items.length;
    while (index > 0 && comesBefore(message, this.#items[index - 1])) index -= 1;
    const next = this.#items[index];
    this.#items.splice(index, 0, message);
    this.root.insertBefore(this.#row(message), next ? this.#rows.get(next.id) : null);
    for (const near of [index - 1, index, index + 1]) this.#arrange(near);
    if (live) this.#rows.get(message.id).classList.add("live");
    if (atEnd || (live && this.#isMine(message))) this.toEnd();
    else if (live) byId("newest").hidden = false;
  }

  #renew(index, message) {
    const before = this.#items[index];
    this.#items[index] = message;
    const old = this.#rows.get(message.id);
    if (JSON.stringify(before.parts) !== JSON.stringify(message.parts) || !before.memo !== !message.memo) {
      const fresh = this.#row(message);
      old.replaceWith(fresh);
    }
    if (before.position !== message.position) this.#settle(index);
    for (let near = index - 1; near <= index + 1; near += 1) this.#arrange(near);
  }

  /** Puts a message that has just got its position where it belongs. */
  #settle(index) {
    const [message] = this.#items.splice(index, 1);
    let place = this.#items.length;
    while (place > 0 && comesBefore(message, this.#items[place - 1])) place -= 1;
    const next = this.#items[place];
    this.#items.splice(place, 0, message);
    if (place === index) return;
    this.root.insertBefore(this.#rows.get(message.id), next ? this.#rows.get(next.id) : null);
    for (let near = Math.min(place, index) - 1; near <= Math.max(place, index) + 1; near += 1) this.#arrange(near);
  }

  #row(message) {
    const quoted = message.reply_to ? this.#items.find(({ id }) => id === message.reply_to.message_id) : null;
    const node = row(message, { isMine: this.#isMine(message), memos: this.memos, quoted: quoted?.text?.slice(0, 80) });
    this.#rows.set(message.id, node);
    return node;
  }

  /** Time, name and the shape of the bubble follow from the neighbours. */
  #arrange(index) {
    const message = this.#items[index];
    if (!message) return;
    const node = this.#rows.get(message.id);
    const [before, after] = [this.#items[index - 1], this.#items[index + 1]];
    const begins = !before || before.from !== message.from || gap(before, message) > RUN;
    const shown = [];
    if (!before || gap(before, message) > PAUSE) shown.push(stamp(message.at));
    if (begins && this.isGroup && !this.#isMine(message)) {
      shown.push(el("p", { className: "who", "aria-hidden": "true" }, message.direction === "outbound" ? BOT : nameOf(message.from)));
    }
    node.querySelectorAll(".stamp, .who").forEach((old) => old.remove());
    node.prepend(...shown);
    node.classList.toggle("begins", begins);
    node.classList.toggle("ends", !after || after.from !== message.from || gap(message, after) > RUN);
    node.classList.toggle("waiting", Boolean(message.pending));
  }

  #showEarlier() {
    const { scrollHeight, scrollTop } = this.scroller;
    const more = this.#older.splice(-PAGE);
    this.#items.unshift(...more);
    this.root.prepend(...more.map((message) => this.#row(message)));
    for (let index = 0; index <= more.length; index += 1) this.#arrange(index);
    this.#count();
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  #count() {
    byId("earlier").hidden = this.#older.length === 0;
    byId("intro").hidden = this.#items.length > 0;
  }

  #isMine(message) {
    return message.direction === "inbound" && message.from === this.me;
  }

  #scrolled() {
    this.#wasAtEnd = this.#isAtEnd();
    if (this.#wasAtEnd) byId("newest").hidden = true;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }
}

function comesBefore(message, other) {
  return (message.position ?? Infinity) < (other.position ?? Infinity);
}

function gap(earlier, later) {
  return new Date(later.at) - new Date(earlier.at);
}
