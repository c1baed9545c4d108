// The widget on a site's page: a button and, behind it, the conversation in a frame of its own origin.

const TEXTS = {
  zh: { open: "打开创作引导助手", close: "关闭创作引导助手", title: "向光 · 创作引导助手" },
  en: { open: "Open the creator guide", close: "Close the creator guide", title: "Heliotrope creator guide" },
};
const ICONS = {
  open: "M4 18.5h16M6.8 16a5.2 5.2 0 0 1 10.4 0M12 4v3M5.6 6.9l1.8 2.2M18.4 6.9l-1.8 2.2M2.6 12.8l2.7.7M21.4 12.8l-2.7.7",
  close: "m6.5 9.5 5.5 5.5 5.5-5.5",
};
const CSS = `
:host { all: initial; position: fixed; z-index: 2147483000; inset: auto 0 0 auto; }
button { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); inset-inline-end: auto; right: 20px; width: 56px; height: 56px;
  border: 0; border-radius: 50%; padding: 0; cursor: pointer; display: grid; place-items: center; background: var(--accent); color: var(--on);
  box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 24px rgb(0 0 0 / 16%); transition: transform .15s; }
button:hover { transform: translateY(-2px); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
iframe { position: fixed; right: 20px; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 70px); width: 400px; height: min(680px, 100dvh - 110px);
  border: 0; border-radius: 18px; background: Canvas; box-shadow: 0 4px 12px rgb(0 0 0 / 14%), 0 16px 48px rgb(0 0 0 / 22%);
  visibility: hidden; opacity: 0; transform: translateY(10px); transition: opacity .16s, transform .16s, visibility 0s .16s; }
.left button, .left iframe { right: auto; left: 20px; }
.wide iframe, .page iframe { inset: 0; width: 100%; height: 100dvh; border-radius: 0; box-shadow: none; }
.wide button, .page button { display: none; }
.open iframe { visibility: visible; opacity: 1; transform: none; transition: opacity .16s, transform .16s; }
@media (max-width: 480px), (max-height: 480px) {
  iframe { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
  .left iframe { left: 0; }
  .open button { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print { :host { display: none; } }`;

/**
 * Put the widget on the page. Options: site (its id), host (Heliotrope's address), and, as wanted, identify (a signed
 * token, or a function that brings one, asked again before each expires), language (zh, en), theme (auto, light, dark),
 * accent (#rrggbb), side (right, left), mode ("page": the conversation is the page, without a button), target (an element
 * to fill in place of the button and the window).
 * Returns open, close, toggle, ask(text), identify(token or function or null), on(event, listener), language(name),
 * theme(name) and destroy.
 */
