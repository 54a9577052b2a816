/** One message as a row: who says what, and when. */

import { el, icon, size } from "./dom.js";
import { authorOf } from "./people.js";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const DAY = 86_400_000;

/** Reactions by their kind: name, and a sign that every font has. */
export const REACTIONS = {
  love: ["Love", () => icon("heart")],
  like: ["Like", () => icon("thumb")],
  dislike: ["Dislike", () => icon("thumb")],
  laugh: ["Laugh", () => "Ha"],
  emphasize: ["Emphasize", () => "!!"],
  question: ["Question", () => "?"],
};

/** A row with everything that belongs to the message alone; an own one stands on the right. */
export function row(message, isMine, memos, onReact) {
  const from = isMine ? "You" : authorOf(message);
  const node = el("div", { className: `row ${isMine ? "mine" : "theirs"}`, "data-id": message.id, "data-service": message.service });
  const bubble = (...words) => el("div", { className: "bubble" }, el("span", { className: "sr" }, `${from}: `), ...words);
  const texts = message.parts.filter((part) => part.type !== "media");
  const media = message.parts.filter((part) => part.type === "media");
  if (texts.length || !media.length) node.append(bubble(...texts.map(words)));
  for (const part of media) {
    const isMemo = message.kind === "voice_memo" && message.memo?.probe && message.memo.attachment_id === part.id;
    node.append(isMemo ? memos.bubble(message.memo, from) : bubble(file(part)));
  }
  if (!isMine) node.lastChild.append(reactButton(from, onReact));
  showReactions(node, message);
  return node;
}

/** Puts the reactions of the message at its bubble. */
export function showReactions(node, message) {
  const all = reactions(message);
  const told = all.map(({ is_me, handle, type, custom_emoji }) => {
    const name = authorOf({ author: is_me ? "api" : "person", from: handle.handle });
    return `${name}: ${REACTIONS[type]?.[0] ?? custom_emoji ?? type}`;
  });
  const signs = all.map(({ type, custom_emoji }) => el("span", { className: type }, REACTIONS[type]?.[1]() ?? custom_emoji ?? "•"));
  const badge = el("span", { className: "reactions", role: "img", "aria-label": told.join(", ") }, ...signs);
  node.querySelector(".reactions")?.remove();
  node.classList.toggle("reacted", all.length > 0);
  if (all.length) node.querySelector(".bubble:last-of-type").append(badge);
}

/** The kind of reaction that this address has on the message. */
export function mine(message, address) {
  return reactions(message).find(({ handle }) => handle.handle === address)?.type;
}

function reactions(message) {
  return message.parts.flatMap((part) => part.reactions ?? []);
}

function reactButton(from, onReact) {
  const button = el("button", { className: "round react", "aria-label": `React to ${from}`, "aria-haspopup": "true" }, icon("smile"));
  button.addEventListener("click", () => onReact(button));
  return button;
}

/** The line that begins a new stretch of talk: `Today 14:05`. */
export function stamp(at) {
  const moment = new Date(at);
  return el("p", { className: "stamp" }, el("b", {}, day(moment)), ` ${TIME.format(moment)}`);
}

function day(moment) {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(Date.now()) - midnight(moment)) / DAY);
  return ["Today", "Yesterday"][days] ?? DATE.format(moment);
}

function words(part) {
  if (typeof part.value !== "string") return `(${part.type})`;
  return part.type === "link" ? link(part.value, part.value) : part.value;
}

function file(part) {
  const about = part.size_bytes ? `${part.filename}, ${size(part.size_bytes)}` : part.filename;
  return el("span", { className: "attached" }, icon("file"), link(part.url, about));
}

/** Text, as a link where the address is one of the web. */
function link(href, text) {
  if (!/^https?:\/\//i.test(href ?? "")) return text;
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
}
