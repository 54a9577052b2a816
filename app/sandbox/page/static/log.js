/** The conversation: rows in order, runs of one speaker, and a view that stays where one reads. */

import { row, showReactions, stamp } from "./bubbles.js";
import { byId, el, on } from "./dom.js";
import { Memos } from "./memo.js";
import { authorOf, BOT } from "./people.js";

const PAUSE = 15 * 60_000; // milliseconds of silence after which the time is shown again
const RUN = 60_000;
const PAGE = 250; // rows shown at once; older ones on demand
const NEAR = 80; // pixels from the end that still count as the end

/** Shows one chat. */
export class Log {
  #items = [];
  #rows = new Map();
  #older = [];
  #receipted = null;
  #atEnd = true;
  #memos = new Memos();

  /** `onReact(message, button)` hears that somebody wants to react. */
  constructor(onReact) {
    this.onReact = onReact;
    this.root = byId("log");
    this.scroller = byId("scroller");
    on("earlier", "click", () => this.#showEarlier());
    on("newest", "click", () => this.#toEnd());
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(this.scroller);
  }

  /** Begins anew with these messages; what the address `me` wrote stands on the right. */
  show(messages, me, isGroup) {
    this.me = me;
    this.isGroup = isGroup;
    this.#memos.began();
    this.#rows.clear();
    this.#items = messages.slice(-PAGE);
    this.#older = messages.slice(0, -PAGE);
    this.root.setAttribute("aria-busy", "true"); // Old messages are not read out.
    this.root.replaceChildren(...this.#items.map((message) => this.#row(message)));
    this.#arrange(0, this.#items.length);
    this.#toEnd();
    setTimeout(() => this.root.removeAttribute("aria-busy"));
  }

  /** Makes changes: the end stays in view where it was, and whoever reads above is left there. */
  change(make) {
    this.#scrolled(); // the event of a scroll may be still to come
    make();
    if (this.#atEnd) this.#toEnd();
  }

  /** Adds a message, or renews it where it stands. */
  put(message) {
    const index = this.#items.findIndex((known) => known.id === message.id);
    if (index < 0) return this.#insert(message);
    const isEdited = this.#items[index].text !== message.text;
    this.#items[index] = message;
    if (isEdited) this.#rows.get(message.id).replaceWith(this.#row(message));
    else showReactions(this.#rows.get(message.id), message);
    this.#arrange(index, index + 1);
  }

  /** Shows or hides the dots. */
  showTyping(shows) {
    const line = byId("typing");
    if (shows === line.hasChildNodes()) return;
    const dots = el("span", { className: "bubble", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    line.replaceChildren(...(shows ? [el("span", { className: "sr" }, `${BOT} is typing…`), dots] : []));
  }

  /** Writes under the last own message what `receipt(message)` says. */
  showReceipt(receipt) {
    const last = this.#items.findLast((message) => this.#isMine(message));
    const line = last ? receipt(last) : null;
    if (line?.textContent !== this.#receipted?.textContent || this.#rows.get(last?.id) !== this.#receipted?.parentNode) {
      this.#receipted?.remove();
      this.#receipted = line;
      if (line) this.#rows.get(last.id).append(line);
    }
  }

  #insert(message) {
    const later = this.#items.findIndex((item) => item.position > message.position);
    const index = later < 0 ? this.#items.length : later;
    const next = this.#items[index];
    const node = this.#row(message);
    node.classList.add("live");
    this.#items.splice(index, 0, message);
    this.root.insertBefore(node, next ? this.#rows.get(next.id) : null);
    this.#arrange(index - 1, index + 2);
    this.#atEnd ||= this.#isMine(message);
    byId("newest").hidden = this.#atEnd;
  }

  #row(message) {
    const current = () => this.#items.find(({ id }) => id === message.id);
    const node = row(message, this.#isMine(message), this.#memos, (button) => this.onReact(current(), button));
    this.#rows.set(message.id, node);
    return node;
  }

  /** Time, name and the shape of the bubbles from `start` to `end` follow from their neighbours. */
  #arrange(start, end) {
    for (let index = Math.max(0, start); index < Math.min(end, this.#items.length); index += 1) {
      const [before, message, after] = [this.#items[index - 1], this.#items[index], this.#items[index + 1]];
      const node = this.#rows.get(message.id);
      const begins = !isRun(before, message);
      node.querySelectorAll(".stamp, .who").forEach((old) => old.remove());
      const isNamed = this.isGroup || message.author === "colleague";
      if (begins && isNamed && !this.#isMine(message)) node.prepend(el("p", { className: "who", "aria-hidden": "true" }, authorOf(message)));
      if (!before || gap(before, message) > PAUSE) node.prepend(stamp(message.at));
      node.classList.toggle("begins", begins);
      node.classList.toggle("ends", !isRun(message, after));
    }
    byId("earlier").hidden = !this.#older.length;
    byId("intro").hidden = this.#items.length > 0;
  }

  #showEarlier() {
    const { scrollHeight, scrollTop } = this.scroller;
    const more = this.#older.splice(-PAGE);
    this.#items.unshift(...more);
    this.root.prepend(...more.map((message) => this.#row(message)));
    this.#arrange(0, more.length + 1);
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  #isMine(message) {
    return message.direction === "inbound" && message.from === this.me;
  }

  #toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    byId("newest").hidden = true;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#atEnd) byId("newest").hidden = true;
  }
}

function isRun(earlier, later) {
  return Boolean(earlier && later) && earlier.from === later.from && earlier.author === later.author && gap(earlier, later) < RUN;
}

function gap(earlier, later) {
  return new Date(later.at) - new Date(earlier.at);
}
