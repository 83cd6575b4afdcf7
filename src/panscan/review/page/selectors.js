// @ts-check

/**
 * What follows from the state.
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 * @typedef {import("./types").Subject} Subject
 */

import { shotIndexAt } from "./camera.js";

/** @param {State} state @returns {Shot[]} */
export const shotsOf = (state) => state.now.shapes[state.ratio]?.shots ?? [];
/** @param {State} state @returns {Shot | undefined} */
export const shotOf = (state) => shotsOf(state)[shotIndexAt(shotsOf(state), state.frame)];
/** @param {State} state @returns {Cell | undefined} */
export const cellOf = (state) => shotOf(state)?.cells[state.cell] ?? shotOf(state)?.cells[0];
/** Those worth a look, the least sure first, or all. @param {State} state */
export function listed(state) {
  if (!state.worth) return shotsOf(state);
  const worth = shotsOf(state).filter((shot) => shot.badges.includes("worth_a_look"));
  return worth.sort((one, other) => (one.confidence ?? 1) - (other.confidence ?? 1));
}
/** @param {State} state @returns {[number, number]} */
export const sizeOf = (state) => state.movie?.size_px ?? [1, 1];
/** Whether the camera of the cell stands still. @param {State} state */
export const cellIsHeld = (state) => cellOf(state)?.keys.frame.length === 1;

/** Names of those whom a camera shows together. @param {string | null | undefined} subject */
export const namesIn = (subject) => (subject ?? "").split("+").filter(Boolean);
/** Whether a cell of the shot is about nobody else. @param {Shot | undefined} shot @param {string} name */
export const isAlone = (shot, name) => shot?.cells.some((cell) => cell.subject === name) ?? false;
/** Those who can be clicked: people and things, and only where there are none, what merely moves.
 * @param {State} state @returns {Subject[]} */
export function clickable({ subjects }) {
  const known = subjects.filter(({ kind }) => kind !== "mover");
  return known.length ? known : subjects;
}
/** Whether one of some parts of the state is another one. @param {State} state @param {State} before
 * @param {(keyof State)[]} names */
export const differ = (state, before, names) => names.some((name) => state[name] !== before[name]);
