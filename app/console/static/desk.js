/** What a colleague does on a chat's page: ready answers, "typing…" for the person, recordings. */

import { byId, on } from "./dom.js";
import { microphone, record } from "./recorder.js";

const OFTEN = 4_000; // milliseconds between two notes that somebody types
const form = byId("end");
const text = byId("text");
const token = form.elements.csrf.value;
let toldAt = 0;
let sending = false;

insertReadyAnswers();
text.addEventListener("input", () => tellTyping(text.value !== ""));
form.addEventListener("submit", () => (sending = true));
addEventListener("pagehide", () => sending || tellTyping(false));
if (microphone()) {
  byId("record").hidden = false;
  on("record", "click", recorded);
}
// Whoever has just sent something goes on writing; on a phone the keyboard would hide the chat.
if (location.hash === "#end" && matchMedia("(hover: hover)").matches) text.focus();

/** Puts the chosen text where the cursor is, to be changed there. */
function insertReadyAnswers() {
  if (!byId("canned")) return;
  byId("canned").hidden = false;
  on("insert", "click", () => {
    const before = text.value.slice(0, text.selectionStart);
    const gap = before && !/\s$/.test(before) ? " " : "";
    text.setRangeText(gap + byId("canned-text").value, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    tellTyping(true);
  });
}

/** Lets the person see that somebody types; nobody hears of it when that fails. */
function tellTyping(types) {
  const now = Date.now();
  if (types ? now - toldAt < OFTEN : !toldAt) return;
  toldAt = types ? now : 0;
  const body = new URLSearchParams({ csrf: token, typing: types ? "1" : "0" });
  fetch(`${form.dataset.chat}/typing`, { method: "POST", body, keepalive: true }).catch(() => {});
}

async function recorded() {
  const problem = byId("record-problem");
  problem.textContent = "";
  let data;
  try {
    data = await record(showRecording, () => tellTyping(true));
  } catch {
    problem.textContent = "The microphone cannot be used here. The browser may have been told not to allow it.";
    return;
  }
  if (!data) return tellTyping(false);
  problem.textContent = await send(data);
}

/** The recorder in the place of the send buttons, or these again. */
function showRecording(records) {
  byId("recording").hidden = !records;
  byId("send").hidden = records;
  if (!records) byId("record").focus();
}

/** Sends a recording, again under the same key if need be. Returns what went wrong. */
async function send(data) {
  if (data.size > Number(byId("recording").dataset.most)) return "The recording is too long to be sent.";
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(16).slice(2)}`;
  for (const pause of [500, 2_000, 0]) {
    try {
      const response = await fetch(`${form.dataset.chat}/recordings?key=${key}`, {
        method: "POST",
        headers: { "X-Form-Token": token, "Content-Type": data.type },
        body: data,
      });
      if (response.ok) {
        if (!("connected" in document.documentElement.dataset)) location.reload();
        return "";
      }
      if (response.status === 401) return "The login is over: open this page again.";
      if (response.status !== 503) return "The recording was not taken.";
    } catch {
      // The server or the way to it is gone for a moment.
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return "The server does not answer. Please record it again.";
}
