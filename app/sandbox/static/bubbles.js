/** One message as a row: when, who, what, and how far it came. */

import { el, icon, size } from "./dom.js";
import { BOT, nameOf } from "./people.js";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const WEEKDAY = new Intl.DateTimeFormat("en", { weekday: "long" });
const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const DAY = 86_400_000;

/** A row with everything that belongs to the message alone; `isMine` puts it on the right. */
export function row(message, { isMine, memos, quoted }) {
  const from = isMine ? "You" : message.direction === "outbound" ? BOT : nameOf(message.from);
  const node = el("div", { className: `row ${isMine ? "mine" : "theirs"}` });
  node.dataset.id = message.id;
  node.dataset.service = message.service;
  const said = el("span", { className: "sr" }, `${from}: `);
  const quote = quoted ? el("span", { className: "quote" }, quoted) : null;
  const text = message.parts.filter((part) => part.type !== "media");
  const media = message.parts.filter((part) => part.type === "media");
  if (text.length) node.append(el("div", { className: "bubble" }, said, quote, ...text.map(words)));
  for (const part of media) {
    const isMemo = message.memo?.probe && message.memo.attachment_id === part.id;
    node.append(isMemo ? memos.bubble(message.memo, from) : el("div", { className: "bubble" }, said.cloneNode(true), file(part)));
  }
  if (!text.length && !media.length) node.append(el("div", { className: "bubble" }, said, "(nothing kept)"));
  return node;
}

/** The line that begins a new stretch of talk: `Today 14:05`. */
export function stamp(at) {
  const moment = new Date(at);
  return el("p", { className: "stamp" }, el("b", {}, day(moment)), ` ${TIME.format(moment)}`);
}

/** The day as one says it. */
export function day(moment) {
  const days = Math.round((midnight(new Date()) - midnight(moment)) / DAY);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  return days < 7 ? WEEKDAY.format(moment) : DATE.format(moment);
}

function midnight(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

function words(part) {
  if ((part.type === "link" || part.type === "app_clip") && /^https?:\/\//i.test(part.value)) return link(part.value, part.value);
  return typeof part.value === "string" ? part.value : `(${part.type})`;
}

function file(part) {
  const about = part.size_bytes ? `${part.filename}, ${size(part.size_bytes)}` : part.filename;
  return el("span", { className: "attached" }, icon("file"), part.url ? link(part.url, about) : about);
}

function link(href, text) {
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
}
