// The panel that shows what an answer rests on: the passage itself, who said it, when, and whether it holds.

import { element, icon } from "./dom.js";
import { markdown, webAddress } from "./markdown.js";
import { day, knows, t } from "./texts.js";

const panel = document.getElementById("source");
const narrow = matchMedia("(max-width: 719px)");
let opener = null;
let shownCitation = null;

/** Open the panel: a sheet over the page on a phone, a column beside the conversation elsewhere. */
export function openSource(citation, button) {
  panel.close();
  opener?.removeAttribute("aria-expanded");
  opener = button;
  shownCitation = citation;
  fill();
  if (narrow.matches) panel.showModal();
  else panel.show();
  panel.scrollTop = 0;
  opener.setAttribute("aria-expanded", "true");
  document.documentElement.classList.add("with-source");
}

/** Close it and give the focus back. */
export function closeSource() {
  if (panel.open) panel.close();
}

/** Write the panel anew, in the language that is chosen now. */
export function relabelSource() {
  if (panel.open) fill();
}

function fill() {
  const { n, title, heading, quote, url, trust, in_force: inForce } = shownCitation;
  const address = url && webAddress(url);
  panel.replaceChildren(
    element("div", { class: "source-bar" },
      element("span", { class: "source-n" }, t("source.number", { n })),
      element("span", { class: `badge trust-${trust}` }, named("trust", trust)),
      element("span", { class: inForce ? "badge holds" : "badge past" }, t(inForce ? "source.holds" : "source.past")),
      element("button", { type: "button", class: "quiet close", "aria-label": t("source.close"), onclick: closeSource }, icon("close"))),
    element("h2", { id: "source-title" }, title),
    heading && heading !== title ? element("p", { class: "source-heading" }, heading) : "",
    element("blockquote", { class: "prose" }, markdown(quote ?? "")),
    element("dl", {}, facts(shownCitation).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    address
      ? element("a", { class: "original", href: address.href, target: "_blank", rel: "noopener noreferrer" },
        icon("open"), t("source.open", { host: address.hostname }))
      : element("p", { class: "source-none" }, t("source.no_link")));
}

function facts({ source, source_date: date, trust, effective_from: from, expires_on: until, document: slug, revision }) {
  return [
    [t("source.source"), source || t("source.unknown")],
    [t("source.date"), date ? day(date) : t("source.unknown")],
    [t("source.period"), inForce(from, until)],
    [t("source.trust"), named("trust_long", trust)],
    [t("source.document"), `${slug} · ${t("source.revision", { revision })}`],
  ];
}

function inForce(from, until) {
  // A period ends before `expires_on`; a reader wants the last day on which the text holds.
  const last = until && new Date(Date.parse(`${until}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  if (from && last) return t("source.from_until", { from: day(from), last: day(last) });
  if (from) return t("source.from", { from: day(from) });
  return last ? t("source.until", { last: day(last) }) : t("source.no_period");
}

function named(group, name) {
  return knows(`${group}.${name}`) ? t(`${group}.${name}`) : name;
}

panel.addEventListener("close", () => {
  document.documentElement.classList.remove("with-source");
  opener?.removeAttribute("aria-expanded");
  opener?.focus({ preventScroll: true });
});
// A click on the shade around a sheet closes it: only there the dialog itself is what was hit.
panel.addEventListener("click", (event) => {
  if (event.target === panel && event.clientY < panel.getBoundingClientRect().top) closeSource();
});
