// A small line chart, drawn from the points that an answer carries.

import { drawing, element } from "./dom.js";
import { shown } from "./figures.js";
import { period } from "./texts.js";

// Drawn in the pixels it will have, so that its small print stays readable on a phone.
const narrow = matchMedia("(max-width: 719px)");
const HEIGHT = 170;
const EDGE = { top: 12, right: 12, bottom: 26, left: 52 };

/** The charts of an answer that are of a kind known here. */
export function charts(list) {
  return list.filter((chart) => chart?.kind === "line" && chart.points?.length > 1).map(lineChart);
}

function lineChart({ title, unit, points, band = [] }) {
  const width = narrow.matches ? 330 : 700;
  const drawn = points.filter(([, value]) => value !== null);
  const bounds = band.flatMap(([, low, high]) => [low, high]);
  const values = [...drawn.map(([, value]) => value), ...bounds];
  const days = [...points, ...band].map(([day]) => Date.parse(day));
  const span = { first: Math.min(...days), last: Math.max(...days), low: Math.min(0, ...values), high: Math.max(...values) };
  const x = (day) => EDGE.left + ((Date.parse(day) - span.first) / (span.last - span.first || 1)) * (width - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - ((value - span.low) / (span.high - span.low || 1)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const path = (pairs) => pairs.map(([day, value], at) => `${at ? "L" : "M"}${x(day).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const edge = [...band.map(([day, low]) => [day, low]), ...band.toReversed().map(([day, , high]) => [day, high])];
  const [first, last] = [points[0][0], points.at(-1)[0]];
  return element("figure", { class: "chart" },
    element("figcaption", {}, title),
    drawing("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${title} ${period(`${first}..${last}`)}` },
      [span.low, (span.low + span.high) / 2, span.high].map((value) => [
        drawing("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
        drawing("text", { x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, shown(value, unit)),
      ]),
      edge.length > 0 && drawing("path", { class: "band", d: `${path(edge)}Z` }),
      drawing("path", { class: "line", d: path(drawn) }),
      drawing("text", { x: EDGE.left, y: HEIGHT - 6 }, period(first)),
      drawing("text", { x: width - EDGE.right, y: HEIGHT - 6, "text-anchor": "end" }, period(last))));
}
