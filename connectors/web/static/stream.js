// Asking over HTTP: a question goes out, the assistant's events come back as they happen.

import { language } from "./texts.js";

/** What went wrong, by what the reader can do: limit, identity, thread, input, server, offline, broken. */
export class Trouble extends Error {
  constructor(kind, retryAfter = 0, detail = "") {
    super(kind);
    this.kind = kind;
    this.retryAfter = retryAfter;
    this.detail = detail;
  }
}

const BY_STATUS = { 401: "identity", 403: "identity", 404: "thread", 413: "input", 415: "input", 422: "input", 429: "limit" };

let credentials = { session: () => null, renew: async () => false };

/** Speak with a session of one's own, not the page's cookie: session() is the bearer to send, renew() tries to get
 * another after it was refused and tells whether there is one. */
export function authorise(source) {
  credentials = source;
}

/** JSON from the API. Raises Trouble. */
export async function call(path, body = undefined) {
  const answer = await sent(path, body, "application/json");
  return answer.json();
}

/** Have something deleted. Raises Trouble. */
export async function remove(path) {
  await sent(path, undefined, "application/json", { method: "DELETE" });
}

/** JSON for a file that is sent as it is. Raises Trouble. */
export async function send(path, file, kind) {
  const answer = await sent(path, file, "application/json", { method: "POST", kind });
  return answer.json();
}

/** A picture of an answer or a notice, or null when it cannot be had. */
export async function picture(path) {
  try {
    return await (await sent(path, undefined, "image/*", { cache: "default" })).blob();
  } catch (error) {
    if (error instanceof Trouble) return null;
    throw error;
  }
}

/** The events of one answer, to what is sent to `path`; the last is `done`. Raises Trouble, or AbortError after `signal`. */
export async function* events(path, body, signal) {
  const answer = await sent(path, body, "text/event-stream", { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop();
      for (const frame of frames) {
        const event = parsed(frame);
        if (!event) continue;
        if (event.kind === "problem") throw new Trouble("server", 0, event.data.detail);
        yield event;
        if (event.kind === "done") return;
      }
    }
  } catch (error) {
    if (error instanceof Trouble || error.name === "AbortError") throw error;
    throw new Trouble("broken");
  } finally {
    reader.cancel().catch(() => {});
  }
  throw new Trouble("broken");
}

async function sent(path, body, accept, { signal, kind = "application/json", method = body === undefined ? "GET" : "POST", cache = "no-store", again = true } = {}) {
  const headers = { Accept: accept, "Accept-Language": language() };
  const session = credentials.session();
  if (session) headers.Authorization = `Bearer ${session}`;
  if (body !== undefined) headers["Content-Type"] = kind;
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal, cache, body: body instanceof Blob ? body : body && JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble("offline");
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && session && again && (await credentials.renew())) {
    return sent(path, body, accept, { signal, kind, method, cache, again: false });
  }
  const problem = await answer.json().catch(() => ({}));
  throw new Trouble(BY_STATUS[answer.status] ?? "server", Number(answer.headers.get("Retry-After")) || 0, problem.detail);
}

function parsed(frame) {
  let kind = "";
  const data = [];
  for (const line of frame.split("\n")) {
    if (line.startsWith("event: ")) kind = line.slice(7);
    else if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  return kind && data.length ? { kind, data: JSON.parse(data.join("\n")) } : null;
}
