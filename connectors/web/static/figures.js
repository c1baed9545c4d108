// Computed numbers as small cards: the value with its window, sample size and baseline.

import { element } from "./dom.js";
import { knows, language, period, t } from "./texts.js";

const STEPS = {
  zh: [[1e8, "亿"], [1e4, "万"]],
  en: [[1e9, "B"], [1e6, "M"], [1e3, "K"]],
};

/** A number in its unit as a creator reads it; a percent is a fraction. The same as the answer's own text has it. */
export function shown(value, unit, lang = language()) {
  if (value === null || value === undefined) return "—";
  if (unit === "count") return counted(value, lang);
  if (unit === "percent") return `${significant(value * 100)}%`;
  return t(`unit.${unit}`, { value: significant(value) });
}

/** The cards of an answer's figures; null when there are none. */
export function figureCards(figures) {
  if (!figures.length) return null;
  return element("ul", { class: "figures" }, figures.map(card));
}

function card(figure) {
  const declared = (group) => (knows(`${group}.${figure.metric}`) ? t(`${group}.${figure.metric}`) : null);
  const known = figure.baseline !== null && figure.baseline !== undefined;
  return element("li", { class: "figure", title: declared("definition") },
    element("span", { class: "figure-title" }, declared("metric") ?? figure[`title_${language()}`] ?? figure.metric),
    element("span", { class: "figure-value" }, shown(figure.value, figure.unit)),
    known && element("span", { class: "figure-base" },
      element("i", { class: `trend ${trend(figure)}`, "aria-hidden": "true" }),
      t("figure.baseline", { value: shown(figure.baseline, figure.unit) })),
    element("span", { class: "figure-fine" },
      figure.window && element("span", {}, period(figure.window)),
      figure.n !== null && element("span", {}, t("figure.n", { n: figure.n.toLocaleString("en") }))));
}

function trend({ value, baseline }) {
  if (value === null || value === baseline) return "level";
  return value > baseline ? "up" : "down";
}

function counted(value, lang) {
  const sign = value < 0 ? "-" : "";
  const size = Math.round(Math.abs(value));
  let higher = null;
  for (const [step, letter] of STEPS[lang]) {
    if (size >= step) {
      const short = rounded(size / step, size / step < 100 ? 1 : 0);
      if (higher && short * step >= higher[0]) return `${sign}1${higher[1]}`;
      return sign + plain(short) + letter;
    }
    higher = [step, letter];
  }
  return sign + plain(size);
}

function significant(value) {
  if (value === 0 || Math.abs(value) >= 1) return plain(rounded(value, 1));
  return plain(rounded(value, 1 - Math.floor(Math.log10(Math.abs(value)) + 1e-9)));
}

function rounded(value, places) {
  const sign = Math.sign(value) || 1;
  return (sign * Math.round(Number(`${Math.abs(Number(value.toPrecision(15)))}e${places}`))) / 10 ** places;
}

function plain(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 12 });
}
