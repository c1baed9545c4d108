// As whom the page asks: nobody in particular, or one of the invented demonstration creators.

import { element } from "./dom.js";
import { keep } from "./memory.js";
import { call } from "./stream.js";
import { t } from "./texts.js";

const select = document.getElementById("identity");
const notice = document.getElementById("demo-notice");
const CHANGED = "heliotrope.identity";
let creators = [];
let current = null;

/** The id of the demonstration creator that the page speaks as, or null. */
export const identity = () => current;

/** Whether it is still open as whom a question would be asked; it has to wait until that is known. */
export const isSwitching = () => select.disabled;

/** Ask the server who is there and who we are. Raises Trouble. */
export async function loadIdentity() {
  ({ creators, current } = await call("/api/v1/demonstration"));
  showIdentity();
}

/** Speak as somebody else from now on, here and in the other tabs. Raises Trouble, and then nothing has changed. */
export async function become(creator) {
  const focused = document.activeElement === select;
  select.disabled = true;
  try {
    const answer = await call("/api/v1/demonstration/session", { creator });
    current = answer.current?.id ?? null;
    keep(CHANGED, `${current ?? ""} ${Date.now()}`);
  } finally {
    showIdentity();
    if (focused) select.focus();
  }
}

/** `changed(creator)` when the reader chooses, `elsewhere()` when another tab did: the session is one for all of them. */
export function onIdentity(changed, elsewhere) {
  select.addEventListener("change", () => changed(select.value || null));
  addEventListener("storage", (event) => event.key === CHANGED && elsewhere());
}

/** Write the choices and the notice in the page's language. */
export function showIdentity() {
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
