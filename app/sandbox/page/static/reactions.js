/** Choosing a reaction: a small popover beside the message. */

import { el, on } from "./dom.js";
import { mine, REACTIONS } from "./bubbles.js";

const GAP = 6;
const box = el("div", { className: "tapbacks", popover: "auto", role: "group", "aria-label": "Reactions" });
document.querySelector("main").append(box);
on("scroller", "scroll", () => box.hidePopover(), { passive: true });

/** Opens the choice beside `button`; `onChoice(kind, adds)` hears what `me` did to the message. */
export function choose(button, message, me, onChoice) {
  const current = mine(message, me);
  const signs = Object.entries(REACTIONS).map(([kind, [name, sign]]) => {
    const choice = el("button", { className: `round ${kind}`, "aria-label": name, "aria-pressed": String(kind === current) }, sign());
    choice.addEventListener("click", () => {
      box.hidePopover();
      onChoice(kind, kind !== current);
    });
    return choice;
  });
  box.replaceChildren(...signs);
  box.showPopover();
  place(button.getBoundingClientRect());
  (box.querySelector("[aria-pressed=true]") ?? signs[0]).focus();
}

/** Above the message where there is room, and never off the phone. */
function place(at) {
  const { width, height } = box.getBoundingClientRect();
  const phone = box.parentNode.getBoundingClientRect();
  const left = Math.min(at.left - width / 2, phone.right - width - GAP);
  const top = at.top - height - GAP;
  box.style.left = `${Math.max(phone.left + GAP, left)}px`;
  box.style.top = `${top < GAP ? at.bottom + GAP : top}px`;
}
