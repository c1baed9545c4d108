// What the reader thinks of an answer: a thumb up or down, and after a thumb down a line to say what was wrong.

import { element, icon } from "./dom.js";
import { call, Trouble } from "./stream.js";
import { t } from "./texts.js";

const LONGEST = 1000;

export class Opinion {
  /** `verdict` is the one that was given already: "up", "down" or null. */
  constructor(answerId, verdict) {
    this.path = `/api/v1/answers/${encodeURIComponent(answerId)}/feedback`;
    this.verdict = this.kept = verdict;
    this.last = Promise.resolve();
    this.asks = false;
    this.told = "";
    this.up = this.#thumb("up");
    this.down = this.#thumb("down");
    this.thumbs = element("span", { class: "thumbs", role: "group" }, this.up, this.down);
    this.field = element("input", { type: "text", maxlength: LONGEST, enterkeyhint: "send", onkeydown: (event) => this.#onKey(event) });
    this.send = element("button", { type: "submit", class: "chip" });
    this.form = element("form", { autocomplete: "off", onsubmit: (event) => this.#comment(event) }, this.field, this.send);
    this.status = element("p", { role: "status" });
    this.line = element("div", { class: "opinion" }, this.form, this.status);
    this.show();
  }

  /** Show it in the page's language. */
  show() {
    this.thumbs.setAttribute("aria-label", t("opinion.label"));
    for (const [verdict, button] of [["up", this.up], ["down", this.down]]) {
      button.setAttribute("aria-pressed", String(this.verdict === verdict));
      button.setAttribute("aria-label", t(`opinion.${verdict}`));
      button.title = t(`opinion.${verdict}`);
    }
    this.form.hidden = !this.asks;
    this.field.placeholder = t("opinion.ask");
    this.field.setAttribute("aria-label", t("opinion.ask"));
    this.send.textContent = t("opinion.send");
    this.status.textContent = this.told && t(this.told);
    this.line.hidden = !this.asks && !this.told;
  }

  #thumb(verdict) {
    return element("button", { type: "button", class: "quiet", onclick: () => this.#choose(verdict) }, icon(`thumb-${verdict}`));
  }

  /** Choosing what is chosen already takes it back. */
  #choose(chosen) {
    this.verdict = this.verdict === chosen ? null : chosen;
    this.asks = this.verdict === "down";
    this.told = "";
    this.field.value = "";
    this.show();
    this.#keep("");
  }

  async #comment(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text && !(await this.#keep(text))) return;
    this.told = text && "opinion.thanks";
    this.#close();
  }

  #onKey(event) {
    // While an input method composes, Enter chooses a word and Escape drops it; 229 is how older browsers say so.
    if (event.isComposing || event.keyCode === 229) {
      if (event.key === "Enter") event.preventDefault();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#close();
    }
  }

  #close() {
    this.asks = false;
    this.show();
    this.down.focus();
  }

  /** Send it after what was chosen before, and show what the server kept in the end. Whether it was kept. */
  async #keep(comment) {
    const verdict = this.verdict;
    const work = (this.last = this.last.then(() => this.#sent({ verdict, comment })));
    const isKept = await work;
    if (isKept) this.kept = verdict;
    if (work === this.last) {
      this.verdict = this.kept;
      this.asks &&= this.kept === "down";
      this.told = isKept ? "" : "opinion.failed";
      this.show();
    }
    return isKept;
  }

  async #sent(opinion) {
    try {
      await call(this.path, opinion);
      return true;
    } catch (error) {
      if (error instanceof Trouble) return false;
      throw error;
    }
  }
}
