/** One message as a row: who says what, and when. */

import { el, icon, size } from "./dom.js";
import { BOT, nameOf } from "./people.js";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const DAY = 86_400_000;

/** A row with everything that belongs to the message alone; an own one stands on the right. */
export function row(message, isMine, memos) {
  const from = isMine ? "You" : message.direction === "outbound" ? BOT : nameOf(message.from);
  const node = el("div", { className: `row ${isMine ? "mine" : "theirs"}`, "data-id": message.id, "data-service": message.service });
  const bubble = (...words) => el("div", { className: "bubble" }, el("span", { className: "sr" }, `${from}: `), ...words);
  const texts = message.parts.filter((part) => part.type !== "media");
  const media = message.parts.filter((part) => part.type === "media");
  if (texts.length || !media.length) node.append(bubble(...texts.map(words)));
  for (const part of media) {
    const isMemo = message.memo?.probe && message.memo.attachment_id === part.id;
    node.append(isMemo ? memos.bubble(message.memo, from) : bubble(file(part)));
  }
  return node;
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
