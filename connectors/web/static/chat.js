// The chat page: keeps one conversation per identity, asks, and shows what comes back.

import { Answer } from "./answer.js";
import { element } from "./dom.js";
import { become, identity, isSwitching, loadIdentity, onIdentity, showIdentity } from "./identity.js";
import { keep, recall } from "./memory.js";
import { closeSource, relabelSource } from "./source.js";
import { call, events, Trouble } from "./stream.js";
import { language, remember, speak, t } from "./texts.js";

const at = (id) => document.getElementById(id);
const [turns, intro, form, field, send, stop] = ["turns", "intro", "composer", "question", "send", "stop"].map(at);
let answers = [];
let running = null;
let visits = 0;

// ---- the thread of every identity, which survives a reload

const place = () => `heliotrope.thread.${identity() ?? "anonymous"}`;

async function resume() {
  const visit = (visits += 1);
  abandon();
  closeSource();
  answers = [];
  turns.replaceChildren();
  const past = await history();
  if (visit !== visits) return;
  // Somebody quick may have asked already: what was said earlier goes before it.
  answers = [...past, ...answers];
  turns.prepend(...past.map(({ node }) => node));
  showIntro();
  if (answers.length) answers.at(-1).node.scrollIntoView({ behavior: "auto" });
  else scrollTo({ top: 0 });
}

async function history() {
  const kept = place();
  const id = recall(kept);
  if (!id) return [];
  try {
    const { turns: past } = await call(`/api/v1/threads/${encodeURIComponent(id)}`);
    return past.map(({ question, reply }) => {
      const answer = new Answer(question, actions);
      answer.finish(reply);
      return answer;
    });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    // Only a thread that is gone is forgotten; when the server cannot be reached, a later reload brings it back.
    if (error.kind === "thread") keep(kept, null);
    return [];
  }
}

// ---- asking

const actions = {
  ask(text) {
    ask(text);
  },
  again(answer) {
    if (isSwitching()) return;
    answers = answers.filter((other) => other !== answer);
    answer.node.remove();
    ask(answer.question);
  },
};

async function ask(question) {
  if (isSwitching()) return;
  abandon();
  const answer = new Answer(question, actions);
  const work = (running = { answer, aborter: new AbortController() });
  answers.push(answer);
  turns.append(answer.node);
  showIntro();
  showRunning();
  announce(t("answer.working"));
  answer.node.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  try {
    await follow(answer, work.aborter.signal);
    announce(answer.body.textContent);
  } catch (error) {
    if (error.name === "AbortError") answer.stop();
    else if (error instanceof Trouble) await suffer(answer, error);
    else throw error;
  } finally {
    if (running === work) running = null;
    showRunning();
  }
}

async function follow(answer, signal) {
  const kept = place();
  for (const id of new Set([recall(kept), null])) {
    try {
      for await (const event of events({ text: answer.question, thread: id }, signal)) {
        if (answer.take(event)) keep(kept, event.data.thread);
      }
      return;
    } catch (error) {
      // A thread that is gone, or was another's, is begun anew; without a thread there is nothing left to try.
      if (error.kind !== "thread" || id === null) throw error;
      keep(kept, null);
    }
  }
}

async function suffer(answer, trouble) {
  answer.fail(trouble);
  announce(t(`trouble.${trouble.kind}`));
  if (trouble.kind === "identity") await become(null).catch(() => showIdentity());
}

function abandon() {
  running?.aborter.abort();
  running = null;
  showRunning();
}

// ---- what the page shows around the conversation

function showRunning() {
  send.hidden = Boolean(running);
  stop.hidden = !running;
  send.disabled = !field.value.trim();
}

function showIntro() {
  const who = identity() ? "creator" : "anonymous";
  intro.hidden = answers.length > 0;
  at("intro-title").textContent = t(`intro.title_${who}`);
  at("intro-text").textContent = t(`intro.text_${who}`);
  at("starters").replaceChildren(...[1, 2, 3, 4].map((number) => {
    const text = t(`starter.${who}_${number}`);
    return element("li", {}, element("button", { type: "button", onclick: () => ask(text) },
      element("b", {}, t(`starter.${who}_${number}_topic`)), element("span", {}, text)));
  }));
}

function showOffline() {
  at("offline-notice").hidden = navigator.onLine;
}

function announce(text) {
  at("announce").textContent = text;
}

function submit() {
  const text = field.value.trim();
  if (!text || running || isSwitching()) return;
  field.value = "";
  grow();
  // On a phone the keyboard would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) field.blur();
  ask(text);
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  showRunning();
}

async function switchTo(creator) {
  abandon();
  try {
    await become(creator);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    announce(t(`trouble.${error.kind}`));
    return;
  }
  await resume();
}

async function switchLanguage() {
  const next = language() === "zh" ? "en" : "zh";
  await speak(next);
  remember(next);
  at("language").lang = next === "zh" ? "en" : "zh-Hans";
  showIdentity();
  showIntro();
  relabelSource();
  for (const answer of answers) answer.show();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a word; 229 is how older browsers say so.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
stop.addEventListener("click", () => {
  abandon();
  field.focus();
});
at("new").addEventListener("click", () => {
  keep(place(), null);
  resume();
  field.focus();
});
at("language").addEventListener("click", switchLanguage);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (at("source").open) closeSource();
  else abandon();
});
addEventListener("online", showOffline);
addEventListener("offline", showOffline);
onIdentity(switchTo, async () => {
  await loadIdentity();
  await resume();
});

showOffline();
await speak(language());
await loadIdentity().catch(() => showIdentity());
await resume();
grow();
