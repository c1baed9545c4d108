// A creator's originality cases, in the panel: reporting a copied work step by step with its pictures, how each case
// stands, and what may be answered. The server decides what is possible; the buttons show only that.

import { element, icon } from "./dom.js";
import { webAddress } from "./markdown.js";
import { closePanel, isPanelOf, openPanel, panelBar, rewritePanel } from "./panel.js";
import { call, picture, send, Trouble } from "./stream.js";
import { moment, t } from "./texts.js";

const KINDS = ["image/png", "image/jpeg", "image/webp"];
const LARGEST = 5 * 1024 * 1024; // bytes of a picture, as the server takes them
const MOST = 10; // pictures of a case
const ROLES = ["own_cover", "other_cover", "evidence"];
const button = document.getElementById("originality");
let isFor = null;
let cases = [];
let works = [];
let draft = null; // what is being reported: the form's words and pictures, kept while the panel is closed
let busy = false;
let said = ""; // what went wrong, or well
let isBad = false;

/** Whose cases these are; nobody's with null. */
export function watchOriginality(creator) {
  if (creator === isFor) return;
  isFor = creator;
  cases = [];
  works = [];
  draft = null;
  said = "";
  if (isPanelOf(button)) closePanel();
  button.hidden = !isFor;
}

button.addEventListener("click", async () => {
  if (isPanelOf(button)) {
    closePanel();
    return;
  }
  openPanel(button, shown);
  await load();
});

async function load() {
  const asked = isFor;
  await trying(async () => {
    const found = await call("/api/v1/cases");
    if (asked !== isFor) return;
    ({ cases, works } = found);
  });
  if (isPanelOf(button)) rewritePanel();
}

/** Do something, and say what went wrong. Tells whether it went well. */
async function trying(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    tell(["input", "server", "thread"].includes(error.kind) && error.detail ? error.detail : t(`trouble.${error.kind}`), true);
    return false;
  }
}

function tell(text, bad = false) {
  said = text;
  isBad = bad;
}

function shown() {
  return [panelBar(t("cases.title")), notice(), ...(draft ? form() : list())];
}

function notice() {
  return element("p", { class: said ? `case-said${isBad ? " bad" : ""}` : "unseen", role: "status" }, said);
}

// ---- the cases

function list() {
  return [
    element("p", { class: "panel-note" }, t("cases.about")),
    element("button", { type: "button", class: "solid", onclick: begin }, t("cases.report")),
    cases.length ? element("ul", { class: "notices cases" }, cases.map(card)) : "",
  ];
}

