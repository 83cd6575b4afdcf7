// @ts-check

/**
 * Keeps the cameras that are shown true to what was decided: the server solves them again, one request at a time for a
 * shape. Nothing is saved by it.
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./types").State} State
 */

import * as api from "./api.js";
import { mayReach, withEntries, withPlanned } from "./corrections.js";

const MOST_FRAMES = 1000; // in one request
const PAUSE_MS = 200; // until a draft is written

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** @param {State} state */
const visible = (state) => (state.together ? (state.movie?.shapes ?? []).map(({ ratio }) => ratio) : [state.ratio]);

/** @param {State} state @param {string} ratio */
const isBehind = ({ now }, ratio) => now.planned[ratio] !== now.corrections;

/** First and last frames of the shots whose entries are not those that they were planned with: both, because a shot may
 * have been divided or joined. @param {State} state @param {string} ratio */
function framesToPlan({ now }, ratio) {
  const { shots } = now.shapes[ratio];
  const before = now.planned[ratio] ?? [];
  const changed = [
    ...before.filter((entry) => !now.corrections.includes(entry)),
    ...now.corrections.filter((entry) => !before.includes(entry)),
  ];
  const behind = shots.filter((shot) => changed.some((entry) => mayReach(entry, shot, shots, ratio)));
  return [...new Set(behind.flatMap((shot) => [shot.first_frame, shot.last_frame]))];
}

/** @param {Store} store @param {(error: unknown) => void} onError */
export function keepPlanned(store, onError) {
  /** @type {Set<string>} */
  const busy = new Set();

  /** @param {string} ratio */
  async function load(ratio) {
    const told = await api.shape(store.state.movie?.id ?? "", ratio);
    const { base, baseEtag } = store.state;
    if (told.etag !== baseEtag) return pause(); // of a draft that is just being written
    const shape = { ...told, shots: withEntries(told.shots, base) };
    const add = (/** @type {import("./types").Decisions} */ each) =>
      each.shapes[ratio]
        ? each
        : { ...each, shapes: { ...each.shapes, [ratio]: shape }, planned: { ...each.planned, [ratio]: base } };
    const { now, past, future } = store.state;
    store.set({ now: add(now), past: past.map(add), future: future.map(add) });
  }

  /** @param {string} ratio */
  async function plan(ratio) {
    const { movie, now } = store.state;
    const { corrections } = now;
    const frames = framesToPlan(store.state, ratio);
    let { shots } = now.shapes[ratio];
    for (let at = 0; at < frames.length; at += MOST_FRAMES) {
      const wish = { ratio, frames: frames.slice(at, at + MOST_FRAMES), corrections };
      const answer = await api.plan(movie?.id ?? "", wish);
      if (store.state.now.corrections !== corrections) return; // decided otherwise meanwhile
      shots = withPlanned(shots, withEntries(answer.shots, corrections));
    }
    const { shapes, planned } = store.state.now;
    store.set({
      now: {
        corrections,
        shapes: { ...shapes, [ratio]: { ...shapes[ratio], shots } },
        planned: { ...planned, [ratio]: corrections },
      },
    });
  }

  /** @param {string} ratio */
  async function catchUp(ratio) {
    if (busy.has(ratio)) return;
    busy.add(ratio);
    try {
      while (!store.state.now.shapes[ratio]) await load(ratio);
      while (isBehind(store.state, ratio)) await plan(ratio);
    } catch (error) {
      onError(error);
    } finally {
      busy.delete(ratio);
    }
  }

  store.subscribe((state) => {
    for (const ratio of state.movie ? visible(state) : []) {
      if (!state.now.shapes[ratio] || isBehind(state, ratio)) void catchUp(ratio);
    }
  });
}
