/** What shall go wrong: switches in plain words for the sandbox's faults. */

import { byId, el } from "./dom.js";

const webhook = (kind, more) => ({ endpoint: "webhook", event_type: "message.received", kind, ...more });
const memo = (kind, more) => ({ endpoint: "voicememo", kind, ...more });
const GROUPS = {
  "On the way to the bot": [
    ["The webhook arrives twice", webhook("duplicate")],
    ["It arrives twice, under two ids", webhook("duplicate_new_id")],
    ["It arrives three seconds late", webhook("late", { seconds: 3 })],
    ["Two messages swap places", webhook("reorder", { seconds: 8 })],
    ["Its signature is wrong", webhook("bad_signature")],
    ["A proxy drops its headers", webhook("missing_headers")],
  ],
  "On the way back": [
    ["Linq accepts the memo, then hangs", memo("accept_then_hang", { seconds: 30 })],
    ["Linq accepts the memo, then answers 500", memo("accept_then_500")],
    ["The line breaks after the memo is accepted", memo("drop_after")],
    ["The memo is accepted, but never gets through", memo("fail", { code: 4001 })],
    ["Too many messages: wait two seconds", memo("status", { status: 429, code: 1007, retry_after: 2 })],
    ["The upload fails", { endpoint: "upload", kind: "status", status: 503 }],
  ],
};

/** Keeps the switches in step with the sandbox; `onProblem(words)` hears of refusals. */
export class Faults {
  #switches = [];
  #sending = Promise.resolve();
  #underWay = 0;

  constructor(sandbox, onProblem) {
    this.sandbox = sandbox;
    this.onProblem = onProblem;
    sandbox.addEventListener("change", () => this.#show());
    byId("faults").append(...Object.entries(GROUPS).map(([title, rows]) => this.#group(title, rows)));
    this.#show();
  }

  #show() {
    if (this.#underWay) return; // The person's clicks are newer than what the sandbox has told.
    for (const { box, fault } of this.#switches) box.checked = this.sandbox.armed.some((other) => isSame(fault, other));
  }

  #group(title, rows) {
    const lines = rows.map(([words, fault]) => {
      const box = el("input", { type: "checkbox", role: "switch", className: "switch" });
      box.addEventListener("change", () => this.#apply(fault, box.checked));
      this.#switches.push({ box, fault });
      return el("label", { className: "line" }, words, box);
    });
    return el("fieldset", {}, el("legend", {}, title), ...lines);
  }

  /** One change after the other, each alone: faults that a script has set stay. */
  #apply(fault, isOn) {
    this.#underWay += 1;
    this.#sending = this.#sending.then(async () => {
      try {
        if (isOn) await this.sandbox.arm(fault);
        else await this.sandbox.disarm(this.sandbox.armed.filter((other) => isSame(fault, other)));
      } catch (error) {
        this.onProblem(`The fault was not changed: ${error.message}`);
      }
      this.#underWay -= 1;
      this.#show();
    });
  }
}

function isSame(one, other) {
  return one.endpoint === other.endpoint && one.kind === other.kind;
}
