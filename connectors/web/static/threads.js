// The reader's earlier conversations: a list in the panel, to go on with one or to delete it.

import { element, icon } from "./dom.js";
import { closePanel, isPanelOf, openPanel, panelBar, rewritePanel } from "./panel.js";
import { call, remove, Trouble } from "./stream.js";
import { moment, t } from "./texts.js";

const button = document.getElementById("threads");
let found = [];
let following = null;
let state = "loading";
let chat = null;

/** Begin; `actions` has open(thread) to go on with a conversation and current() to name the one on show. */
export function listThreads(actions) {
  chat = actions;
  button.addEventListener("click", () => {
    if (isPanelOf(button)) return closePanel();
    [found, following, state] = [[], null, "loading"];
    openPanel(button, list);
    return load();
  });
}

function list() {
  return [
    panelBar(t("threads.title")),
    state === "loading" && !found.length ? element("p", { class: "panel-note" }, t("threads.loading")) : "",
    state === "failed" ? element("p", { class: "panel-note", role: "alert" }, t("threads.failed")) : "",
    state === "ready" && !found.length ? element("p", { class: "panel-note" }, t("threads.none")) : "",
    element("ul", { class: "rows" }, found.map(row)),
    following ? element("button", { type: "button", class: "chip", onclick: load }, t("threads.more")) : "",
  ];
}

function row(thread) {
  return element("li", {},
    element("button", { type: "button", class: "row-main", "aria-current": thread.thread === chat.current() ? "true" : null, onclick: () => go(thread) },
      element("span", { class: "row-title", dir: "auto" }, thread.title),
      element("span", { class: "row-fine" }, `${moment(thread.asked_at)} · ${t("threads.turns", { count: thread.turns })}`)),
    element("button", { type: "button", class: "quiet", "aria-label": t("threads.delete", { title: thread.title }), title: t("threads.delete_short"), onclick: () => forget(thread) },
      icon("bin")));
}

async function load() {
  try {
    const page = await call(`/api/v1/threads?limit=20${following ? `&cursor=${encodeURIComponent(following)}` : ""}`);
    [found, following, state] = [[...found, ...page.threads], page.next, "ready"];
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    state = "failed";
  }
  if (isPanelOf(button)) rewritePanel();
}

function go({ thread }) {
  closePanel();
  chat.open(thread);
}

async function forget(thread) {
  try {
    await remove(`/api/v1/threads/${encodeURIComponent(thread.thread)}`);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.kind !== "thread") return;
  }
  found = found.filter((other) => other !== thread);
  rewritePanel();
  if (thread.thread === chat.current()) chat.open(null);
}
