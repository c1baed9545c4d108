// What the browser keeps for this page. Where it keeps nothing, the page does for as long as it is open.

const held = new Map();

/** The text kept under a name, or null. */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return held.get(name) ?? null;
  }
}

/** Keep a text under a name; null forgets it. */
export function keep(name, text) {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    held.set(name, text);
  }
}
