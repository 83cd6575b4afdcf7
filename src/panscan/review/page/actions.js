// @ts-check

/**
 * What a person can do to the shot at hand, whatever does it: a key, a button or the pointer.
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./player.js").Player} Player
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./types").Box} Box
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Change} Change
 * @typedef {import("./types").Entry} Entry
 * @typedef {import("./types").Keys} Keys
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 * @typedef {import("./types").Subject} Subject
 */

import {
  cropAt,
  inside,
  poseAt,
  poseOf,
  resized,
  shotIndexAt,
  withKey,
  withKeyMoved,
  withPose,
  withoutKeys,
} from "./camera.js";
import { placedKeys, withChange, withEdge, withSplit, withoutShot } from "./corrections.js";
import { tell } from "./dom.js";
import { cellIsHeld, cellOf, clickable, listed, shotOf, shotsOf, sizeOf } from "./selectors.js";
import { lookNear } from "./subjects.js";
import { nameOf } from "./words.js";

/** @param {State} state @param {Shot} shot @param {number} cell @param {Keys} keys */
function shapesWithKeys(state, shot, cell, keys) {
  const cells = shot.cells.map((each, at) => (at === cell ? { ...each, keys } : each));
  const moved = { ...shot, cells, auto_cells: shot.auto_cells ?? shot.cells, edited: true };
  const shape = state.now.shapes[state.ratio];
  const shots = shape.shots.map((each) => (each === shot ? moved : each));
  return { ...state.now.shapes, [state.ratio]: { ...shape, shots } };
}

