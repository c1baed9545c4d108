// What the one-line script does: read its own attributes, and what the page says in `heliotropeOptions`; begin.
const script = document.currentScript;
const begin = () => {
  const { site, lang, theme, accent, side, mode, target } = script.dataset;
  const given = { site, language: lang, theme, accent, side, mode, target: target && document.querySelector(target) };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  window.Heliotrope = mount({ host: script.src, ...known, ...window.heliotropeOptions });
  document.dispatchEvent(new CustomEvent("heliotrope", { detail: window.Heliotrope }));
};
if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
