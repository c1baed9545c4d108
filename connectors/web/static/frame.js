// The conversation in a frame on somebody's site. Who asks is whom the site vouches for; the page around the frame is
// spoken to by messages, to one origin that the site has registered and from that one only.

import { abandon, ask, converse, resume, sendWaiting, switchLanguage } from "./chat.js";
import { paint } from "./colours.js";
import { keep, recall } from "./memory.js";
import { authorise, call, Trouble } from "./stream.js";
import { language, t } from "./texts.js";

const RENEW_EARLY = 60; // seconds before an identity expires
const RENEW_WAIT = 8; // seconds that the page has to bring another
const { site, origins, languages, accent, side } = JSON.parse(document.getElementById("site").textContent);
const asked = new URLSearchParams(location.search);
const host = origins.includes(asked.get("host")) && window.parent !== window ? asked.get("host") : null;
const kept = `heliotrope.visit.${site}`;
const notice = document.getElementById("identity-notice");
let [session, creator, timer, waiting] = [null, null, 0, null];
let switching = true;
let noticed = "";

function tell(heliotrope, detail = {}) {
  if (host) window.parent.postMessage({ heliotrope, ...detail }, host);
}

/** Begin a visit: with the identity that the site signed, or as an unknown visitor with null. Raises Trouble. */
async function open(identity) {
  clearTimeout(timer);
  const visit = await call("/api/v1/widget/sessions", { site, identity, session: recall(kept) });
  session = visit.session;
  creator = visit.creator;
  if (!creator) {
    keep(kept, session);
    return;
  }
  const left = visit.until * 1000 - Date.now();
  timer = setTimeout(() => tell("renew"), Math.max(1000, left - RENEW_EARLY * 1000));
}

/** Become whom the page names now. The conversation on show changes with the person, not with a renewal. */
async function identify(identity) {
  const before = creator?.id;
  switching = true;
  try {
    await open(identity);
    noticed = "";
    tell("identified", { creator: creator?.id ?? null });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    tell("refused", { reason: error.detail });
    if (error.kind !== "identity") return;
    noticed = "frame.unknown";
    await open(null).catch(() => {});
  } finally {
    switching = false;
    show();
  }
  waiting?.(creator !== null);
  if (creator?.id !== before) {
    abandon();
    await resume();
  } else sendWaiting();
}

/** A session was refused: the page is asked for another identity; without one a visitor goes on unknown. */
async function renew() {
  if (creator && host) {
    const renewed = new Promise((resolve) => {
      waiting = resolve;
      setTimeout(resolve, RENEW_WAIT * 1000, false);
    });
    tell("renew");
    const holds = await renewed;
    waiting = null;
    return holds;
  }
  await open(null);
  return true;
}

async function lost() {
  noticed = "frame.lost";
  await open(null).catch(() => {});
  await resume();
  show();
}

/** Whoever it is, in the page's language. */
function show() {
  document.getElementById("who").textContent = creator ? t("frame.as", { name: creator.name }) : "";
  notice.hidden = !noticed;
  notice.textContent = noticed ? t(noticed) : "";
}

async function hear({ heliotrope, ...said }) {
  if (heliotrope === "identify") await identify(typeof said.token === "string" ? said.token : null);
  else if (heliotrope === "ask" && typeof said.text === "string") await ask(said.text.slice(0, 4000));
  else if (heliotrope === "widened") showWide(said.wide === true);
  else if (heliotrope === "opened") {
    widen.hidden = !said.roomy;
    document.getElementById("question").focus();
  }
  else if (heliotrope === "scheme" && ["auto", "light", "dark"].includes(said.scheme)) document.documentElement.dataset.scheme = said.scheme;
  else if (heliotrope === "language" && languages.includes(said.language)) await switchLanguage(said.language);
}

/** The window fills the page now, or no longer. */
function showWide(isWide) {
  const key = isWide ? "frame.narrow" : "frame.widen";
  widen.setAttribute("aria-pressed", String(isWide));
  widen.setAttribute("aria-label", t(key));
  widen.title = t(key);
  widen.dataset.tLabel = key;
}

// What the page says is heard in its order, and only once it can be acted on.
let begun;
let hearing = new Promise((resolve) => (begun = resolve));
addEventListener("message", (event) => {
  if (host === null || event.origin !== host || event.source !== window.parent || typeof event.data?.heliotrope !== "string") return;
  hearing = hearing.then(() => hear(event.data));
});
document.getElementById("leave").addEventListener("click", () => tell("leave"));
document.getElementById("leave").hidden = !host || asked.has("inline");
const widen = document.getElementById("widen");
widen.addEventListener("click", () => tell("widen"));
document.getElementById("language").hidden = languages.length < 2;

if (accent) paint(accent);
authorise({ session: () => session, renew });
await converse({
  place: () => `${site}.${creator?.id ?? "visitor"}`,
  isKnown: () => creator !== null,
  mayUpload: () => creator !== null,
  inbox: () => creator?.id ?? null,
  isSwitching: () => switching,
  load: async () => {
    await open(null).catch(() => (noticed = "offline.notice"));
    switching = false;
    show();
  },
  show,
  lost,
  leave: () => tell("leave"),
  told: (name) => tell(name),
});
tell("ready", { language: language(), accent, side });
begun();
