/** The last exchange, step by step: what happened, and how long after the words were written. */

import { byId, el, size } from "./dom.js";

const CAUSES = {
  400: "not understood",
  401: "signature refused",
  503: "could not be stored",
  duplicate: "sent twice",
  duplicate_new_id: "sent twice, with two ids",
  reorder: "out of order",
  late: "late",
  missing_headers: "headers dropped",
  bad_signature: "signed wrongly",
};
const EXPECTED = ["You write", "Webhook acknowledged", "Bot is typing", "Audio uploaded", "Voice memo posted", "Delivered"];

/** Draws what followed the last words that were written in the chat. */
export function showExchange(sandbox, chat) {
  const messages = sandbox.messages(chat);
  const asked = messages.findLast((message) => message.direction === "inbound");
  const replies = messages.filter((message) => asked && message.direction === "outbound" && message.position > asked.position);
  const answers = replies.filter(({ author }) => author === "api");
  const steps = asked ? [...written(sandbox, chat, asked), ...replies.flatMap((reply) => answered(sandbox, reply))] : [];
  steps.sort((a, b) => a.at - b.at);
  const coming = answers.length || sandbox.target === null ? [] : EXPECTED.slice(Math.min(3, steps.length));
  byId("timeline").replaceChildren(...steps.map((step) => item(step, steps[0].at)), ...coming.map((text) => item({ text, look: "coming" })));
  byId("figure").replaceChildren(...figure(sandbox.target, asked, answers[0]));
}

function figure(target, asked, answer) {
  if (!answer && target === null) return ["No bot is subscribed to the webhooks yet."];
  if (!answer) return [asked ? "Waiting for the answer …" : "Write something on the phone, and watch."];
  const seconds = (Date.parse(answer.at) - Date.parse(asked.at)) / 1000;
  return [el("b", {}, `${seconds.toFixed(2)} s`), answer.kind === "voice_memo" ? " to the voice memo" : " to the text"];
}

function written(sandbox, chat, message) {
  const start = Date.parse(message.at);
  const typed = sandbox.typedAt(chat);
  return [
    { at: start, text: message.memo ? "You sent a voice memo" : "You wrote" },
    ...sandbox.attempts(message.id).map(webhook),
    ...(typed >= start ? [{ at: typed, text: "Bot is typing" }] : []),
  ];
}

function webhook(attempt) {
  const good = attempt.status >= 200 && attempt.status < 300;
  const notes = [`${Math.max(1, Math.round(attempt.elapsed_ms))} ms`, CAUSES[attempt.fault] ?? attempt.fault, CAUSES[attempt.status]];
  if (attempt.attempt > 1) notes.push(`attempt ${attempt.attempt}`);
  return {
    at: Date.parse(attempt.at) + attempt.elapsed_ms,
    text: `Webhook ${good ? "acknowledged" : "failed"}, ${attempt.status ?? attempt.error}`,
    note: notes.filter(Boolean).join(" · "),
    look: good ? "good" : "bad",
  };
}

function answered(sandbox, message) {
  const { kind, memo, at } = message;
  const uploaded = memo && sandbox.uploadedAt(memo.attachment_id);
  if (message.author === "colleague") return [{ at: Date.parse(at), text: "A colleague wrote", look: "good" }];
  const posted = kind === "voice_memo" ? { text: "Voice memo posted", note: sound(memo?.probe), look: "voice" } : { text: "Text posted", look: "good" };
  return [
    uploaded && { at: uploaded, text: "Audio uploaded", note: size(memo.size_bytes) },
    { at, ...posted },
    message.delivered_at && { at: message.delivered_at, text: "Delivered", look: "good" },
    message.read_at && { at: message.read_at, text: "Read", look: "good" },
    message.delivery_status === "failed" && { at, text: "Delivery failed", look: "bad" },
  ]
    .filter(Boolean)
    .map((step) => ({ ...step, at: Date.parse(step.at) }));
}

function sound(probe) {
  if (!probe) return "";
  const codec = probe.codec === "aac" ? `AAC-${probe.profile}` : probe.codec;
  const channels = probe.channels === 1 ? "mono" : `${probe.channels} channels`;
  return `${probe.duration.toFixed(1)} s · ${codec} · ${channels} · ${probe.sample_rate / 1000} kHz${probe.silent ? " · silent!" : ""}`;
}

function item({ at, text, note, look }, start) {
  const time = at === undefined ? null : el("time", {}, `${Math.max(0, (at - start) / 1000).toFixed(2)} s`);
  return el("li", { className: look ?? "" }, el("span", {}, text), time, note ? el("small", {}, note) : null);
}
