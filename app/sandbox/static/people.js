/** Who the numbers are: names for invented people, and readable numbers for all others. */

import { el } from "./dom.js";

const FIRST = 177;
const NAMES = ["Maya", "Jonas", "Aiko", "Samuel", "Leila", "Tomás", "Priya", "Henrik", "Zoë", "Kwame", "Ines", "Ravi"];

export const BOT = "Voice Memo Bot";

/** Invented people with telephone numbers that are kept free for fiction. */
export const people = NAMES.map((name, index) => ({ name, number: `+1312555${String(FIRST + index).padStart(4, "0")}` }));

const names = new Map(people.map(({ name, number }) => [number, name]));

/** The name behind an address, or the address as one would write it. */
export function nameOf(address) {
  return names.get(address) ?? readable(address);
}

/** `+1 312 555 0100`. */
export function readable(address) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(address);
  return parts ? `+1 ${parts[1]} ${parts[2]} ${parts[3]}` : address;
}

/** What a chat is called. */
export function titleOf(chat) {
  if (!chat.is_group) return nameOf(chat.people[0]);
  return chat.display_name ?? chat.people.map(nameOf).join(", ");
}

/** A round sign with the initials of an address or of a group. */
export function avatar(chat) {
  const seed = chat.people.join("");
  const text = chat.is_group ? String(chat.people.length) : initials(nameOf(chat.people[0]));
  const node = el("span", { className: "avatar", "aria-hidden": "true" }, text);
  let hue = 0;
  for (const letter of seed) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  node.style.setProperty("--hue", hue);
  return node;
}

function initials(name) {
  return /\p{L}/u.test(name) ? [...name][0].toUpperCase() : name.slice(-2);
}
