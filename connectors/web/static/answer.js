// One question with its answer: takes the events as they come and shows what they amount to.

import { Chart } from "./chart.js";
import { element, icon, settle } from "./dom.js";
import { figureCards } from "./figures.js";
import { markdown } from "./markdown.js";
import { Opinion } from "./opinion.js";
import { openSource } from "./source.js";
import { day, t } from "./texts.js";

const MARK = /\[(\d{1,3})\]/g;
const COPIED_SECONDS = 1.6;
const LONGEST_LABEL = 20;

export class Answer {
  /** `actions` has ask(text) for suggestions, again(answer) for retries, anew(answer) for another answer to the same
   * question, missed(answer) to say that it was not what was asked, and press(answer, action) for a button of it. */
  constructor(question, actions) {
    this.question = question;
    this.actions = actions;
    this.state = "working";
    this.trouble = null;
    this.reply = empty();
    this.status = "";
    this.body = element("div", { class: "prose", dir: "auto" });
    this.rest = element("div", { class: "rest" });
    this.line = element("div", { class: "line" });
    this.node = element("li", { class: "turn" },
      question ? element("p", { class: "asked" }, element("span", { dir: "auto" }, question)) : null,
      element("div", { class: "answer" }, this.line, this.body, this.rest));
    this.body.addEventListener("click", (event) => this.#openMark(event));
    this.show();
  }

  /** Take one event of the stream; true when it was the last. */
  take({ kind, data }) {
    if (kind === "status") this.status = data.text;
    else if (kind === "sentence") this.reply.text += data.text;
    else if (kind === "restart") this.reply = empty();
    else if (kind === "citation") this.reply.citations.push(data);
    else if (kind === "action") this.reply.actions.push(data);
    else if (kind === "done") this.finish(data);
    this.showSoon();
    return kind === "done";
  }

  /** The whole answer is there, and the verdict that was given on it, if any. */
  finish(reply, verdict = null) {
    this.reply = { ...empty(), ...reply };
    this.opinion = new Opinion(reply.answer_id, verdict);
    this.state = "done";
    this.show();
  }

  /** The reader stopped it; what came stays. */
  stop() {
    this.state = "stopped";
    this.show();
  }

  /** It failed; what came stays, and the way on is offered. */
  fail(trouble) {
    this.state = "trouble";
    this.trouble = trouble;
    this.until = Date.now() + trouble.retryAfter * 1000;
    this.show();
    if (trouble.retryAfter) {
      const timer = setInterval(() => {
        this.show();
        if (Date.now() >= this.until || !this.node.isConnected) clearInterval(timer);
      }, 1000);
    }
  }

  /** Many events may come in one frame; they are shown once. */
  showSoon() {
    this.frame ??= requestAnimationFrame(() => this.show());
  }

  /** Show what is known now, in the page's language. */
  show() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    const working = this.state === "working";
    this.node.classList.toggle("working", working);
    settle(this.line, working ? [statusLine(this.status)] : []);
    settle(this.body, this.#prose().childNodes);
    settle(this.rest, (working ? [] : this.#rest()).filter(Boolean));
  }

  #prose() {
    const fragment = markdown(this.reply.text);
    for (const { firstChild: lead } of fragment.children) {
      // A paragraph that begins with a short bold word says what it rests on: policy, guidance or the creator's data.
      if (lead?.nodeName === "STRONG" && lead.parentNode.nodeName === "P" && lead.textContent.length <= LONGEST_LABEL) lead.className = "basis";
    }
    mark(fragment, this.reply.citations);
    return fragment;
  }

  #rest() {
    this.opinion?.show();
    const { citations, figures, suggestions, actions } = this.reply;
    return [
      figureCards(figures),
      ...this.#charts(),
      this.state === "done" && actions.length > 0 && element("div", { class: "deeds", role: "group", "aria-label": t("answer.actions") },
        actions.map((action) => this.#deed(action))),
      this.state === "stopped" && element("p", { class: "aside" }, t("answer.stopped"),
        element("button", { type: "button", class: "chip", onclick: () => this.actions.again(this) }, icon("retry"), t("answer.again"))),
      this.state === "trouble" && this.#troubleCard(),
      citations.length > 0 && element("section", { class: "sources", "aria-label": t("answer.sources") },
        element("h3", {}, t("answer.sources")),
        element("ol", {}, citations.map((citation) => this.#sourceRow(citation)))),
      this.state === "done" && element("div", { class: "tools" },
        element("button", { type: "button", class: "quiet labelled", title: t("answer.copy"), onclick: (event) => this.#copy(event.currentTarget) },
          icon("copy"), element("span", {}, t("answer.copy"))),
        element("button", { type: "button", class: "quiet labelled anew", title: t("answer.anew"), onclick: () => this.actions.anew(this) },
          icon("retry"), element("span", {}, t("answer.anew"))),
        this.opinion.thumbs,
        element("button", { type: "button", class: "quiet missed", onclick: () => this.actions.missed(this) },
          element("span", {}, t("answer.missed")))),
      this.state === "done" && this.opinion.line,
      this.state === "done" && suggestions.length > 0 && element("ul", { class: "suggestions", "aria-label": t("answer.suggestions") },
        suggestions.map((text) => element("li", {},
          element("button", { type: "button", class: "chip", onclick: () => this.actions.ask(text) }, text)))),
    ];
  }

  /** The same nodes every time, so that no picture is fetched twice. */
  #charts() {
    this.charts ??= this.reply.charts.map((chart) => new Chart(chart));
    for (const chart of this.charts) chart.show();
    return this.charts.map(({ node }) => node);
  }

  /** Pressed once: what came of it is said below, and pressing again would only say it again. */
  #deed(action) {
    this.pressed ??= new Set();
    return element("button", { type: "button", class: "solid", disabled: this.pressed.has(action.id), onclick: () => {
      this.pressed.add(action.id);
      this.show();
      this.actions.press(this, action);
    } }, action.label);
  }

  /** A button that could not be pressed may be pressed again. */
  release(action) {
    this.pressed.delete(action.id);
    this.show();
  }

  #sourceRow(citation) {
    const fine = [citation.source, citation.source_date && day(citation.source_date)].filter(Boolean).join(" · ");
    return element("li", {},
      element("button", { type: "button", class: "source-row", "aria-haspopup": "dialog", onclick: (event) => openSource(citation, event.currentTarget) },
        element("span", { class: "cite", "aria-hidden": "true" }, citation.n),
        element("span", { class: "source-title", dir: "auto" }, citation.title),
        !citation.in_force && element("span", { class: "badge past" }, t("source.past")),
        element("span", { class: "source-fine" }, fine)));
  }

  #troubleCard() {
    const { kind } = this.trouble;
    const left = Math.max(0, Math.ceil((this.until - Date.now()) / 1000));
    return element("div", { class: "trouble", role: "alert" },
      icon("warn"),
      element("div", {},
        element("strong", {}, t(`trouble.${kind}`)),
        element("p", {}, t(`trouble.${kind}_next`))),
      element("button", { type: "button", class: "chip", disabled: left > 0, onclick: () => this.actions.again(this) },
        icon("retry"), left > 0 ? t("answer.again_in", { seconds: left }) : t("answer.again")));
  }

  #openMark(event) {
    const button = event.target.closest("button.cite");
    const citation = button && this.reply.citations.find(({ n }) => String(n) === button.dataset.n);
    if (citation) openSource(citation, button);
  }

  async #copy(button) {
    const sources = this.reply.citations.map(({ n, title, source, source_date: date, url }) =>
      `[${n}] ${[title, source, date, url].filter(Boolean).join(" · ")}`);
    await write([this.reply.text, ...sources.length ? [t("answer.sources"), ...sources] : []].join("\n"));
    button.replaceChildren(icon("done"), element("span", {}, t("answer.copied")));
    setTimeout(() => button.replaceChildren(icon("copy"), element("span", {}, t("answer.copy"))), COPIED_SECONDS * 1000);
  }
}

function empty() {
  return { text: "", citations: [], figures: [], charts: [], suggestions: [], actions: [] };
}

function statusLine(text) {
  return element("p", { class: "status" }, element("i", { class: "dawn", "aria-hidden": "true" }), text || t("answer.working"));
}

/** Turn every `[n]` that has a source into a button; any other stays as it was written. */
function mark(fragment, citations) {
  const known = new Map(citations.map((citation) => [String(citation.n), citation]));
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest("code, a")) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = text.data.split(MARK);
    if (parts.length === 1) continue;
    text.replaceWith(...parts.map((part, at) => {
      if (at % 2 === 0) return part;
      const citation = known.get(part);
      if (!citation) return `[${part}]`;
      const label = t("source.mark", { n: part, title: citation.title });
      return element("button", { type: "button", class: "cite", "data-n": part, "aria-haspopup": "dialog", "aria-label": label, title: citation.title }, part);
    }));
  }
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure address browsers offer only this old way.
    const area = element("textarea", { class: "unseen" });
    document.body.append(area);
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
