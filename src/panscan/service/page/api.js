// Asks the service, and hears its events. The token goes with every request and is kept in this tab alone.

const KEPT = "panscan token";
const RETRY_MS = 2000; // before events are asked for again: a service that restarts is back by then

export const token = {
  get: () => sessionStorage.getItem(KEPT) ?? "",
  set: (text) => sessionStorage.setItem(KEPT, text),
  forget: () => sessionStorage.removeItem(KEPT),
};

/** An answer that is none of success; `problem` is its body (what, why, fix). */
export class Refusal extends Error {
  constructor(status, problem) {
    super([problem.what, problem.why, problem.fix].filter(Boolean).join(" "));
    this.status = status;
  }
}

const headers = (more = {}) => ({ Authorization: `Bearer ${token.get()}`, ...more });

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: headers(options.headers) });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ what: `The service answered ${answer.status}.` }));
  throw new Refusal(answer.status, problem);
}

export const read = async (path) => (await ask(path)).json();
export const picture = async (path) => URL.createObjectURL(await (await ask(path)).blob());
export const remove = (path) => ask(path, { method: "DELETE" });

export async function post(path, body) {
  const options = { method: "POST" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  return (await ask(path, options)).json();
}

/** The events in a text of server-sent events, and what is left of it: an event that is not whole yet. */
export function parseEvents(text) {
  const blocks = text.split("\n\n");
  const rest = blocks.pop();
  const events = blocks.map((block) => {
    const event = { id: "", kind: "message", data: "" };
    for (const line of block.split("\n")) {
      const [, name, value] = /^(\w*): ?(.*)$/.exec(line) ?? [];
      if (name === "id") event.id = value;
      if (name === "event") event.kind = value;
      if (name === "data") event.data += value;
    }
    return event;
  });
  return [events.filter((event) => event.data), rest];
}

/** Hear events until `signal` aborts; after a break those that were missed come first. */
export async function hear(path, onEvent, signal) {
  let last = "";
  while (!signal.aborted) {
    try {
      const answer = await ask(path, { signal, headers: last ? { "Last-Event-ID": last } : {} });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const [events, rest] = parseEvents(text + part.value);
        text = rest;
        for (const event of events) {
          last = event.id || last;
          onEvent(JSON.parse(event.data));
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.status < 500 && error.status !== 429) throw error;
    }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}
