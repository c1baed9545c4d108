// The conversation, on its own page and in the widget's frame: one for every identity; asks, and shows what comes back.

import { Answer } from "./answer.js";
import { element } from "./dom.js";
import { showInbox, watchInbox } from "./inbox.js";
import { keep, recall } from "./memory.js";
import { watchOriginality } from "./originality.js";
import { closePanel, rewritePanel } from "./panel.js";
import { call, events, Trouble } from "./stream.js";
import { language, remember, speak, t } from "./texts.js";
import { listThreads } from "./threads.js";
import { Upload } from "./upload.js";

const at = (id) => document.getElementById(id);
const [turns, intro, form, field, send, stop, attach, files, earlier] =
  ["turns", "intro", "composer", "question", "send", "stop", "attach", "files", "earlier"].map(at);
let who = null;
let answers = [];
let running = null;
let visits = 0;
let before = null; // the cursor of what was said before what is on show
let eager = false; // a question was sent before it was known who asks: it goes out as soon as that is known

// ---- the thread of every identity, which survives a reload

const place = () => `heliotrope.thread.${who.place()}`;

/** Show the conversation of whoever it is now. */
export async function resume() {
  const visit = (visits += 1);
  abandon();
  closePanel();
  answers = [];
  turns.replaceChildren();
  showBefore(null);
  attach.hidden = !who.mayUpload();
  watchInbox(who.inbox());
  watchOriginality(who.inbox());
  const past = await history();
  if (visit !== visits) return;
  // Somebody quick may have asked already: what was said earlier goes before it.
  answers = [...past, ...answers];
  turns.prepend(...past.map(({ node }) => node));
  showIntro();
  if (answers.length) answers.at(-1).node.scrollIntoView({ behavior: "auto" });
  else scrollTo({ top: 0 });
  sendWaiting();
}

async function history() {
  const kept = place();
  const id = recall(kept);
  if (!id) return [];
  try {
    return await page(id, "");
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    // Only a thread that is gone is forgotten; when the server cannot be reached, a later reload brings it back.
    if (error.kind === "thread") keep(kept, null);
    return [];
  }
}

async function page(thread, cursor) {
  const said = await call(`/api/v1/threads/${encodeURIComponent(thread)}?limit=50${cursor}`);
  showBefore(said.next);
  // A question that was answered anew stands there twice in a row; the last answer is the one that counts.
  // What staff answered stands there without a question.
  const past = said.turns.filter(({ question }, at) => !question || question !== said.turns[at + 1]?.question);
  return past.map(({ question, reply, verdict }) => {
    const answer = new Answer(question, actions);
    answer.finish(reply, verdict);
    return answer;
  });
}

function showBefore(cursor) {
  before = cursor;
  earlier.hidden = !cursor;
}

async function showEarlier() {
  const [visit, anchor] = [visits, turns.firstElementChild];
  earlier.disabled = true;
  try {
    const past = await page(recall(place()), `&cursor=${encodeURIComponent(before)}`);
    if (visit !== visits) return;
    answers = [...past, ...answers];
    turns.prepend(...past.map(({ node }) => node));
    anchor?.scrollIntoView({ behavior: "auto" });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    announce(t(`trouble.${error.kind}`));
  } finally {
    earlier.disabled = false;
  }
}

// ---- asking

const actions = {
  ask(text) {
    ask(text);
  },
  again(answer) {
    if (who.isSwitching()) return;
    drop(answer);
    ask(answer.question);
  },
  /** Another answer to the last question, in place of the one there is. */
  anew(answer) {
    const { thread } = answer.reply;
    if (answer !== answers.at(-1)) ask(answer.question);
    else run(answer.question, [[`/api/v1/threads/${encodeURIComponent(thread)}/again`, {}]], answer);
  },
  missed(answer) {
    const { thread } = answer.reply;
    run(t("answer.missed"), [[`/api/v1/threads/${encodeURIComponent(thread)}/again`, { missed: true }]]);
  },
  async press(answer, action) {
    abandon();
    try {
      const reply = await call(`/api/v1/actions/${encodeURIComponent(action.id)}`, {});
      const done = new Answer(action.label, actions);
      done.finish(reply);
      add(done);
      announce(done.body.textContent);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      answer.release(action);
      announce(t(`trouble.${error.kind}`));
    }
  },
};

