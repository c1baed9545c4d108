// Runs before htmx. The server escapes what people wrote, and no script runs from markup here (see the page's policy).
globalThis.trustedTypes?.createPolicy("default", { createHTML: (text) => text });

/** Ask in the page's dialog; true when the person agrees. */
function agreed(question) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}

const confirmed = new WeakSet();

addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.confirm || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await agreed(form.dataset.confirm))) return;
  confirmed.add(form);
  form.requestSubmit(event.submitter);
}, true);

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await agreed(event.detail.question)) event.detail.issueRequest(true);
});

// A second press while an answer is under way would do the same thing twice.
addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.method === "dialog") return;
  setTimeout(() => { button.disabled = true; });
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[type=submit]:disabled")) button.disabled = false;
});
