/** The last exchange, step by step: what happened and how long after the words were written. */

import { byId, el, size } from "./dom.js";

const REFUSED = { 401: "signature refused", 400: "not understood", 413: "too large", 503: "could not be stored" };
const FAULTS = {
  duplicate: "sent twice",
  duplicate_new_id: "sent twice, with two ids",
  reorder: "out of order",
  late: "late",
  missing_headers: "headers dropped",
  bad_signature: "wrong signature",
};

/** Draws what followed the last words that were written in the chat. */
export function showExchange(store, chatId) {
  const messages = store.messages(chatId);
  const asked = messages.findLast((message) => message.direction === "inbound" && !message.pending);
  const answers = asked ? messages.filter((message) => message.direction === "outbound" && message.at >= asked.at) : [];
  const steps = asked ? [written(asked), ...webhooks(store.attempts(asked.id)), ...typing(store, chatId, asked), ...answers.flatMap(answered)] : [];
  steps.sort((a, b) => a.at - b.at);
  byId("timeline").replaceChildren(...steps.map((step) => item(step, steps[0].at)));
  byId("figure").replaceChildren(...figure(store, asked, answers));
}

function figure(store, asked, answers) {
  if (!store.target && !asked) return ["No bot is subscribed to the webhooks yet."];
  if (!asked) return ["Write something on the phone."];
  if (!answers.length) return [store.target ? "Waiting for the answer…" : "No bot is subscribed to the webhooks."];
  const seconds = (Date.parse(answers[0].at) - Date.parse(asked.at)) / 1000;
  const what = answers[0].kind === "voice_memo" ? "voice memo" : "text";
  return [el("b", {}, `${seconds.toFixed(2)} s`), ` from your words to the ${what}`];
}

function written(message) {
  return { at: Date.parse(message.at), text: message.memo ? "You sent a voice memo" : "You wrote" };
}

function webhooks(attempts) {
  return attempts.map((attempt) => {
    const good = attempt.status >= 200 && attempt.status < 300;
    const outcome = attempt.status ?? attempt.error;
    const notes = [`${Math.max(1, Math.round(attempt.elapsed_ms))} ms`];
    if (attempt.attempt > 1) notes.push(`attempt ${attempt.attempt}`);
    if (attempt.fault) notes.push(FAULTS[attempt.fault] ?? attempt.fault);
    if (REFUSED[attempt.status]) notes.push(REFUSED[attempt.status]);
    return {
      at: Date.parse(attempt.at) + attempt.elapsed_ms,
      text: good ? `Webhook acknowledged, ${outcome}` : `Webhook failed, ${outcome}`,
      note: notes.join(" · "),
      look: good ? "good" : "bad",
    };
  });
}

function typing(store, chatId, asked) {
  const at = store.typedAt(chatId);
  return at >= Date.parse(asked.at) ? [{ at, text: "Bot is typing" }] : [];
}

function answered(message) {
  const at = Date.parse(message.at);
  const steps = [];
  const memo = message.kind === "voice_memo" ? message.memo : null;
  if (memo?.uploaded_at) steps.push({ at: Date.parse(memo.uploaded_at), text: "Audio uploaded", note: size(memo.size_bytes) });
  if (memo) steps.push({ at, text: "Voice memo posted", note: sound(memo.probe), look: "memo-step" });
  else steps.push({ at, text: "Text posted", look: "good" });
  if (message.delivered_at) steps.push({ at: Date.parse(message.delivered_at), text: "Delivered", look: "good" });
  if (message.read_at) steps.push({ at: Date.parse(message.read_at), text: "Read", look: "good" });
  if (message.delivery_status === "failed") steps.push({ at: at + 1, text: "Delivery failed", look: "bad" });
  return steps;
}

function sound(probe) {
  if (!probe) return "";
  const codec = { aac: `AAC${probe.profile ? `-${probe.profile}` : ""}` }[probe.codec] ?? probe.codec;
  const channels = probe.channels === 1 ? "mono" : `${probe.channels} channels`;
  const loud = probe.silent ? " · silent!" : "";
  return `${probe.duration.toFixed(1)} s · ${codec} · ${channels} · ${probe.sample_rate / 1000} kHz${loud}`;
}

function item(step, start) {
  const after = Math.max(0, step.at - start) / 1000;
  return el(
    "li",
    { className: step.look ?? "" },
    el("span", {}, step.text),
    el("time", {}, `${after.toFixed(2)} s`),
    step.note ? el("small", {}, step.note) : null,
  );
}
