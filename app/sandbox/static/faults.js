/** What shall go wrong: switches in plain words for the sandbox's faults. */

import { fetchFaults, replaceFaults } from "./api.js";
import { byId, el } from "./dom.js";

const webhook = (kind, more) => ({ endpoint: "webhook", event_type: "message.received", kind, ...more });
const GROUPS = [
  [
    "On the way to the bot",
    [
      ["The webhook arrives twice", webhook("duplicate")],
      ["It arrives twice, under two ids", webhook("duplicate_new_id")],
      ["It arrives three seconds late", webhook("late", { seconds: 3 })],
      ["Two messages swap places", webhook("reorder", { seconds: 8 })],
      ["Its signature is wrong", webhook("bad_signature")],
      ["A proxy drops its headers", webhook("missing_headers")],
    ],
  ],
  [
    "On the way back",
    [
      ["Linq accepts the memo, then hangs", { endpoint: "voicememo", kind: "accept_then_hang", seconds: 30 }],
      ["Linq accepts the memo, then answers 500", { endpoint: "voicememo", kind: "accept_then_500" }],
      ["The line breaks after the memo is accepted", { endpoint: "voicememo", kind: "drop_after" }],
      ["The memo is accepted, but never gets through", { endpoint: "voicememo", kind: "fail", code: 4001 }],
      ["Too many messages, wait two seconds", { endpoint: "voicememo", kind: "status", status: 429, code: 1007, retry_after: 2 }],
      ["The upload fails", { endpoint: "upload", kind: "status", status: 503 }],
      ["Every call takes a second longer", { endpoint: "*", kind: "delay", seconds: 1, count: null }],
    ],
  ],
];
const SETTLE = 400; // milliseconds after the last event, before the sandbox is asked what is left

/** Keeps the switches in step with the sandbox. */
export class Faults {
  #switches = [];
  #asking = null;

  constructor(store, onProblem) {
    this.store = store;
    this.onProblem = onProblem;
    byId("faults").append(...GROUPS.map(([title, rows]) => this.#group(title, rows)));
    store.addEventListener("faults", () => this.#show());
    store.addEventListener("exchange", () => this.#askSoon());
  }

  #group(title, rows) {
    const id = `faults-${title.replaceAll(" ", "-").toLowerCase()}`;
    const lines = rows.map(([words, fault]) => {
      const box = el("input", { type: "checkbox", role: "switch", className: "switch" });
      box.addEventListener("change", () => this.#apply());
      this.#switches.push({ box, fault });
      return el("label", { className: "line" }, words, box);
    });
    return el("div", { className: "faults-group", role: "group", "aria-labelledby": id }, el("h4", { id }, title), ...lines);
  }

  /** Sends the faults that are on; those set by a script stay. */
  async #apply() {
    const others = this.store.faults.filter((fault) => isArmed(fault) && !this.#switches.some((one) => isSame(one.fault, fault)));
    const endless = byId("endless").checked ? { count: null, probability: 1 } : {};
    const wanted = this.#switches.filter(({ box }) => box.checked).map(({ fault }) => ({ ...fault, ...endless }));
    try {
      await replaceFaults([...others.map(rest), ...wanted].map(askable));
    } catch (error) {
      this.onProblem(error.message);
    }
    this.store.setFaults(await fetchFaults());
  }

  #show() {
    const armed = this.store.faults.filter(isArmed);
    for (const { box, fault } of this.#switches) box.checked = armed.some((other) => isSame(fault, other));
  }

  /** A fault that has struck is off; the feed does not tell, so the sandbox is asked. */
  #askSoon() {
    if (!this.store.faults.some(isArmed)) return;
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => fetchFaults().then((faults) => this.store.setFaults(faults)).catch(() => {}), SETTLE);
  }
}

function isArmed(fault) {
  return fault.count === null || fault.struck < fault.count;
}

function isSame(one, other) {
  return one.endpoint === other.endpoint && one.kind === other.kind && (one.status ?? 500) === (other.status ?? 500);
}

/** A fault of the sandbox as what is left of it. */
function rest({ id: _id, struck, ...fault }) {
  return fault.count === null ? fault : { ...fault, count: fault.count - struck };
}

/** Without empty values; a fault without a count is one with a probability. */
function askable(fault) {
  const kept = Object.fromEntries(Object.entries(fault).filter(([, value]) => value !== null));
  return fault.count === null ? { ...kept, probability: kept.probability ?? 1 } : kept;
}
