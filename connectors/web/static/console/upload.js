// How much of the files has been sent, then that they are being read; htmx sends them and shows what comes of it.
const bar = document.getElementById("sent");
const reading = document.getElementById("reading");

document.addEventListener("htmx:xhr:progress", ({ detail }) => {
  bar.hidden = false;
  if (detail.lengthComputable && detail.loaded < detail.total) bar.value = (100 * detail.loaded) / detail.total;
  else bar.removeAttribute("value");
  reading.hidden = bar.hasAttribute("value");
});
document.addEventListener("htmx:afterRequest", () => {
  bar.hidden = true;
  reading.hidden = true;
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.elt.id === "content") scrollTo(0, 0);
});
