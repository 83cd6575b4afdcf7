// @ts-check

/**
 * Who and what was seen in the shot at hand, asked for once per shot.
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./types").Box} Box
 * @typedef {import("./types").Subject} Subject
 */

import * as api from "./api.js";
import { shotOf } from "./selectors.js";

const NEAR_S = 0.5; // from a moment that was looked at: longer than between two of them

/** The moment nearest to a frame at which a subject was looked at, and its box then; null where none is near.
 * @param {Subject} subject @param {number} frame @param {number} perSecond
 * @returns {{frame: number, box: Box} | null} */
export function lookNear(subject, frame, perSecond) {
  let best = -1;
  let distance = NEAR_S * perSecond;
  subject.frames.forEach((each, at) => {
    if (Math.abs(each - frame) > distance) return;
    best = at;
    distance = Math.abs(each - frame);
  });
  return best < 0 ? null : { frame: subject.frames[best], box: subject.boxes_px[best] };
}

/** @param {Store} store @param {(error: unknown) => void} onError */
export function keepSubjects(store, onError) {
  /** @type {Map<string, Promise<Subject[]>>} */
  const known = new Map();
  let wanted = "";

  store.subscribe((state) => {
    const shot = shotOf(state);
    if (!shot || !state.movie) return;
    const span = shot.first_frame + "-" + shot.last_frame;
    if (span === wanted) return;
    wanted = span;
    const answer = known.get(span) ?? api.subjects(state.movie.id, shot.first_frame, shot.last_frame);
    known.set(span, answer);
    store.set({ subjects: [] });
    answer.then((subjects) => wanted === span && store.set({ subjects }), onError);
  });
}
