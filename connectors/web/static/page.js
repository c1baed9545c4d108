// The chat page, and as whom it asks: nobody in particular, or one of the invented demonstration creators.

import { abandon, announce, converse, resume } from "./chat.js";
import { element } from "./dom.js";
import { keep } from "./memory.js";
import { call, Trouble } from "./stream.js";
import { t } from "./texts.js";

const select = document.getElementById("identity");
const notice = document.getElementById("demo-notice");
const CHANGED = "heliotrope.identity";
let creators = [];
let current = null;

async function load() {
  ({ creators, current } = await call("/api/v1/demonstration"));
  show();
}

/** Speak as somebody else from now on, here and in the other tabs. Raises Trouble, and then nothing has changed. */
async function become(creator) {
  const focused = document.activeElement === select;
  select.disabled = true;
  try {
    const answer = await call("/api/v1/demonstration/session", { creator });
    current = answer.current?.id ?? null;
    keep(CHANGED, `${current ?? ""} ${Date.now()}`);
  } finally {
    show();
    if (focused) select.focus();
  }
}

async function choose() {
  abandon();
  try {
    await become(select.value || null);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    announce(t(`trouble.${error.kind}`));
    return;
  }
  await resume();
}

/** Write the choices and the notice in the page's language. */
function show() {
  const name = ({ name: who, category }) => t("identity.option", { name: who, category });
  select.replaceChildren(
    element("option", { value: "" }, t("identity.anonymous")),
    creators.length > 0
      ? element("optgroup", { label: t("identity.demo") }, creators.map((creator) => element("option", { value: creator.id }, name(creator))))
      : "");
  select.value = current ?? "";
  select.disabled = false;
  const chosen = creators.find(({ id }) => id === current);
  notice.hidden = !chosen;
  if (chosen) notice.replaceChildren(element("b", {}, t("identity.demo")), element("span", {}, chosen.story));
}

select.addEventListener("change", choose);
// The session is one for all tabs: another may have changed it.
addEventListener("storage", async (event) => {
  if (event.key !== CHANGED) return;
  await load();
  await resume();
});
await converse({
  place: () => current ?? "anonymous",
  isKnown: () => current !== null,
  // Demonstration creators are invented: nobody's numbers are brought to them.
  mayUpload: () => false,
  inbox: () => current,
  // It has to wait until it is known as whom a question would be asked.
  isSwitching: () => select.disabled,
  load: () => load().catch(show),
  show,
  lost: () => become(null).catch(show),
  leave() {},
  told() {},
});