/** Ask, in place of whatever is being answered. */
export async function ask(question) {
  const begun = recall(place());
  // A thread that is gone, or was another's, is begun anew.
  const tries = [...new Set([begun, null])].map((thread) => ["/api/v1/chat", { text: question, thread }]);
  await run(question, tries);
}

/** Show the answer to what is sent: the first of `tries`, or when its conversation is gone, the next. */
async function run(question, tries, instead = null) {
  if (who.isSwitching()) return;
  abandon();
  who.told("asked");
  const answer = new Answer(question, actions);
  const work = (running = { answer, aborter: new AbortController() });
  add(answer);
  if (instead) instead.node.hidden = true;
  showRunning();
  announce(t("answer.working"));
  try {
    await follow(answer, tries, work.aborter.signal);
    if (instead) drop(instead);
    announce(answer.body.textContent);
    who.told("answered");
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof Trouble)) throw error;
    if (instead) instead.node.hidden = false; // without another answer the one there was stays
    if (error instanceof Trouble) await suffer(answer, error);
    else if (instead) drop(answer);
    else answer.stop();
  } finally {
    if (running === work) running = null;
    showRunning();
  }
}

function add(shown) {
  answers.push(shown);
  turns.append(shown.node);
  showIntro();
  shown.node.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function drop(shown) {
  answers = answers.filter((other) => other !== shown);
  shown.node.remove();
}

async function follow(answer, tries, signal) {
  const kept = place();
  for (const [at, [path, body]] of tries.entries()) {
    try {
      for await (const event of events(path, body, signal)) {
        if (answer.take(event)) keep(kept, event.data.thread);
      }
      return;
    } catch (error) {
      if (error.kind !== "thread" || at === tries.length - 1) throw error;
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

// ---- files of numbers

function take(chosen) {
  if (!who.mayUpload() || who.isSwitching()) return;
  for (const file of chosen) {
    const upload = new Upload(file, { ask, announce });
    add(upload);
    upload.preview();
  }
}

attach.addEventListener("click", () => files.click());
files.addEventListener("change", () => {
  take([...files.files]);
  files.value = "";
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  take([...(event.dataTransfer?.files ?? [])]);
});

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

function openThread(thread) {
  keep(place(), thread);
  resume();
}

function submit() {
  const text = field.value.trim();
  if (!text || running) return;
  eager = !who || who.isSwitching();
  if (eager) return;
  field.value = "";
  grow();
  // On a phone the keyboard would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) field.blur();
  ask(text);
}

/** Send what was to be sent while it was not known who asks. */
export function sendWaiting() {
  if (eager) submit();
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
  showInbox();
  rewritePanel();
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
  openThread(null);
  field.focus();
});
earlier.addEventListener("click", showEarlier);
listThreads({ open: openThread, current: () => recall(place()) });
at("language").addEventListener("click", async () => {
  await switchLanguage(language() === "zh" ? "en" : "zh");
  remember(language());
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (at("panel").open) closePanel();
  else if (running) abandon();
  else who.leave();
});
addEventListener("online", showOffline);
addEventListener("offline", showOffline);
/** Begin, as `identity` says: place() names the thread kept here; isKnown() whether it is a creator; mayUpload()
 * whether their numbers may be brought; inbox() whose notices are shown, or null; isSwitching() while that is open; load() finds out; show() writes it in the page's language; lost() when it does not hold any more;
 * leave() when the reader wants to go; told(event) what happens: asked, answered. Resolves when one may ask. */
export async function converse(identity) {
  who = identity;
  showOffline();
  await speak(language());
  await who.load();
  await resume();
  grow();
}
