// Files that platforms export: chosen or dropped here, read by the server without keeping anything, and imported only
// after the creator has seen what was read and said yes.

import { element, icon } from "./dom.js";
import { send, Trouble } from "./stream.js";
import { t } from "./texts.js";

const KINDS = {
  csv: "text/csv", tsv: "text/tab-separated-values", jsonl: "application/jsonl", parquet: "application/vnd.apache.parquet",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
const LARGEST = 20 * 1024 * 1024; // bytes, as the server takes them
const SHOWN_LINES = 5;
const TOLD = ["play", "like", "comment", "share", "collect", "follow"];

/** Whether a file could be one. */
export function kindOf(name) {
  return KINDS[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? null;
}

/** One file on its way in, as a card of the conversation. `actions` has ask(text) and announce(text). */
export class Upload {
  constructor(file, actions) {
    this.file = file;
    this.actions = actions;
    this.state = "reading";
    this.report = null;
    this.reason = "";
    this.node = element("li", { class: "turn upload" });
    this.show();
  }

  /** What would be imported. */
  async preview() {
    if (!kindOf(this.file.name)) return this.#refuse("upload.kind");
    if (this.file.size > LARGEST) return this.#refuse("upload.large");
    return this.#sent(true, "preview");
  }

  /** Show it in the page's language. */
  show() {
    const { name } = this.file;
    const isOpen = (this.state === "preview" || this.state === "importing") && this.#brings();
    this.node.replaceChildren(element("div", { class: "upload-card", role: "group", "aria-label": name },
      element("p", { class: "upload-name" }, icon("file"), element("span", { dir: "auto" }, name)),
      element("p", { class: "upload-state", role: "status" }, this.#said()),
      this.report ? this.#facts() : "",
      isOpen ? element("div", { class: "upload-choice" },
        element("button", { type: "button", class: "solid", disabled: this.state === "importing", onclick: () => this.#sent(false, "imported") }, t("upload.yes")),
        element("button", { type: "button", class: "chip", disabled: this.state === "importing", onclick: () => this.#drop() }, t("upload.no"))) : "",
      this.state === "imported" ? element("button", { type: "button", class: "chip", onclick: () => this.actions.ask(t("upload.next")) }, t("upload.next")) : ""));
  }

  #said() {
    if (this.reason) return this.reason;
    if (this.state === "preview" && !this.#brings()) return t("upload.nothing");
    return t(`upload.${this.state}`);
  }

  #brings() {
    return this.report.new + this.report.changed > 0;
  }

  #facts() {
    const { preset, read, works, days, new: added, changed, totals, skipped } = this.report;
    const sums = TOLD.filter((name) => totals[name]).map((name) => `${t(`upload.total_${name}`)} ${Math.round(totals[name]).toLocaleString("en")}`);
    const lines = skipped.slice(0, SHOWN_LINES).map(({ line }) => line).join(", ") + (skipped.length > SHOWN_LINES ? " …" : "");
    const rows = [
      [t("upload.layout"), preset],
      [t("upload.read"), t("upload.read_value", { read, works, days })],
      [t(this.state === "imported" ? "upload.stored" : "upload.would"), t("upload.would_value", { added, changed })],
      sums.length && [t("upload.totals"), sums.join(" · ")],
      skipped.length && [t("upload.skipped"), t("upload.skipped_value", { count: skipped.length, lines })],
    ];
    return element("dl", {}, rows.filter(Boolean).map(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
  }

  #refuse(key) {
    this.state = "refused";
    this.reason = t(key);
    this.show();
    this.actions.announce(this.reason);
  }

  #drop() {
    this.state = "dropped";
    this.report = null;
    this.show();
  }

  async #sent(isPreview, next) {
    this.state = isPreview ? "reading" : "importing";
    this.show();
    const query = new URLSearchParams({ name: this.file.name.slice(-200), dry_run: String(isPreview) });
    try {
      this.report = await send(`/api/v1/me/metrics?${query}`, this.file, kindOf(this.file.name));
      this.state = next;
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.state = "refused";
      this.report = null;
      this.reason = error.kind === "input" && error.detail ? error.detail : t(`trouble.${error.kind}`);
    }
    this.show();
    this.actions.announce(this.#said());
  }
}