export function mount({ site, host, identify = null, language = "", theme = "", accent = "", side = "", mode = "", target = null }) {
  const origin = new URL(host).origin;
  let words = TEXTS[language || (document.documentElement.lang.toLowerCase().startsWith("en") ? "en" : "zh")] ?? TEXTS.zh;
  const stays = Boolean(target) || mode === "page"; // there is no button that opens and closes it
  const listeners = {};
  const outbox = [];
  let [frame, ready, isOpen, bring] = [null, false, false, identify];
  const box = document.createElement("div");
  const root = target ? null : box.attachShadow({ mode: "open" });
  const stage = target ?? document.createElement("div");
  const button = document.createElement("button");

  const emit = (name, detail = {}) => (listeners[name] ?? []).forEach((listener) => listener(detail));
  const post = (message) => (ready ? frame.contentWindow.postMessage(message, origin) : outbox.push(message));

  async function vouch() {
    let token = bring;
    try {
      if (typeof bring === "function") token = await bring();
    } catch (error) {
      emit("refused", { reason: String(error) });
      return;
    }
    post({ heliotrope: "identify", token: token ?? null });
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = words.title;
    frame.allow = "clipboard-write";
    frame.referrerPolicy = "no-referrer";
    const query = new URLSearchParams({ site, host: location.origin });
    if (language) query.set("lang", language);
    if (stays) query.set("inline", "");
    frame.src = `${origin}/widget/frame?${query}`;
    if (target) frame.style.cssText = "width: 100%; height: 100%; border: 0; display: block";
    else frame.inert = !isOpen;
    stage.append(frame);
    if (bring) vouch();
    if (theme) post({ heliotrope: "scheme", scheme: theme });
  }

  function show(wanted) {
    if (stays || wanted === isOpen) return;
    isOpen = wanted;
    load();
    stage.classList.toggle("open", isOpen);
    frame.inert = !isOpen;
    if (!isOpen) widen(false);
    label();
    if (isOpen) {
      frame.focus();
      // Where the window fills the screen already, it cannot be made larger.
      post({ heliotrope: "opened", roomy: matchMedia("(min-width: 481px) and (min-height: 481px)").matches });
    } else button.focus();
    emit(isOpen ? "open" : "close");
  }

  /** The window fills the page, or is one again. */
  function widen(wanted) {
    stage.classList.toggle("wide", wanted);
    post({ heliotrope: "widened", wide: wanted });
  }

  function label() {
    button.setAttribute("aria-label", isOpen ? words.close : words.open);
    button.setAttribute("aria-expanded", String(isOpen));
    button.querySelector("path").setAttribute("d", isOpen ? ICONS.close : ICONS.open);
  }

  /** The button as the site has it registered, unless the page says otherwise. */
  function look(colour, corner) {
    stage.style.setProperty("--accent", colour || "#e08a00");
    stage.style.setProperty("--on", isBright(colour || "#e08a00") ? "#1d1710" : "#ffffff");
    stage.classList.toggle("left", corner === "left");
  }

  function hear(event) {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    const { heliotrope, ...detail } = event.data ?? {};
    if (heliotrope === "ready") {
      ready = true;
      outbox.splice(0).forEach(post);
      if (!target) look(accent || detail.accent, side || detail.side);
      emit("ready", detail);
    } else if (heliotrope === "leave") show(false);
    else if (heliotrope === "widen" && !stays) widen(!stage.classList.contains("wide"));
    else if (heliotrope === "renew") bring ? vouch() : post({ heliotrope: "identify", token: null });
    else if (["identified", "refused", "asked", "answered"].includes(heliotrope)) emit(heliotrope, detail);
  }

  function onKey(event) {
    if (event.key === "Escape" && isOpen) show(false);
  }

  addEventListener("message", hear);
  if (target) load();
  else {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    button.append(svg);
    if (mode === "page") stage.className = "page open";
    look(accent, side);
    stage.append(button);
    root.append(stage);
    document.body.append(box);
    label();
    button.addEventListener("click", () => show(!isOpen));
    addEventListener("keydown", onKey);
    if (stays) {
      isOpen = true;
      load();
    }
    // The frame is there before it is wanted, without standing in the way of the page itself.
    for (const sign of ["pointerenter", "focus", "touchstart"]) button.addEventListener(sign, load, { once: true, passive: true });
    (window.requestIdleCallback ?? ((call) => setTimeout(call, 1500)))(load, { timeout: 4000 });
  }

  return {
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!isOpen),
    ask(text) {
      show(true);
      post({ heliotrope: "ask", text: String(text) });
    },
    identify(token) {
      bring = token;
      load();
      return vouch();
    },
    on(name, listener) {
      (listeners[name] ??= []).push(listener);
      return () => listeners[name].splice(listeners[name].indexOf(listener), 1);
    },
    language(name) {
      words = TEXTS[name] ?? words;
      if (frame) frame.title = words.title;
      label();
      post({ heliotrope: "language", language: name });
    },
    theme(name) {
      post({ heliotrope: "scheme", scheme: name });
    },
    destroy() {
      removeEventListener("message", hear);
      removeEventListener("keydown", onKey);
      frame?.remove();
      box.remove();
    },
  };
}

function isBright(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 150;
}
