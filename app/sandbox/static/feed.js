/** The live feed: it comes back by itself, and what was missed is fetched. */

import { fetchState } from "./api.js";

const KINDS = ["message", "typing", "status", "delivery", "read", "faults", "reset"];
const PATIENCE = 1200; // milliseconds before a break is worth a word
const RETRY = 2000;

/** Feeds `store`; `onConnection(lost)` hears of breaks that last. */
export class Feed {
  #source = null;
  #complaint = null;
  #syncing = null;

  constructor(store, onConnection) {
    this.store = store;
    this.onConnection = onConnection;
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.open());
    addEventListener("online", () => this.open());
  }

  open() {
    this.#close();
    this.#source = new EventSource("/_sandbox/events");
    this.#source.addEventListener("open", () => this.sync());
    this.#source.addEventListener("error", () => this.#lost());
    for (const kind of KINDS) {
      this.#source.addEventListener(kind, (event) => this.#take(kind, JSON.parse(event.data)));
    }
  }

  /** Fetches what changed since the last time; calls while one is under way share one more. */
  sync() {
    if (this.#syncing) {
      this.#syncing.again = true;
      return;
    }
    this.#syncing = { again: false };
    fetchState(this.store.revision)
      .then(async (state) => {
        if (this.store.isForeign(state)) state = await fetchState(0);
        this.store.load(state);
        this.#found();
      })
      .catch(() => this.#lost())
      .finally(() => {
        const { again } = this.#syncing;
        this.#syncing = null;
        if (again) this.sync();
      });
  }

  #take(kind, data) {
    if (kind === "reset" || !this.store.take(kind, data)) this.sync();
  }

  #found() {
    clearTimeout(this.#complaint);
    this.#complaint = null;
    this.onConnection(false);
  }

  #lost() {
    this.#complaint ??= setTimeout(() => this.onConnection(true), PATIENCE);
    const source = this.#source;
    if (source?.readyState === EventSource.CLOSED) {
      setTimeout(() => source === this.#source && this.open(), RETRY);
    }
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }
}
