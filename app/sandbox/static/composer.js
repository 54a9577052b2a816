/** Writing, attaching and recording. */

import { byId, clock } from "./dom.js";
import { strokes } from "./memo.js";
import { Recorder } from "./recorder.js";

const LARGEST = 25_000_000; // bytes of an audio file

/** Calls `onSend({ text })` or `onSend({ file })`. */
export class Composer {
  #recorder = null;

  constructor(onSend) {
    this.onSend = onSend;
    this.text = byId("text");
    this.text.addEventListener("input", () => this.#fit());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("attach").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", () => this.#attach());
    byId("mic").addEventListener("click", () => this.#record());
    byId("discard").addEventListener("click", () => this.#discard());
    byId("finish").addEventListener("click", () => this.#finish());
    this.#fit();
  }

  /** Says what went wrong, or nothing more. */
  complain(problem = "") {
    byId("problem").textContent = problem;
    byId("problem").hidden = !problem;
  }

  focus() {
    this.text.focus();
  }

  #submit() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.#fit();
    this.complain();
    this.onSend({ text });
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #fit() {
    const field = this.text;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const talks = Recorder.isAvailable() && !field.value.trim();
    byId("mic").hidden = !talks;
    byId("send").hidden = talks;
  }

  #attach() {
    const [file] = byId("file").files;
    byId("file").value = "";
    if (file) this.#sendFile(file);
  }

  #sendFile(file) {
    if (!file.size) return this.complain("This file is empty.");
    if (file.size > LARGEST) return this.complain("This file is larger than 25 MB.");
    this.complain();
    this.onSend({ file });
  }

  async #record() {
    const recorder = new Recorder(
      (peaks, seconds) => this.#showLevel(peaks, seconds),
      () => this.#finish(),
    );
    try {
      await recorder.start();
    } catch {
      recorder.release();
      return this.complain("The microphone cannot be used. Allow it in the browser, or send an audio file.");
    }
    this.#recorder = recorder;
    this.complain();
    this.#swap(true);
    byId("finish").focus();
  }

  async #finish() {
    const recorder = this.#recorder;
    this.#recorder = null;
    if (!recorder) return;
    const file = await recorder.stop();
    this.#swap(false);
    this.#sendFile(file);
  }

  #discard() {
    this.#recorder?.release();
    this.#recorder = null;
    this.#swap(false);
  }

  #swap(records) {
    byId("recording").hidden = !records;
    byId("attach").hidden = records;
    byId("text").parentElement.hidden = records;
    this.#showLevel([0], 0);
    if (!records) byId("mic").focus();
  }

  #showLevel(peaks, seconds) {
    byId("elapsed").textContent = clock(seconds);
    byId("recording").querySelector("path").setAttribute("d", strokes(peaks, 0.4));
  }
}
