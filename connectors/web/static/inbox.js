// What the house has to tell a creator: a bell with how much is unseen, and the list of it in the panel.

import { element, icon } from "./dom.js";
import { webAddress } from "./markdown.js";
import { closePanel, isPanelOf, openPanel, panelBar, rewritePanel } from "./panel.js";
import { call, picture, Trouble } from "./stream.js";
import { knows, moment, t } from "./texts.js";

const LOOK_SECONDS = 60;
const button = document.getElementById("inbox");
const count = document.getElementById("inbox-count");
let inbox = { notices: [], next: null, unseen: 0 };
let fresh = new Set();
let isFor = null;
let timer = 0;

/** Look for `creator` from now on; nobody's is looked for with null. */
export function watchInbox(creator) {
  if (creator === isFor) return;
  isFor = creator;
  inbox = { notices: [], next: null, unseen: 0 };
  clearInterval(timer);
  if (isPanelOf(button)) closePanel();
  show();
  if (!creator) return;
  look();
  timer = setInterval(() => document.visibilityState === "visible" && look(), LOOK_SECONDS * 1000);
}

/** Write it in the page's language. */
export function showInbox() {
  show();
}

function show() {
  button.hidden = !isFor;
  count.hidden = !inbox.unseen;
  count.textContent = inbox.unseen > 99 ? "99+" : String(inbox.unseen);
  const label = inbox.unseen ? t("inbox.unseen", { count: inbox.unseen }) : t("inbox.title");
  button.setAttribute("aria-label", label);
  button.title = label;
}

async function look() {
  const asked = isFor;
  const page = await asking(() => call("/api/v1/notices?limit=20"));
  if (!page || asked !== isFor) return;
  inbox = page;
  show();
  if (isPanelOf(button)) rewritePanel();
}

async function more() {
  const page = await asking(() => call(`/api/v1/notices?limit=20&before=${inbox.next}`));
  if (!page) return;
  inbox = { ...page, notices: [...inbox.notices, ...page.notices] };
  rewritePanel();
}

async function open() {
  if (isPanelOf(button)) {
    closePanel();
    return;
  }
  await look();
  fresh = new Set(inbox.notices.filter((notice) => !notice.seen_at).map(({ id }) => id));
  openPanel(button, list);
  if (!inbox.unseen || !inbox.notices.length) return;
  await asking(() => call("/api/v1/notices/seen", { through: inbox.notices[0].id }));
  inbox.unseen = 0;
  show();
}

function list() {
  return [
    panelBar(t("inbox.title")),
    inbox.notices.length ? "" : element("p", { class: "panel-note" }, t("inbox.none")),
    element("ul", { class: "notices" }, inbox.notices.map(card)),
    inbox.next ? element("button", { type: "button", class: "chip", onclick: more }, t("inbox.more")) : "",
  ];
}

function card(notice) {
  return element("li", { class: fresh.has(notice.id) ? "card fresh" : "card" },
    element("p", { class: "card-fine" },
      knows(`notice.${notice.kind}`) ? element("span", { class: "badge" }, t(`notice.${notice.kind}`)) : "",
      fresh.has(notice.id) ? element("span", { class: "badge trust-official" }, t("inbox.fresh")) : "",
      element("time", { datetime: notice.at }, moment(notice.at))),
    element("h3", { dir: "auto" }, notice.title),
    notice.image ? shownPicture(notice) : "",
    notice.body ? element("p", { class: "card-body", dir: "auto" }, notice.body) : "",
    webAddress(notice.link) ? element("button", { type: "button", class: "chip", onclick: () => follow(notice) }, icon("open"), t("inbox.open", { host: webAddress(notice.link).hostname })) : "");
}

/** Fetched with the reader's session, like the pictures of answers; without it the words stand alone. */
function shownPicture(notice) {
  const image = element("img", { class: "card-picture", alt: t("inbox.picture") });
  image.hidden = true;
  picture(notice.image).then(async (fetched) => {
    if (!fetched) return;
    const address = URL.createObjectURL(fetched);
    image.src = address;
    image.hidden = false;
    await image.decode().catch(() => {});
    URL.revokeObjectURL(address);
  });
  return image;
}

/** The window is opened in the click, where browsers allow it; that it was clicked is told beside. */
function follow(notice) {
  const address = webAddress(notice.link);
  if (address) window.open(address.href, "_blank", "noopener,noreferrer");
  asking(() => call(`/api/v1/notices/${notice.id}/open`, {}));
}

async function asking(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Trouble) return null;
    throw error;
  }
}

button.addEventListener("click", open);
