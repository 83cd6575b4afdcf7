// @ts-check

/**
 * The draft on disk: written by itself a moment after each decision, and as the file of overrides when asked.
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./types").Entry} Entry
 * @typedef {import("./types").Draft} Draft
 */

import * as api from "./api.js";
import { Refusal } from "./api.js";
import { adopted } from "./corrections.js";

const PAUSE_MS = 500; // after the last decision: a row of them becomes one request
const AGAIN_MS = 3000; // after a write that failed: the server may be started again
const STALE = 412; // there is a newer draft
const CHANGED = 409; // the file itself was changed

/** @param {Store} store @param {Draft} first
 * @param {{onError: (error: unknown) => void, onConflict: (theirs: Entry[]) => Promise<"mine" | "theirs">}} events */
export function createSaver(store, first, { onError, onConflict }) {
  let etag = first.etag;
  let written = first.corrections;
  let timer = 0;
  /** @type {Promise<void>} */
  let writing = Promise.resolve();

  /** @param {Entry[]} theirs @returns {Promise<"mine" | "theirs">} */
  async function ask(theirs) {
    store.set({ saving: "conflict" });
    const which = await onConflict(theirs);
    if (which === "theirs") {
      written = theirs;
      store.commit({ ...store.state.now, corrections: theirs });
    }
    return which;
  }

  /** @param {Draft} theirs */
  async function settle(theirs) {
    etag = theirs.etag;
    if ((await ask(theirs.corrections)) === "mine") return write();
    store.set({ base: theirs.corrections, baseEtag: etag, saving: "draft" });
  }

  /** @returns {Promise<void>} */
  async function write() {
    const { movie, now } = store.state;
    if (!movie) return;
    store.set({ saving: "writing" });
    try {
      const draft = await api.putDraft(movie.id, now.corrections, etag);
      etag = draft.etag;
      written = now.corrections;
      store.set({ base: written, baseEtag: etag, saving: "draft", saved: draft.saved });
    } catch (error) {
      if (error instanceof Refusal && error.status === STALE) return settle(error.body);
      store.set({ saving: "unsaved" });
      onError(error);
      timer = window.setTimeout(flush, AGAIN_MS);
    }
  }

  /** Write what is not written yet. */
  function flush() {
    clearTimeout(timer);
    writing = writing.then(() => (store.state.now.corrections === written ? undefined : write()));
    return writing;
  }

  /** @param {string} id @param {boolean} over @returns {Promise<Draft | null>} */
  async function writeFile(id, over) {
    try {
      return await api.save(id, etag, over);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== CHANGED) throw error;
      const theirs = /** @type {Entry[]} */ (error.body.file).map((entry, at) => ({ ...entry, entry: at + 1 }));
      return (await ask(theirs)) === "mine" ? writeFile(id, true) : null;
    }
  }

  /** The draft becomes the file of overrides, and the timelines are made again. Whether that was done. */
  async function save() {
    await flush();
    const { movie, saving } = store.state;
    if (!movie || saving === "unsaved" || saving === "conflict") return false;
    store.set({ saving: "writing" });
    try {
      const draft = await writeFile(movie.id, false);
      if (draft) adopt(draft);
      return draft !== null;
    } catch (error) {
      store.set({ saving: "draft" });
      throw error;
    }
  }

  /** The entries have their numbers in the file now. @param {Draft} draft */
  function adopt(draft) {
    etag = draft.etag;
    written = draft.corrections;
    const now = adopted(store.state.now, written);
    store.set({ now, base: written, baseEtag: etag, saving: "saved", saved: true, told: draft.told });
  }

  store.subscribe((state, before) => {
    if (state.now.corrections === before.now.corrections || state.now.corrections === written) return;
    store.set({ saved: false });
    clearTimeout(timer);
    timer = window.setTimeout(flush, PAUSE_MS);
  });
  window.addEventListener("beforeunload", (event) => store.state.saving === "unsaved" && event.preventDefault());
  window.addEventListener("pagehide", () => {
    const { movie, now } = store.state;
    if (movie && now.corrections !== written) void api.putDraft(movie.id, now.corrections, etag, true);
  });
  return { flush, save };
}

/** @typedef {ReturnType<typeof createSaver>} Saver */
