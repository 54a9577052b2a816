/** Voice memos: a bubble that plays, with its waveform as a slider. */

import { clock, el, icon, memory, svg } from "./dom.js";

const BARS = 44;
const STEP = 4; // units of the picture from bar to bar
const MIDDLE = 16;
const CONTRAST = 2.5; // levelled speech has peaks so even that its words would not be seen
const RATES = [1, 1.5, 2];
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 }; // seconds

/** Makes the bubbles, and lets only one of them play. */
export class Memos {
  rate = memory.get("rate") ?? 1;
  #playing = null;

  /**
   * A bubble for an attachment; `from` says whose memo it is. With `load` in place of an address it
   * is fetched when it is first played, and its waveform drawn then.
   */
  bubble(attachment, from) {
    return new Memo(this, attachment, from).node;
  }

  /** Stops what plays, for the sake of `memo` if there is one. */
  began(memo = null) {
    if (this.#playing !== memo) this.#playing?.audio.pause();
    this.#playing = memo;
  }

  nextRate() {
    this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length];
    memory.set("rate", this.rate);
  }
}

class Memo {
  constructor(memos, attachment, from) {
    this.memos = memos;
    this.seconds = attachment.probe.duration;
    this.load = attachment.load;
    this.audio = el("audio", { preload: "none", ...(!this.load && { src: attachment.play_url }) });
    this.button = el("button", { className: "round play" });
    this.slider = el("input", { type: "range", max: this.seconds, step: "any", value: 0, "aria-label": "Position" });
    this.time = el("span");
    this.rate = el("button", { className: "rate" });
    const label = `Voice memo from ${from}${told(this.seconds)}`;
    this.node = el(
      "div",
      { className: "bubble memo", role: "group", "aria-label": label },
      this.button,
      (this.wave = el("div", { className: "wave" }, waveform(attachment.probe.waveform), this.slider)),
      el("div", { className: "meta" }, this.time, this.rate),
      this.audio,
    );
    this.#listen();
    this.#show();
  }

  #listen() {
    const { audio, slider } = this;
    this.button.addEventListener("click", () => this.#toggle());
    this.rate.addEventListener("click", () => this.#hasten());
    slider.addEventListener("input", () => this.#seek(slider.valueAsNumber));
    slider.addEventListener("keydown", (event) => this.#key(event));
    for (const kind of ["play", "pause", "timeupdate"]) audio.addEventListener(kind, () => this.#show());
    audio.addEventListener("loadedmetadata", () => this.#measure());
    audio.addEventListener("play", () => this.#follow());
    audio.addEventListener("ended", () => this.#seek(0));
    audio.addEventListener("error", () => this.#break());
  }

  async #toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (this.audio.error) this.audio.load();
    this.node.classList.remove("broken");
    this.node.classList.add("heard");
    this.memos.began(this);
    try {
      if (this.load) await this.#fetch();
      this.audio.playbackRate = this.memos.rate;
      await this.audio.play();
    } catch (error) {
      // Paused meanwhile, or to be pressed once more after the fetch.
      if (!["AbortError", "NotAllowedError"].includes(error.name)) this.#break();
    }
  }

  async #fetch() {
    const load = this.load;
    const { url, waveform: peaks } = await load();
    if (!this.load) return; // pressed twice
    this.load = null;
    this.audio.src = url;
    if (peaks.length) this.wave.firstChild.replaceWith(waveform(peaks));
  }

  #hasten() {
    this.memos.nextRate();
    this.audio.playbackRate = this.memos.rate;
    this.#show();
  }

  #seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.seconds);
    this.#show();
  }

  #key(event) {
    if (event.key === " " || event.key === "Enter") this.#toggle();
    else if (event.key in KEYS) this.#seek(this.audio.currentTime + KEYS[event.key]);
    else return;
    event.preventDefault();
  }

  /** Takes over the length of a memo of which none was told. */
  #measure() {
    if (this.seconds || !Number.isFinite(this.audio.duration)) return;
    this.seconds = this.slider.max = this.audio.duration;
    this.#show();
  }

  /** Moves the waveform along with every frame that the browser draws. */
  #follow() {
    this.#mark();
    if (!this.audio.paused) requestAnimationFrame(() => this.#follow());
  }

  /** In steps of about a pixel: a frame in which nothing would move is not drawn. */
  #mark() {
    const share = this.audio.currentTime / (this.seconds || 1);
    this.node.style.setProperty("--progress", `${Math.round(share * 200) / 2}%`);
  }

  #show() {
    const { audio, seconds } = this;
    const { paused, currentTime } = audio;
    if (this.node.classList.contains("broken")) {
      this.time.textContent = "Can’t be played";
      return this.#sign("play", "Try to play the voice memo again");
    }
    this.#sign(paused ? "play" : "pause", `${paused ? "Play" : "Pause"} voice memo${told(seconds)}`);
    this.time.textContent = seconds ? clock(paused && currentTime === 0 ? seconds : currentTime) : "";
    this.rate.textContent = `${this.memos.rate}×`;
    this.rate.setAttribute("aria-label", `Speed ${this.memos.rate}×`);
    this.slider.value = currentTime;
    this.slider.setAttribute("aria-valuetext", `${spoken(currentTime)} of ${spoken(seconds)}`);
    this.#mark();
  }

  #sign(name, label) {
    if (this.button.getAttribute("aria-label") === label) return;
    this.button.setAttribute("aria-label", label);
    this.button.replaceChildren(icon(name));
  }

  #break() {
    this.node.classList.replace("heard", "broken");
    this.#show();
  }
}

/** The path of a waveform: `peaks` 0..1, drawn as strokes around the middle; `loudest` fills it. */
export function strokes(peaks, loudest = Math.max(0.02, ...peaks)) {
  return Array.from({ length: BARS }, (_, index) => {
    const [start, end] = [index, index + 1].map((edge) => Math.round((edge * peaks.length) / BARS));
    const peak = Math.min(1, Math.max(0, ...peaks.slice(start, end)) / loudest);
    const half = Math.max(0.1, peak ** CONTRAST * (MIDDLE - 1.5)).toFixed(1);
    return `M${index * STEP + STEP / 2} ${MIDDLE - half}v${2 * half}`;
  }).join("");
}

function waveform(peaks) {
  const size = { viewBox: `0 0 ${BARS * STEP} ${2 * MIDDLE}`, preserveAspectRatio: "none" };
  const picture = svg("svg", { ...size, "aria-hidden": "true" });
  const d = strokes(peaks);
  picture.append(svg("path", { d }), svg("path", { d, class: "played" }));
  return picture;
}

/** The length as part of a name; nothing where it is not known yet. */
function told(seconds) {
  return seconds ? `, ${spoken(seconds)}` : "";
}

function spoken(seconds) {
  const whole = Math.round(seconds);
  return whole === 1 ? "1 second" : `${whole} seconds`;
}
