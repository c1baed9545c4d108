// The charts of an answer: a picture that the server draws for its owner, and every number in it as a table.

import { element } from "./dom.js";
import { picture } from "./stream.js";
import { t } from "./texts.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const shown = new Set();

/** Pictures are fetched when they come near; of a long conversation most are never looked at. */
const nearing = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) target.near();
}, { rootMargin: "300px" });

/** One chart. `node` stays the same for as long as the answer stands; show() writes it in the page's language. */
export class Chart {
  constructor(chart) {
    this.chart = chart;
    this.image = element("img", { class: "chart-picture", alt: chart.alt });
    this.image.near = () => this.draw();
    this.missing = element("p", { class: "chart-missing", hidden: true });
    this.summary = element("summary", {});
    this.details = element("details", {}, this.summary, element("div", { class: "chart-table", tabindex: "0" }, this.#table()));
    this.node = element("figure", { class: "chart", "aria-label": chart.title }, this.image, this.missing, this.details);
    shown.add(this);
    nearing.observe(this.image);
    this.show();
  }

  show() {
    this.summary.textContent = t("chart.table");
    this.missing.textContent = `${t("chart.missing")} ${this.chart.alt}`;
  }

  /** Fetch the picture for the page as it is now, light or dark. Without it the words and the table stand alone. */
  async draw() {
    nearing.unobserve(this.image);
    const theme = isDark() ? "dark" : "light";
    if (theme === this.theme) return;
    this.theme = theme;
    const drawn = await picture(`${this.chart.svg}?theme=${theme}`);
    if (theme !== this.theme) return;
    this.image.hidden = drawn === null;
    this.missing.hidden = drawn !== null;
    if (drawn === null) this.details.open = true;
    else await this.#put(drawn);
  }

  async #put(drawn) {
    const address = URL.createObjectURL(drawn);
    this.image.src = address;
    await this.image.decode().catch(() => {});
    URL.revokeObjectURL(address);
  }

  #table() {
    const { headings, rows } = this.chart.table;
    return element("table", {},
      element("caption", { class: "unseen" }, this.chart.title),
      element("thead", {}, element("tr", {}, headings.map((heading) => element("th", { scope: "col" }, heading)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell) => element("td", {}, cell))))));
  }
}

function isDark() {
  const scheme = document.documentElement.dataset.scheme;
  return scheme === "dark" || (scheme !== "light" && dark.matches);
}

/** The page has become light or dark: what was drawn is drawn again, what has left the page is forgotten. */
function redraw() {
  for (const chart of shown) {
    if (!chart.node.isConnected) shown.delete(chart);
    else if (chart.theme) chart.draw();
  }
}

dark.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-scheme"] });
