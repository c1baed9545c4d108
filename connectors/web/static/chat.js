// The conversation, on its own page and in the widget's frame: one for every identity; asks, and shows what comes back.

import { Answer } from "./answer.js";
import { element } from "./dom.js";
import { keep, recall } from "./memory.js";
import { closeSource, relabelSource } from "./source.js";
import { call, events, Trouble } from "./stream.js";
import { language, remember, speak, t } from "./texts.js";

const at = (id) => document.getElementById(id);
const [turns, intro, form, field, send, stop] = ["turns", "intro", "composer", "question", "send", "stop"].map(at);
let who = null;
let answers = [];
let running = null;
let visits = 0;

// ---- the thread of every identity, which survives a reload

const place = () => `heliotrope.thread.${who.place()}`;

/** Show the conversation of whoever it is now. */
export async function resume() {
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
    return past.map(({ question, reply, verdict }) => {
      const answer = new Answer(question, actions);
      answer.finish(reply, verdict);
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
    if (who.isSwitching()) return;
    answers = answers.filter((other) => other !== answer);
    answer.node.remove();
    ask(answer.question);
  },
};

/** Ask, in place of whatever is being answered. */
export async function ask(question) {
  if (who.isSwitching()) return;
  abandon();
  who.told("asked");
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
    who.told("answered");
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
  if (trouble.kind === "identity") await who.lost();
}

/** Stop the answer that is on its way. */
export function abandon() {
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
  const kind = who.isKnown() ? "creator" : "anonymous";
  intro.hidden = answers.length > 0;
  at("intro-title").textContent = t(`intro.title_${kind}`);
  at("intro-text").textContent = t(`intro.text_${kind}`);
  at("starters").replaceChildren(...[1, 2, 3, 4].map((number) => {
    const text = t(`starter.${kind}_${number}`);
    return element("li", {}, element("button", { type: "button", onclick: () => ask(text) },
      element("b", {}, t(`starter.${kind}_${number}_topic`)), element("span", {}, text)));
  }));
}

function showOffline() {
  at("offline-notice").hidden = navigator.onLine;
}

/** Say something to those who cannot see the page. */
export function announce(text) {
  at("announce").textContent = text;
}

function submit() {
  const text = field.value.trim();
  if (!text || running || who.isSwitching()) return;
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

/** Say everything in another language, what was answered included. */
export async function switchLanguage(next) {
  await speak(next);
  at("language").lang = next === "zh" ? "en" : "zh-Hans";
  who.show();
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
at("language").addEventListener("click", async () => {
  await switchLanguage(language() === "zh" ? "en" : "zh");
  remember(language());
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (at("source").open) closeSource();
  else if (running) abandon();
  else who.leave();
});
addEventListener("online", showOffline);
addEventListener("offline", showOffline);
/** Begin, as `identity` says: place() names the thread kept here; isKnown() whether it is a creator; isSwitching()
 * while that is open; load() finds out; show() writes it in the page's language; lost() when it does not hold any more;
 * leave() when the reader wants to go; told(event) what happens: asked, answered. Resolves when one may ask. */
export async function converse(identity) {
  who = identity;
  showOffline();
  await speak(language());
  await who.load();
  await resume();
  grow();
}
