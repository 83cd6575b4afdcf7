// @ts-check

/**
 * Entries of the file of overrides (docs/overrides.md): where they hold, putting a change in, taking a shot's out.
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Change} Change
 * @typedef {import("./types").Decisions} Decisions
 * @typedef {import("./types").Entry} Entry
 * @typedef {import("./types").Keys} Keys
 * @typedef {import("./types").PlacedKey} PlacedKey
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 */

import { cropOf, shotIndexAt, zoomOf } from "./camera.js";

/** @typedef {Pick<Entry, "frame" | "setup" | "ratio" | "cell">} Target */

const OF_ONE_CELL = ["subject", "subject_at", "center", "hold", "zoom", "keys"];
const PLACE = ["entry", "shot", "frame", "from", "to", "setup", "ratio", "cell"];
const CAMERA = ["subject", "subject_at", "center", "keys"];
/** Fields that end what others say: who is shown, and how. @type {Record<string, string[]>} */
const REPLACES = {
  subject: CAMERA,
  keys: [...CAMERA, "hold", "zoom"],
  hold: ["keys"],
  layout: ["fit", ...CAMERA],
  fit: ["layout", ...CAMERA],
};

/** @param {number} value @param {number} digits */
const rounded = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

/** Keys as the file has them: shares of the picture, so that they suit every shape.
 * @param {Cell} cell @param {Keys} keys @param {[number, number]} size @returns {PlacedKey[]} */
export function placedKeys(cell, keys, size) {
  return keys.frame.map((frame, at) => {
    const crop = cropOf(cell, { scale: keys.scale[at], x_px: keys.x_px[at], y_px: keys.y_px[at] }, size);
    const across = rounded((crop[0] + crop[2] / 2) / size[0], 5); // a fiftieth of a px
    const down = rounded((crop[1] + crop[3] / 2) / size[1], 5);
    return { frame, center: [across, down], zoom: rounded(zoomOf(cell, crop, size), 4) };
  });
}

/** @param {Shot} shot its middle, which lies in the same shot if a cut is found elsewhere one day */
const middleOf = (shot) => Math.floor((shot.first_frame + shot.last_frame) / 2);

/** Where a change of a shot is to hold, as the inspector says it.
 * @param {State} state @param {Shot} shot @param {Change} change @returns {Target} */
export function targetOf(state, shot, change) {
  const ofCell = Object.keys(change).some((name) => OF_ONE_CELL.includes(name));
  const isPart = state.now.shapes[state.ratio].shots.some((each) => each.number === shot.number && each !== shot);
  const own = isPart ? [shot.first_frame, shot.last_frame + 1] : middleOf(shot);
  return {
    frame: state.scope === "onward" ? [shot.first_frame] : state.scope === "setup" ? middleOf(shot) : own,
    ...(state.scope === "setup" ? { setup: true } : {}),
    ...(state.allShapes ? {} : { ratio: state.ratio }),
    ...(ofCell && shot.cells.length > 1 ? { cell: state.cell + 1 } : {}),
  };
}

/** Whether an entry names a shot in the way of a target.
 * @param {Entry} entry @param {Target} target @param {Shot} shot */
function isSame(entry, target, shot) {
  if (entry.ratio !== target.ratio || entry.cell !== target.cell || !entry.setup !== !target.setup) return false;
  if (isEdge(entry)) return false;
  if (typeof target.frame !== "number") return String(entry.frame) === String(target.frame);
  return entry.shot === shot.number || (typeof entry.frame === "number" && isIn(shot, entry.frame));
}

/** @param {Shot} shot @param {number} frame */
const isIn = (shot, frame) => shot.first_frame <= frame && frame <= shot.last_frame;

/** Whether an entry says its place by a shot or by frames, and not by a time or a clip. @param {Entry} entry */
const isByShot = (entry) => entry.frame !== undefined || entry.shot !== undefined;

/** Whether an entry may say something of a shot; where that cannot be told here, it may.
 * @param {Entry} entry @param {Shot} shot @param {Shot[]} shots @param {string} ratio */
export function mayReach(entry, shot, shots, ratio) {
  if (shot.entries.includes(entry)) return true;
  if (entry.ratio !== undefined && entry.ratio !== ratio) return false;
  if (!isByShot(entry)) return true;
  if (Array.isArray(entry.frame))
    return entry.frame[0] <= shot.last_frame && shot.first_frame < (entry.frame[1] ?? Infinity);
  const frame = entry.frame ?? NaN;
  if (isEdge(entry)) return isIn(shot, frame) || isIn(shot, frame - 1);
  const named =
    entry.shot === undefined ? shots[shotIndexAt(shots, frame)] : shots.find((each) => each.number === entry.shot);
  return named === shot || (entry.setup === true && named?.setup === shot.setup);
}

/** @param {Entry} entry @param {Change} change @returns {Entry} */
function changed(entry, change) {
  const gone = Object.keys(change).flatMap((name) => [name, ...(REPLACES[name] ?? [])]);
  const kept = Object.entries(entry).filter(([name]) => !gone.includes(name));
  const given = Object.entries(change).filter(([, value]) => value !== null && value !== undefined);
  return /** @type {Entry} */ (Object.fromEntries([...kept, ...given]));
}

/** Whether an entry decides something: a note alone does not. @param {Entry} entry */
const decides = (entry) => Object.keys(entry).some((name) => !PLACE.includes(name) && name !== "note");

/** What was decided for a shot in the shape at hand. @param {State} state @param {Shot} shot @returns {Entry[]} */
export function entriesOf({ now, ratio }, shot) {
  const { shots } = now.shapes[ratio];
  const isIts = (/** @type {Entry} */ entry) => isByShot(entry) && mayReach(entry, shot, shots, ratio);
  return now.corrections.filter((entry) => shot.entries.includes(entry) || isIts(entry));
}

