/** Elements and small words, made without a line of HTML in strings. */

/** An element; names with a dash and `role` become attributes, all others properties. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-") || name === "role") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Listens to an event of the element with this id. */
export function on(id, kind, listener, options) {
  byId(id).addEventListener(kind, listener, options);
}

/** One of the icons that the page defines. */
export function icon(name) {
  const node = svg("svg", { class: "icon", "aria-hidden": "true" });
  node.append(svg("use", { href: `#i-${name}` }));
  return node;
}

/** An SVG element with attributes. */
export function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Seconds as `0:07`. */
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Bytes as `41 kB`. */
export function size(bytes) {
  return `${Math.ceil(bytes / 1000).toLocaleString("en")} kB`;
}

/** What this browser remembers of the page; nothing where it is told to remember nothing. */
export const memory = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(`phone.${name}`));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`phone.${name}`, JSON.stringify(value));
    } catch {
      // Private windows may refuse; the page works without.
    }
  },
};
