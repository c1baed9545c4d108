// A site's own colour in place of ours, made darker or lighter until text in it can be read (WCAG 2.2, 4.5 to 1).

const PAPERS = { light: "#ffffff", dark: "#1d1e21" };
const READABLE = 4.5;

/** Take `accent` (#rrggbb) as the leading colour of the page, in light and in dark. */
export function paint(accent) {
  const style = document.documentElement.style;
  const sheets = { light: mixed(accent, PAPERS.light, 0.12), dark: mixed(accent, PAPERS.dark, 0.2) };
  const light = readable(accent, [PAPERS.light, sheets.light], "#000000");
  const dark = readable(accent, [PAPERS.dark, sheets.dark], "#ffffff");
  style.setProperty("--amber", `light-dark(${light}, ${dark})`);
  style.setProperty("--amber-sheet", `light-dark(${sheets.light}, ${sheets.dark})`);
  style.setProperty("--amber-line", `light-dark(${mixed(accent, PAPERS.light, 0.4)}, ${mixed(accent, PAPERS.dark, 0.5)})`);
  style.setProperty("--sun", accent);
  // Our warm paper goes with our amber only: beside another colour, paper and lines are nearly grey.
  for (const [name, light, dark, share] of [
    ["--paper", "#fafafa", "#151618", 0.03], ["--sheet", PAPERS.light, PAPERS.dark, 0], ["--sunk", "#f0f0f1", "#101113", 0.04],
    ["--line", "#e2e2e4", "#35363a", 0.06], ["--ink", "#202126", "#ececef", 0], ["--soft", "#5f6168", "#a6a7ad", 0],
  ]) style.setProperty(name, `light-dark(${mixed(accent, light, share)}, ${mixed(accent, dark, share)})`);
}

/** The first shade of a colour, on its way to black or white, that can be read on all these papers. */
function readable(colour, papers, towards) {
  for (let share = 1; share > 0; share -= 0.05) {
    const candidate = mixed(colour, towards, share);
    if (papers.every((paper) => contrast(candidate, paper) >= READABLE)) return candidate;
  }
  return towards;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
  const [r, g, b] = channels(colour).map((value) => (value <= 10.3 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** `share` of one colour, the rest of another. */
function mixed(colour, other, share) {
  const rest = channels(other);
  const parts = channels(colour).map((value, at) => Math.round(value * share + rest[at] * (1 - share)));
  return `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
