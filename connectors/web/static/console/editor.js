// What is typed and not saved survives a closed tab: it is kept in this browser until it is saved.
document.addEventListener("htmx:load", ({ detail }) => {
  const draft = detail.elt.querySelector("#draft");
  if (draft) keep(draft, draft.closest("form"));
});

function keep(draft, form) {
  const key = `heliotrope:draft:${draft.dataset.key}`;
  const typed = () => JSON.stringify(Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "csrf" && name !== "based_on")));
  const shown = typed();

  const kept = localStorage.getItem(key);
  if (kept && kept !== shown) {
    const offer = document.getElementById("restore");
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => {
      for (const [name, value] of Object.entries(JSON.parse(kept))) {
        if (form.elements[name]) form.elements[name].value = value;
      }
      offer.hidden = true;
      draft.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  form.addEventListener("input", () => {
    const now = typed();
    if (now === shown) localStorage.removeItem(key);
    else localStorage.setItem(key, now);
  });
  form.addEventListener("submit", () => localStorage.removeItem(key));
}