function card(one) {
  const last = [...one.history].reverse().find(({ by, text }) => by === "staff" && text);
  const address = webAddress(one.other_url);
  return element("li", { class: "card" },
    element("p", { class: "card-fine" },
      element("span", { class: "badge" }, t(`cases.side_${one.side}`)), `#${one.id}`,
      element("time", { datetime: one.changed_at }, moment(one.changed_at))),
    element("h3", { dir: "auto" }, one.own_title),
    element("p", { class: `case-state state-${one.state}` }, icon(waits(one) ? "warn" : "done"), t(`cases.state_${one.state}`),
      one.due_at && waits(one) ? element("small", {}, t("cases.until", { when: moment(one.due_at) })) : ""),
    one.duplicate_of ? element("p", { class: "card-body" }, t("cases.duplicate", { number: one.duplicate_of })) : "",
    last ? element("blockquote", { dir: "auto" }, last.text) : "",
    element("dl", {},
      element("dt", {}, t("cases.other")), element("dd", {}, address ? element("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, one.other_title || address.hostname) : one.other_title),
      one.title_likeness === null ? "" : [element("dt", {}, t("cases.title_likeness")), element("dd", {}, percent(one.title_likeness))],
      one.cover_likeness === null ? "" : [element("dt", {}, t("cases.cover_likeness")), element("dd", {}, percent(one.cover_likeness))]),
    one.files.length ? element("div", { class: "case-files" }, one.files.map((file) => thumbnail(one, file))) : "",
    one.acts.length ? answering(one) : "");
}

/** Whether it waits for its creator. */
function waits({ acts }) {
  return acts.some((act) => act !== "withdraw");
}

function percent(share) {
  return `${Math.round(share * 100)}%`;
}

function thumbnail(one, { id, role }) {
  const image = element("img", { alt: t(`cases.role_${role}`) });
  picture(`/api/v1/cases/${one.id}/files/${id}`).then((fetched) => {
    if (!fetched) return;
    image.src = URL.createObjectURL(fetched);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  });
  return element("figure", {}, image, element("figcaption", {}, t(`cases.role_${role}`)));
}

/** What may be done now, with what is said with it; withdrawing needs no reason. */
function answering(one) {
  const words = element("textarea", { rows: "3", maxlength: "2000", dir: "auto", "aria-label": t("cases.your_words"), placeholder: t("cases.your_words") });
  const act = (name) => async ({ currentTarget }) => {
    if (busy) return;
    if (name === "withdraw" && !currentTarget.dataset.sure) { // a frame on somebody's site may not ask by a dialog
      currentTarget.dataset.sure = "yes";
      currentTarget.textContent = t("cases.withdraw_sure");
      return;
    }
    busy = true;
    const done = await trying(async () => {
      await call(`/api/v1/cases/${one.id}/steps`, { act: name, text: words.value });
      tell(t(`cases.did_${name}`));
    });
    busy = false;
    if (done) await load();
    else rewriteKeeping(words);
  };
  return element("div", { class: "case-answer" }, waits(one) ? words : "",
    element("div", { class: "deeds" }, one.acts.map((name) =>
      element("button", { type: "button", class: name === "withdraw" ? "chip" : "solid", onclick: act(name) }, t(`cases.do_${name}`)))));
}

/** Show what was said without losing what was typed. */
function rewriteKeeping(words) {
  const typed = words.value;
  const place = [...document.querySelectorAll(".case-answer textarea")].indexOf(words);
  rewritePanel();
  const again = document.querySelectorAll(".case-answer textarea")[place];
  if (again) again.value = typed;
}

// ---- a report

function begin() {
  draft = { own_title: "", own_url: "", other_url: "", other_title: "", other_name: "", statement: "", pictures: [], filed: null };
  tell("");
  rewritePanel();
  document.getElementById("case-own-title")?.focus();
}

function form() {
  const isFiled = draft.filed !== null; // the words are with the staff; only pictures are still to go
  return [element("form", { class: "case-form", onsubmit: submitted, novalidate: true },
    step(1, t("cases.step_own"),
      line("own_title", { list: "case-works", required: true, maxlength: "200", disabled: isFiled }),
      element("datalist", { id: "case-works" }, works.map((title) => element("option", { value: title }))),
      line("own_url", { type: "url", maxlength: "500", inputmode: "url", placeholder: "https://", disabled: isFiled })),
    step(2, t("cases.step_other"),
      line("other_url", { type: "url", required: true, maxlength: "500", inputmode: "url", placeholder: "https://", disabled: isFiled }),
      line("other_title", { maxlength: "200", disabled: isFiled }),
      line("other_name", { maxlength: "100", disabled: isFiled })),
    step(3, t("cases.step_statement"),
      element("p", { class: "hint", id: "case-statement-hint" }, t("cases.statement_hint")),
      words({ disabled: isFiled })),
    step(4, t("cases.step_pictures"),
      element("p", { class: "hint" }, t("cases.pictures_hint")),
      ...ROLES.map(chooser),
      element("ul", { class: "case-chosen" }, draft.pictures.map(chosen))),
    element("div", { class: "deeds" },
      element("button", { type: "submit", class: "solid", disabled: busy }, t(busy ? "cases.sending" : isFiled ? "cases.send_pictures" : "cases.send")),
      element("button", { type: "button", class: "chip", disabled: busy, onclick: leave }, t(isFiled ? "cases.without_pictures" : "cases.cancel"))))];
}

function step(number, title, ...content) {
  return element("fieldset", {}, element("legend", {}, element("b", { class: "case-step" }, String(number)), title), content);
}

function line(name, attributes) {
  const id = `case-${name.replace("_", "-")}`;
  const input = element("input", { id, name, dir: "auto", autocomplete: "off", value: draft[name], oninput: (event) => { draft[name] = event.target.value; }, ...attributes });
  return element("label", { for: id }, element("span", {}, t(`cases.${name}`), attributes.required ? "" : element("small", {}, t("cases.optional"))), input);
}

function words(attributes) {
  const box = element("textarea", { id: "case-statement", name: "statement", rows: "5", maxlength: "2000", required: true, dir: "auto", "aria-describedby": "case-statement-hint", oninput: (event) => { draft.statement = event.target.value; }, ...attributes });
  box.value = draft.statement;
  return element("label", { for: "case-statement" }, element("span", {}, t("cases.statement")), box);
}

function chooser(role) {
  const input = element("input", { type: "file", accept: KINDS.join(","), hidden: true, multiple: role === "evidence", "aria-label": t(`cases.role_${role}`), onchange: (event) => add(role, [...event.target.files]) });
  return [input, element("button", { type: "button", class: "chip", "data-role": role, onclick: () => input.click() }, icon("clip"), t(`cases.add_${role}`))];
}

function chosen(one) {
  const image = element("img", { alt: "" });
  image.src = URL.createObjectURL(one.file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  return element("li", {}, image, element("span", { dir: "auto" }, t(`cases.role_${one.role}`), element("small", {}, one.file.name)),
    one.isSent ? icon("done") : element("button", { type: "button", class: "quiet", "aria-label": t("cases.remove", { name: one.file.name }), onclick: () => drop(one) }, icon("bin")));
}

function add(role, files) {
  tell("");
  for (const file of files) {
    if (!KINDS.includes(file.type)) tell(t("cases.not_a_picture", { name: file.name }), true);
    else if (file.size > LARGEST) tell(t("cases.large_picture", { name: file.name }), true);
    else if (draft.pictures.length >= MOST) tell(t("cases.many_pictures", { most: MOST }), true);
    else draft.pictures.push({ role, file, isSent: false });
  }
  rewritePanel();
}

function drop(one) {
  draft.pictures = draft.pictures.filter((other) => other !== one);
  rewritePanel();
}

function leave() {
  draft = null;
  tell("");
  load();
}

/** The first field that is missing, or null. */
function missing() {
  return ["own_title", "other_url", "statement"].find((name) => !draft[name].trim()) ?? null;
}

async function submitted(event) {
  event.preventDefault();
  if (busy) return;
  const empty = missing();
  if (empty) {
    tell(t("cases.missing", { name: t(`cases.${empty}`) }), true);
    rewritePanel();
    document.getElementById(`case-${empty.replace("_", "-")}`).focus();
    return;
  }
  const mine = draft;
  busy = true;
  tell("");
  rewritePanel();
  const done = await trying(() => file(mine));
  busy = false;
  if (mine !== draft) return; // somebody else uses the page by now
  if (done) {
    tell(t(mine.duplicate ? "cases.filed_again" : "cases.filed", { number: mine.filed }));
    draft = null;
    await load();
  } else rewritePanel();
}

/** Send the words, then each picture; what has been sent is not sent again after a failure. */
async function file(mine) {
  if (mine.filed === null) {
    const { own_title, own_url, other_url, other_title, other_name, statement } = mine;
    const one = await call("/api/v1/cases", { own_title, own_url, other_url, other_title, other_name, statement });
    mine.filed = one.id;
    mine.duplicate = one.duplicate_of !== null;
  }
  for (const each of mine.pictures.filter(({ isSent }) => !isSent)) {
    const query = new URLSearchParams({ role: each.role, name: each.file.name.slice(-200) });
    await send(`/api/v1/cases/${mine.filed}/files?${query}`, each.file, each.file.type);
    each.isSent = true;
  }
}
