// The panel beside the conversation: a sheet over the page on a phone, a column elsewhere. It shows one thing at a time.

import { element, icon } from "./dom.js";
import { t } from "./texts.js";

const panel = document.getElementById("panel");
const narrow = matchMedia("(max-width: 719px)");
let opener = null;
let write = null;

/** Open it for what `button` stands for; `content` gives its nodes, again whenever the page's language changes. */
export function openPanel(button, content) {
  panel.close();
  opener?.removeAttribute("aria-expanded");
  opener = button;
  write = content;
  panel.replaceChildren(...write());
  if (narrow.matches) panel.showModal();
  else panel.show();
  panel.scrollTop = 0;
  opener.setAttribute("aria-expanded", "true");
  document.documentElement.classList.add("with-panel");
}

/** Close it and give the focus back. */
export function closePanel() {
  if (panel.open) panel.close();
}

/** Write it anew: in the language that is chosen now, or because what it shows has changed. */
export function rewritePanel() {
  if (panel.open) panel.replaceChildren(...write());
}

/** Whether it is open for this button. */
export function isPanelOf(button) {
  return panel.open && opener === button;
}

/** The bar above whatever the panel shows: its title, what belongs beside it, and the way out. */
export function panelBar(title, ...beside) {
  return element("div", { class: "panel-bar" },
    element("span", { class: "panel-name", id: "panel-name" }, title), beside,
    element("button", { type: "button", class: "quiet close", "aria-label": t("panel.close"), title: t("panel.close"), onclick: closePanel }, icon("close")));
}

panel.addEventListener("close", () => {
  document.documentElement.classList.remove("with-panel");
  opener?.removeAttribute("aria-expanded");
  opener?.focus({ preventScroll: true });
});
// A click on the shade around a sheet closes it: only there the dialog itself is what was hit.
panel.addEventListener("click", (event) => {
  if (event.target === panel && event.clientY < panel.getBoundingClientRect().top) closePanel();
});
