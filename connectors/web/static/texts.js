// The page's own words, from the catalogues of the server, in the language that is chosen.

const REMEMBERED_SECONDS = 365 * 24 * 3600;
let texts = {};

/** Load a language and put it wherever the page carries a key. */
export async function speak(lang) {
  const answer = await fetch(new URL(`./texts.${lang}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`texts: ${answer.status}`);
  texts = await answer.json();
  document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
  document.documentElement.dataset.lang = lang;
  document.title = t("page.title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    if (node.title) node.title = t(node.dataset.tLabel);
  }
  for (const node of document.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

/** Keep the choice, so that the next visit comes in this language at once. */
export function remember(lang) {
  document.cookie = `heliotrope_lang=${lang}; path=/; max-age=${REMEMBERED_SECONDS}; SameSite=Lax`;
}

/** The text of a key with its {places} filled in. */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export const knows = (key) => Object.hasOwn(texts, key);
export const language = () => document.documentElement.dataset.lang;

/** A day as precise as it is known: 2024, 2024-08 or 2024-08-29. */
export function day(text) {
  const known = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text ?? "");
  if (!known) return text ?? "";
  const form = { year: "numeric", timeZone: "UTC" };
  if (known[2]) form.month = language() === "zh" ? "long" : "short";
  if (known[3]) form.day = "numeric";
  const moment = Date.UTC(Number(known[1]), Number(known[2] ?? 1) - 1, Number(known[3] ?? 1));
  return new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", form).format(moment);
}

/** "2026-10-26..2026-11-22" as a reader writes it. */
export function period(range) {
  const [first, last] = range.split("..").map((text) => Date.parse(`${text}T00:00:00Z`));
  if (Number.isNaN(first) || Number.isNaN(last ?? first)) return range;
  const form = new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", {
    month: language() === "zh" ? "numeric" : "short", day: "numeric", timeZone: "UTC",
  });
  return last === undefined ? form.format(first) : form.formatRange(first, last);
}

/** A UTC moment in the reader's own time: 11月28日 11:04. */
export function moment(written) {
  const at = new Date(written.endsWith("Z") ? written : `${written}Z`);
  if (Number.isNaN(at.getTime())) return written;
  const form = { month: language() === "zh" ? "long" : "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (at.getFullYear() !== new Date().getFullYear()) form.year = "numeric";
  return new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", form).format(at);
}
