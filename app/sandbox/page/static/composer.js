/** Writing, attaching and recording. */

import { byId, on } from "./dom.js";

const LARGEST = 25_000_000; // bytes of an audio file
const RECORDS = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

/** Calls `onSend({ text })` or `onSend({ file })`. */
export class Composer {
  #text = byId("text");

  constructor(onSend) {
    this.onSend = onSend;
    on("text", "input", () => this.#fit());
    on("text", "keydown", (event) => this.#key(event));
    on("composer", "submit", (event) => this.#submit(event));
    on("attach", "click", () => byId("file").click());
    on("file", "change", () => this.#attach());
    on("mic", "click", () => this.#record());
    this.#fit();
  }

  /** Says what went wrong, or nothing more. */
  complain(problem = "") {
    byId("problem").textContent = problem;
    byId("problem").hidden = !problem;
  }

  /** Puts words back that could not be sent, unless others are being written. */
  giveBack(text, problem) {
    this.complain(problem);
    this.#text.value ||= text;
    this.#fit();
  }

  focus() {
    this.#text.focus();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    if (!text) return;
    this.#text.value = "";
    this.#fit();
    this.complain();
    this.onSend({ text });
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
  }

  #fit() {
    const { style, value } = this.#text;
    style.height = "auto";
    style.height = `${this.#text.scrollHeight}px`;
    byId("mic").hidden = !RECORDS || Boolean(value.trim());
    byId("send").hidden = !byId("mic").hidden;
  }

  #attach() {
    const [file] = byId("file").files;
    if (file) this.#sendFile(file);
    byId("file").value = "";
  }

  #sendFile(file) {
    if (!file.size || file.size > LARGEST) return this.complain("The file must not be empty, nor larger than 25 MB.");
    this.complain();
    this.onSend({ file });
  }

  async #record() {
    const { record } = await import("./recorder.js");
    try {
      const data = await record(showRecording);
      if (data) this.#sendFile(asFile(data));
    } catch {
      this.complain("The microphone cannot be used. Allow it in the browser, or send an audio file.");
    }
  }
}

/** The recorder in the place of the text field, or that again. */
function showRecording(records) {
  byId("recording").hidden = !records;
  byId("attach").hidden = byId("field").hidden = records;
  if (!records) byId("mic").focus();
}

function asFile(recording) {
  const type = recording.type.split(";")[0];
  const suffix = { "audio/mp4": "m4a", "audio/ogg": "ogg" }[type] ?? "webm";
  return new File([recording], `Audio Message.${suffix}`, { type });
}
