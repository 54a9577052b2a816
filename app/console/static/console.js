/** Makes server-rendered pages live: memos that show their sound, local times, and changes as they come. */

import { byId } from "./dom.js";
import { Memos } from "./memo.js";

const LATER = 800; // milliseconds in which changes are taken together
const MINUTE = 60_000; // milliseconds
const PEAKS = 220;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const DATE = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

const memos = new Memos();
let timer = null;
let loading = false;

enhance(document);
listen();

/** What the server leaves to scripts, in a page or a part that came later. */
function enhance(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([data-done])")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = (today ? TIME : DATE).format(at);
    time.dataset.done = "";
  }
  for (const slot of root.querySelectorAll(".memo-slot:has(audio.plain)")) slot.replaceChildren(player(slot.dataset));
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

/** The shared player, which fetches its memo when it is first played: each costs a call of Linq's. */
function player({ src, seconds, from }) {
  return memos.bubble({ play_url: null, load: () => fetched(src), probe: { duration: Number(seconds), waveform: [] } }, from);
}

async function fetched(src) {
  const response = await fetch(src);
  if (!response.ok) throw new Error(`status ${response.status}`);
  const blob = await response.blob();
  return { url: URL.createObjectURL(blob), waveform: await peaks(blob) };
}

/** The loudness of a memo along its length; nothing where this browser cannot tell. */
async function peaks(blob) {
  try {
    const decoded = await new OfflineAudioContext(1, 1, 24000).decodeAudioData(await blob.arrayBuffer());
    const samples = decoded.getChannelData(0);
    const step = Math.max(1, Math.floor(samples.length / PEAKS));
    return Array.from({ length: PEAKS }, (_, index) => {
      const part = samples.subarray(index * step, (index + 1) * step);
      return Math.sqrt(part.reduce((sum, one) => sum + one * one, 0) / Math.max(1, part.length));
    });
  } catch {
    return [];
  }
}

document.addEventListener("click", async ({ target }) => {
  if (!target.matches("[data-copy]")) return;
  const text = target.previousElementSibling.querySelector("textarea");
  await navigator.clipboard.writeText(text.value);
  target.textContent = "Copied";
});

/** Listens for changes, if anything on this page can change. */
function listen() {
  const live = [...document.querySelectorAll("[data-live]")];
  if (!live.length) return;
  const chats = live.map(({ dataset }) => dataset.live).filter(Boolean);
  const source = new EventSource("/console/events");
  source.addEventListener("ready", () => {
    byId("connection").textContent = "";
    document.documentElement.dataset.connected = "";
    refresh();
  });
  source.addEventListener("change", ({ data }) => {
    if (!chats.length || JSON.parse(data).some((id) => chats.includes(id))) refresh();
  });
  source.addEventListener("error", () => {
    byId("connection").textContent = "Connecting …";
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 10_000);
  });
  addEventListener("pagehide", () => source.close());
  // Who has a chat changes with time alone, too.
  setInterval(() => document.hidden || refresh(), MINUTE);
}

function refresh() {
  timer ??= setTimeout(load, loading ? LATER : 50);
}

/** Takes what has changed from a fresh copy of this page. */
async function load() {
  timer = null;
  if (loading) return refresh();
  loading = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (fresh.querySelector(".login")) return location.reload();
    document.title = fresh.title;
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(part.id);
      if (now) merge(part, now);
    }
  } catch {
    // The stream says when the server is back.
  } finally {
    setTimeout(() => (loading = false), LATER);
  }
}

/** Puts the children of `now` in place of those of `part`; what has not changed stays as it is. */
function merge(part, now) {
  if ("v" in now.dataset) {
    if (part.dataset.v === now.dataset.v) return;
    part.replaceChildren(...now.childNodes);
    part.dataset.v = now.dataset.v;
    return enhance(part);
  }
  const bottom = innerHeight + scrollY >= document.documentElement.scrollHeight - 60;
  const known = new Map([...part.children].map((child) => [child.id, child]));
  const children = [...now.children].map((child) => {
    const old = known.get(child.id);
    const keep = old && (old.dataset.v === child.dataset.v || isPlaying(old));
    return keep ? old : opened(child, old);
  });
  if (children.every((child, index) => child === part.children[index]) && children.length === part.children.length) return;
  children.forEach((child, index) => {
    if (part.children[index] !== child) part.insertBefore(child, part.children[index] ?? null);
  });
  while (part.children.length > children.length) part.lastElementChild.remove();
  enhance(part);
  if (part.matches(".log") && bottom) scrollTo(0, document.documentElement.scrollHeight);
}

function isPlaying(node) {
  return [...node.querySelectorAll("audio")].some((audio) => !audio.paused);
}

/** A row in its new form, as far unfolded as it was. */
function opened(child, old) {
  if (old?.querySelector("details")?.open) child.querySelector("details").open = true;
  return child;
}

if (document.querySelector(".log[data-live]") && !location.hash) scrollTo(0, document.documentElement.scrollHeight);
