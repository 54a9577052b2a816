/** Who the numbers are: names for invented people, and readable numbers for all others. */

import { el } from "./dom.js";

const FIRST = 177; // 555-0100 to 555-0199 are kept free for fiction.
const NAMES = ["Maya", "Jonas", "Aiko", "Samuel", "Leila", "Tomás", "Priya", "Henrik", "Zoë", "Kwame", "Ines", "Ravi"];

export const BOT = "Voice Memo Bot";
const COLLEAGUE = "A colleague";

/** The telephone numbers of invented people. */
export const people = NAMES.map((_, index) => `+13125550${FIRST + index}`);

/** The name behind an address, or the address as one would write it. */
export function nameOf(address) {
  return NAMES[people.indexOf(address)] ?? readable(address);
}

/** Who wrote a message, by name. */
export function authorOf({ author, from }) {
  return { api: BOT, colleague: COLLEAGUE }[author] ?? nameOf(from);
}

/** `+1 312 555 0100`. */
export function readable(address) {
  return address.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");
}

/** What a chat is called. */
export function titleOf(chat) {
  return chat.display_name ?? chat.people.map(nameOf).join(", ");
}

/** A round sign for a chat, in a colour of its own. */
export function avatar(chat) {
  const name = nameOf(chat.people[0]);
  const sign = /^\p{L}/u.test(name) ? name[0] : name.slice(-2);
  const node = el("span", { className: "avatar", "aria-hidden": "true" }, chat.is_group ? chat.people.length : sign);
  node.style.setProperty("--hue", (chat.people.at(-1).slice(-4) * 67) % 360);
  return node;
}
