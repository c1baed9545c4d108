// The site's own script. It runs before the widget's line, which reads `heliotropeOptions` when it starts.

// Asked when the widget loads and again before each identity expires; an empty answer is nobody.
const identify = async () => (await (await fetch("/identity")).text()) || null;
window.heliotropeOptions = { identify };

document.addEventListener("heliotrope", ({ detail: guide }) => {
  const told = document.getElementById("told");
  for (const name of ["ready", "open", "close", "identified", "refused", "asked", "answered"]) {
    guide.on(name, (detail) => told.append(`${name} ${JSON.stringify(detail)}\n`));
  }
  const deeds = {
    ask: () => guide.ask("完播率怎么算？"), open: guide.open, close: guide.close,
    dark: () => guide.theme("dark"), light: () => guide.theme("light"),
    en: () => guide.language("en"), zh: () => guide.language("zh"),
  };
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", deeds[button.dataset.do]);
});

addEventListener("DOMContentLoaded", async () => {
  const { creator } = await (await fetch("/who")).json();
  document.getElementById("who").textContent = creator ? `已登录：${creator}` : "未登录";
});