/** The entries with a change in the one for this target, which comes last: the later one wins.
 * @param {State} state @param {Shot} shot @param {Change} change @returns {Entry[]} */
export function withChange(state, shot, change) {
  const { corrections } = state.now;
  const target = targetOf(state, shot, change);
  const found = corrections.findLast((entry) => isSame(entry, target, shot));
  const isLast = found !== undefined && entriesOf(state, shot).at(-1) === found;
  const base = found ? (isLast ? found : { ...found, entry: null }) : { entry: null, ...target };
  const entry = changed(base, change);
  const put = decides(entry) ? [entry] : [];
  if (isLast) return corrections.flatMap((each) => (each === found ? put : [each]));
  return [...corrections.filter((each) => each !== found), ...put];
}

/** The entries with one more edge of a shot, or without the one that said the opposite.
 * @param {Entry[]} corrections @param {{frame: number, split?: boolean, merge?: boolean}} edge */
export function withEdge(corrections, edge) {
  const left = corrections.filter((each) => each.frame !== edge.frame || !isEdge(each) || !each.split === !edge.split);
  return left.length < corrections.length ? left : [...corrections, { entry: null, ...edge }];
}

/** The entries with a shot divided: what was decided for it holds for both parts.
 * @param {State} state @param {Shot} shot @param {number} frame of the second part, the first @returns {Entry[]} */
export function withSplit(state, shot, frame) {
  const { corrections } = state.now;
  const own = corrections.filter((entry) => typeof entry.frame === "number" && isIn(shot, entry.frame));
  const copies = own
    .filter((entry) => !entry.setup && !isEdge(entry))
    .map((entry) => {
      const [first, last] = Number(entry.frame) < frame ? [frame, shot.last_frame] : [shot.first_frame, frame - 1];
      return { ...entry, entry: null, frame: Math.floor((first + last) / 2) };
    });
  return withEdge([...corrections, ...copies], { frame, split: true });
}

/** Whether an entry says where a shot begins. @param {Entry} entry */
const isEdge = (entry) => entry.split === true || entry.merge === true;

/** All but what was decided for a shot; where shots begin and end stays.
 * @param {State} state @param {Shot} shot @returns {Entry[]} */
export function withoutShot(state, shot) {
  const out = entriesOf(state, shot).filter((entry) => !isEdge(entry));
  return state.now.corrections.filter((entry) => !out.includes(entry));
}

/** What was decided, with the same entries as they are in the file now, where each has its number.
 * @param {Decisions} now @param {Entry[]} saved @returns {Decisions} */
export function adopted(now, saved) {
  const text = (/** @type {Entry} */ entry) => JSON.stringify({ ...entry, entry: null });
  const isSame = now.corrections.map(text).join() === saved.map(text).join();
  if (!isSame) return { ...now, corrections: saved };
  const byOld = new Map(now.corrections.map((entry, at) => [entry, saved[at]]));
  const renamed = (/** @type {Entry[]} */ entries) => entries.map((entry) => byOld.get(entry) ?? entry);
  const shapes = Object.entries(now.shapes).map(([ratio, shape]) => [
    ratio,
    {
      ...shape,
      shots: shape.shots.map((shot) => (shot.entries.length ? { ...shot, entries: renamed(shot.entries) } : shot)),
    },
  ]);
  const planned = Object.entries(now.planned).map(([ratio, entries]) => [
    ratio,
    entries === now.corrections ? saved : renamed(entries),
  ]);
  return { corrections: saved, shapes: Object.fromEntries(shapes), planned: Object.fromEntries(planned) };
}

/** The shots as the server tells them, with the entries that hold for each.
 * @param {Shot[]} shots @param {Entry[]} corrections @returns {Shot[]} */
export const withEntries = (shots, corrections) =>
  shots.map((shot) => ({ ...shot, entries: shot.corrections.map((place) => corrections[place]) }));

/** The shots with those that were planned again in the place of what was there.
 * @param {Shot[]} shots @param {Shot[]} planned @returns {Shot[]} */
export function withPlanned(shots, planned) {
  const isCovered = (/** @type {Shot} */ shot) =>
    planned.some((each) => each.first_frame <= shot.last_frame && shot.first_frame <= each.last_frame);
  const all = [...shots.filter((shot) => !isCovered(shot)), ...planned].sort((a, b) => a.first_frame - b.first_frame);
  return renumbered(all);
}

/** Numbers that rise by one from shot to shot; the parts of a shot share its number. @param {Shot[]} shots */
function renumbered(shots) {
  let number = 0;
  return shots.map((shot) => {
    if (shot.part === 1) number += 1;
    return shot.number === number ? shot : { ...shot, number };
  });
}

/** @param {unknown} value @returns {string} as TOML has it */
function toml(value) {
  if (Array.isArray(value)) return "[" + value.map(toml).join(", ") + "]";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return (
    "{ " +
    Object.entries(value)
      .map(([name, each]) => name + " = " + toml(each))
      .join(", ") +
    " }"
  );
}

/** One entry as it stands in the file. @param {Entry} entry */
export function entryText(entry) {
  const lines = Object.entries(entry)
    .filter(([name]) => name !== "entry")
    .map(([name, value]) => {
      const isRows = name === "keys" && Array.isArray(value);
      return (
        name + " = " + (isRows ? "[\n" + value.map((row) => "  " + toml(row) + ",\n").join("") + "]" : toml(value))
      );
    });
  return ["[[shot]]", ...lines].join("\n");
}