/** @param {Store} store @param {Player} player @param {Clock} clock */
export function createActions(store, player, clock) {
  /** What is shown comes to a frame. @param {number} frame */
  function follow(frame) {
    const shots = shotsOf(store.state);
    const isSameShot = shotIndexAt(shots, frame) === shotIndexAt(shots, store.state.frame);
    store.set({ frame, pull: null, ...(isSameShot ? {} : { chosen: [], cell: 0 }) });
  }

  /** @param {number} frame */
  function goTo(frame) {
    follow(clock.within(frame));
    player.seek(frame);
  }

  /** @param {Change} change @param {string} said @param {Keys} [keys] shown at once, before the server has answered */
  function decide(change, said, keys) {
    const { state } = store;
    const shot = shotOf(state);
    if (!shot) return;
    const corrections = withChange(state, shot, change);
    const shapes = keys ? shapesWithKeys(state, shot, state.cell, keys) : state.now.shapes;
    store.commit({ ...state.now, corrections, shapes });
    store.set({ pull: null });
    tell(said);
  }

  /** @param {(keys: Keys) => Keys} edit @param {string} said */
  function editKeys(edit, said) {
    const cell = cellOf(store.state);
    if (!cell) return;
    const keys = edit(cell.keys);
    decide({ keys: placedKeys(cell, keys, sizeOf(store.state)) }, said, keys);
  }

  /** @param {Entry[]} corrections @param {string} said */
  function divide(corrections, said) {
    if (store.state.movie?.is_cut) return tell("The shots of a cut are its clips: divide or join them in the editor");
    store.commit({ ...store.state.now, corrections });
    tell(said);
  }

  /** @param {Box} crop */
  function writeCrop(crop) {
    const cell = cellOf(store.state);
    const size = sizeOf(store.state);
    if (!cell) return;
    const pose = poseOf(cell, inside(crop, size), size);
    editKeys((keys) => withPose(keys, store.state.frame, pose), "Crop moved");
  }

  /** @param {(crop: Box, cell: Cell, size: [number, number]) => Box} edit */
  function editCrop(edit) {
    const cell = cellOf(store.state);
    const size = sizeOf(store.state);
    if (cell) writeCrop(edit(cropAt(cell, store.state.frame, size), cell, size));
  }

  /** @param {number} step */
  function goToKey(step) {
    const { frame } = store.state;
    const frames = cellOf(store.state)?.keys.frame ?? [];
    const next = step > 0 ? frames.find((each) => each > frame) : frames.findLast((each) => each < frame);
    if (next !== undefined) goTo(next);
    else tell(step > 0 ? "No later key" : "No earlier key");
  }

  /** @param {Subject} subject */
  function show(subject) {
    const size = sizeOf(store.state);
    const first = { frame: subject.frames[0], box: subject.boxes_px[0] };
    const look = lookNear(subject, store.state.frame, clock.perSecond) ?? first;
    const shares = look.box.map((each, at) => Math.round((each / size[at % 2]) * 1e4) / 1e4);
    const subject_at = { frame: look.frame, box: /** @type {Box} */ (shares) };
    decide({ subject: subject.name, subject_at }, nameOf(subject.name) + " is shown");
  }

  return {
    store,
    player,
    clock,
    follow,
    goTo,
    decide,
    writeCrop,
    goToKey,
    show,
    /** @param {number} step */
    step: (step) => goTo(store.state.frame + step),
    /** The next shot of the list. @param {number} step */
    goToShot(step) {
      const shots = listed(store.state);
      const at = shots.findIndex((shot) => shot.number === shotOf(store.state)?.number);
      const next = shots[at < 0 ? 0 : at + step];
      if (next) goTo(next.first_frame);
    },
    playOrStop() {
      if (store.state.playing) player.stop();
      else player.play();
    },
    /** @param {number} index */
    showSubject(index) {
      const subject = clickable(store.state)[index];
      if (subject) show(subject);
    },
    hold() {
      const isHeld = cellIsHeld(store.state);
      decide({ hold: !isHeld }, isHeld ? "The camera may move" : "The camera holds still");
    },
    fit() {
      const isFit = shotOf(store.state)?.layout === "fit";
      decide(isFit ? { layout: "single" } : { fit: true }, isFit ? "Cropped again" : "The whole picture");
    },
    split() {
      const { state } = store;
      const shot = shotOf(state);
      if (!shot || state.frame === shot.first_frame) return tell("A shot begins here already");
      divide(withSplit(state, shot, state.frame), "Shot divided here");
    },
    merge() {
      const { state } = store;
      const next = (shotOf(state)?.last_frame ?? 0) + 1;
      if (next > clock.end) return tell("There is no next shot");
      divide(withEdge(state.now.corrections, { frame: next, merge: true }), "Joined with the next shot");
    },
    automatic() {
      const { state } = store;
      const shot = shotOf(state);
      if (!shot) return;
      store.commit({ ...state.now, corrections: withoutShot(state, shot) });
      tell("Automatic again");
    },
    newKey() {
      const cell = cellOf(store.state);
      const { frame } = store.state;
      if (cell?.keys.frame.includes(frame)) tell("There is a key here already");
      else if (cell) editKeys((keys) => withKey(keys, frame, poseAt(keys, frame)), "New key");
    },
    deleteKeys() {
      const { chosen, frame } = store.state;
      const frames = chosen.length ? chosen : [frame];
      const isThere = cellOf(store.state)?.keys.frame.some((each) => frames.includes(each));
      if (isThere) editKeys((keys) => withoutKeys(keys, frames), "Keys deleted");
      else tell("There is no key here");
      store.set({ chosen: [] });
    },
    /** @param {number} from @param {number} to */
    moveKey(from, to) {
      editKeys((keys) => withKeyMoved(keys, from, to), "Key moved");
      store.set({ chosen: [to] });
    },
    /** To the middle between the keys around. */
    middle() {
      const { frame } = store.state;
      const frames = cellOf(store.state)?.keys.frame ?? [];
      const before = frames.findLast((each) => each <= frame);
      const after = frames.find((each) => each > frame);
      if (before !== undefined && after !== undefined) goTo((before + after) / 2);
    },
    /** @param {number} x_px @param {number} y_px source px */
    nudge: (x_px, y_px) => editCrop(([left, top, width, height]) => [left + x_px, top + y_px, width, height]),
    /** @param {number} factor above 1: wider */
    zoom: (factor) => editCrop((crop, cell, size) => resized(cell, crop, factor, size)),
    undo: () => tell(store.undo() ? "Undone" : "Nothing to undo"),
    redo: () => tell(store.redo() ? "Done again" : "Nothing to redo"),
  };
}

/** @typedef {ReturnType<typeof createActions>} Actions */
