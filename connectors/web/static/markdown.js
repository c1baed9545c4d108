// Text from documents and models into nodes: markdown-it without HTML, then DOMPurify, then our own rules for links.

import MarkdownIt from "./vendor/markdown-it.js";
import "./vendor/dompurify.js";

const reader = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable("image");
const RULES = {
  RETURN_DOM_FRAGMENT: true,
  ALLOWED_TAGS: [
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
  ],
  ALLOWED_ATTR: ["href", "start"],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** A fragment that can be shown, whatever the text holds. */
export function markdown(text) {
  const fragment = globalThis.DOMPurify.sanitize(reader.render(text), RULES);
  for (const link of fragment.querySelectorAll("a")) openOutside(link);
  for (const table of fragment.querySelectorAll("table")) {
    const frame = document.createElement("div");
    frame.className = "wide";
    table.replaceWith(frame);
    frame.append(table);
  }
  return fragment;
}

/** The address when it may be opened from here, otherwise null. */
export function webAddress(text) {
  try {
    const address = new URL(text);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

function openOutside(link) {
  const address = webAddress(link.getAttribute("href") ?? "");
  if (!address) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  // A link says where it leads, so that no text can pass for another address.
  if (!link.textContent.includes(address.hostname)) link.append(` (${address.hostname})`);
}
