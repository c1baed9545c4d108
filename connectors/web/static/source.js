// The panel that shows what an answer rests on: the passage itself, who said it, when, and whether it holds.

import { element, icon } from "./dom.js";
import { markdown, webAddress } from "./markdown.js";
import { openPanel, panelBar } from "./panel.js";
import { day, knows, t } from "./texts.js";

/** Show a citation in the panel. */
export function openSource(citation, button) {
  openPanel(button, () => source(citation));
}

function source(citation) {
  const { n, title, heading, quote, url, trust, in_force: inForce } = citation;
  const address = url && webAddress(url);
  return [
    panelBar(t("source.number", { n }),
      element("span", { class: `badge trust-${trust}` }, named("trust", trust)),
      element("span", { class: inForce ? "badge holds" : "badge past" }, t(inForce ? "source.holds" : "source.past"))),
    element("h2", { dir: "auto" }, title),
    heading && heading !== title ? element("p", { class: "source-heading", dir: "auto" }, heading) : "",
    element("blockquote", { class: "prose", dir: "auto" }, markdown(quote ?? "")),
    element("dl", {}, facts(citation).map(([name, value]) => [element("dt", {}, name), element("dd", { dir: "auto" }, value)])),
    address
      ? element("a", { class: "original", href: address.href, target: "_blank", rel: "noopener noreferrer" },
        icon("open"), t("source.open", { host: address.hostname }))
      : element("p", { class: "source-none" }, t("source.no_link")),
  ];
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
