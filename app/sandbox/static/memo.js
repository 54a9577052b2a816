/** Voice memos: a bubble that plays, with its waveform as a slider. */

import { clock, el, icon, memory, svg } from "./dom.js";

const BARS = 44;
const STEP = 4; // units of the picture from bar to bar
const HEIGHT = 32;
const RATES = [1, 1.5, 2];

/** Makes the bubbles, and lets only one of them play. */
export class Memos {
  #playing = null;
  #rate = memory.get("rate", 1);
  #shown = new Set();

  /** A bubble for the attachment; `from` says whose memo it is. */
  bubble(attachment, from) {
    return new Memo(this, attachment, from).node;
  }

  get rate() {
    return this.#rate;
  }

  nextRate() {
    this.#rate = RATES[(RATES.indexOf(this.#rate) + 1) % RATES.length];
    memory.set("rate", this.#rate);
    for (const memo of this.#shown) memo.showRate();
  }

  began(memo) {
    if (this.#playing !== memo) this.#playing?.pause();
    this.#playing = memo;
    this.#shown.add(memo);
  }

  /** Stops what plays and forgets the bubbles. */
  clear() {
    this.#playing?.pause();
    this.#playing = null;
    this.#shown.clear();
  }
}

class Memo {
  constructor(memos, attachment, from) {
    this.memos = memos;
    this.seconds = attachment.probe.duration;
    this.audio = el("audio", { preload: "none", src: attachment.play_url });
    this.button = el("button", { type: "button", className: "round play" });
    this.slider = el("input", { type: "range", min: "0", max: String(this.seconds), step: "any", value: "0" });
    this.slider.setAttribute("aria-label", "Position in the voice memo");
    this.left = el("span", { className: "left", role: "timer", "aria-live": "off" });
    this.rate = el("button", { type: "button", className: "rate" });
    this.node = el(
      "div",
      { className: "bubble memo", role: "group", "aria-label": `Voice memo from ${from}, ${spoken(this.seconds)}` },
      this.button,
      el("div", { className: "wave" }, waveform(attachment.probe.waveform), this.slider),
      el("div", { className: "meta" }, this.left, this.rate),
      this.audio,
    );
    this.#listen();
    this.showRate();
    this.#show();
  }

  pause() {
    this.audio.pause();
  }

  showRate() {
    this.rate.textContent = `${this.memos.rate}×`;
    this.rate.setAttribute("aria-label", `Speed ${this.memos.rate}×`);
    this.audio.playbackRate = this.memos.rate;
  }

  #listen() {
    const { audio, slider } = this;
    this.button.addEventListener("click", () => this.#toggle());
    this.rate.addEventListener("click", () => this.memos.nextRate());
    slider.addEventListener("input", () => this.#seek(slider.valueAsNumber));
    slider.addEventListener("keydown", (event) => this.#key(event));
    for (const kind of ["play", "pause", "timeupdate", "seeked"]) audio.addEventListener(kind, () => this.#show());
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
    this.showRate();
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError") this.#break();
    }
  }

  #seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.seconds);
    this.#show();
  }

  #key(event) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };
    if (event.key === " " || event.key === "Enter") this.#toggle();
    else if (event.key in steps) this.#seek(this.audio.currentTime + steps[event.key]);
    else return;
    event.preventDefault();
  }

  /** Moves the waveform along with every frame that the browser draws. */
  #follow() {
    this.#mark();
    if (!this.audio.paused && this.node.isConnected) requestAnimationFrame(() => this.#follow());
  }

  #mark() {
    const part = Math.min(1, this.audio.currentTime / this.seconds);
    this.node.style.setProperty("--progress", `${(part * 100).toFixed(2)}%`);
  }

  #show() {
    const { audio, button, seconds } = this;
    const label = audio.paused ? "Play" : "Pause";
    if (button.title !== label) {
      button.title = label;
      button.setAttribute("aria-label", `${label} voice memo, ${spoken(seconds)}`);
      button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    }
    const idle = audio.paused && audio.currentTime === 0;
    this.left.textContent = clock(idle ? seconds : audio.currentTime);
    this.slider.value = String(audio.currentTime);
    this.slider.setAttribute("aria-valuetext", `${spoken(audio.currentTime)} of ${spoken(seconds)}`);
    this.#mark();
  }

  #break() {
    this.node.classList.add("broken");
    this.node.classList.remove("heard");
    this.left.textContent = "The audio could not be loaded";
    this.button.title = "Try again";
    this.button.setAttribute("aria-label", "Try to play the voice memo again");
    this.button.replaceChildren(icon("retry"));
  }
}

/** The path of a waveform: `peaks` 0..1, drawn as strokes around the middle; `loudest` fills it. */
export function strokes(peaks, loudest = Math.max(0.02, ...peaks)) {
  const middle = HEIGHT / 2;
  return Array.from({ length: BARS }, (_, index) => {
    const start = Math.floor((index * peaks.length) / BARS);
    const end = Math.max(start + 1, Math.floor(((index + 1) * peaks.length) / BARS));
    const peak = Math.min(1, Math.max(0, ...peaks.slice(start, end)) / loudest);
    const half = Math.max(0.1, peak ** 0.85 * (middle - 1.5));
    return `M${index * STEP + STEP / 2} ${(middle - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
  }).join("");
}

function waveform(peaks) {
  const picture = svg("svg", { viewBox: `0 0 ${BARS * STEP} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const d = strokes(peaks);
  picture.append(svg("path", { d }), svg("path", { d, class: "played" }));
  return picture;
}

function spoken(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = `${whole % 60} ${whole % 60 === 1 ? "second" : "seconds"}`;
  return minutes ? `${minutes} ${minutes === 1 ? "minute" : "minutes"} ${rest}` : rest;
}
