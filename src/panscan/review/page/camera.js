// @ts-check

/**
 * The camera's arithmetic, as docs/format.md has it: keys, the crop at a frame, and keys out of a crop.
 * @typedef {import("./types").Box} Box
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Keys} Keys
 * @typedef {import("./types").Pose} Pose
 * @typedef {import("./types").Shot} Shot
 */

export const TIGHTEST_ZOOM = 4; // times tighter than the widest crop: beyond it a picture is only soft

/** Where a frame stands among the keys: the key before it, and the share of the way to the next one.
 * @param {number[]} frames @param {number} frame @returns {[number, number]} */
function between(frames, frame) {
  if (frame <= frames[0]) return [0, 0];
  const last = frames.length - 1;
  if (frame >= frames[last]) return [last, 0];
  let before = 0;
  while (frames[before + 1] <= frame) before += 1;
  return [before, (frame - frames[before]) / (frames[before + 1] - frames[before])];
}

/** @param {Keys} keys @param {number} frame @returns {Pose} */
export function poseAt(keys, frame) {
  const [before, share] = between(keys.frame, frame);
  const at = (/** @type {number[]} */ column) =>
    share === 0 ? column[before] : column[before] + share * (column[before + 1] - column[before]);
  return { scale: at(keys.scale), x_px: at(keys.x_px), y_px: at(keys.y_px) };
}

/** @param {Cell} cell @param {Pose} pose @param {[number, number]} size of the source, px @returns {Box} */
export function cropOf(cell, pose, size) {
  const width = cell.cell_px[2] / pose.scale;
  const height = cell.cell_px[3] / pose.scale;
  return [
    size[0] / 2 - pose.x_px / pose.scale - width / 2,
    size[1] / 2 - pose.y_px / pose.scale - height / 2,
    width,
    height,
  ];
}

/** @param {Cell} cell @param {number} frame @param {[number, number]} size @returns {Box} */
export function cropAt(cell, frame, size) {
  return cropOf(cell, poseAt(cell.keys, frame), size);
}

/** @param {Cell} cell @param {Box} crop @param {[number, number]} size @returns {Pose} */
export function poseOf(cell, crop, size) {
  const scale = cell.cell_px[2] / crop[2];
  return {
    scale,
    x_px: scale * (size[0] / 2 - crop[0] - crop[2] / 2),
    y_px: scale * (size[1] / 2 - crop[1] - crop[3] / 2),
  };
}

/** Width of the widest crop of a cell that lies inside the picture, source px.
 * @param {Cell} cell @param {[number, number]} size */
export function widest(cell, size) {
  return Math.min(size[0], (size[1] * cell.cell_px[2]) / cell.cell_px[3]);
}

/** How many times tighter a crop is than the widest one.
 * @param {Cell} cell @param {Box} crop @param {[number, number]} size */
export const zoomOf = (cell, crop, size) => widest(cell, size) / crop[2];

/** The crop moved inside the picture; one that is wider or higher than the picture is centred on it.
 * @param {Box} crop @param {[number, number]} size @returns {Box} */
export function inside([left, top, width, height], size) {
  const held = (/** @type {number} */ at, /** @type {number} */ length, /** @type {number} */ whole) =>
    length >= whole ? (whole - length) / 2 : Math.min(Math.max(at, 0), whole - length);
  return [held(left, width, size[0]), held(top, height, size[1]), width, height];
}

/** A crop of another size around a point that stays where it is, as shares of the crop.
 * @param {Cell} cell @param {Box} crop @param {number} factor above 1: wider @param {[number, number]} size
 * @param {[number, number]} fixed @returns {Box} */
export function resized(cell, crop, factor, size, fixed = [0.5, 0.5]) {
  const most = Math.max(widest(cell, size), crop[2]);
  const width = Math.min(Math.max(crop[2] * factor, widest(cell, size) / TIGHTEST_ZOOM), most);
  const height = (width * crop[3]) / crop[2];
  return inside([crop[0] + fixed[0] * (crop[2] - width), crop[1] + fixed[1] * (crop[3] - height), width, height], size);
}

/** @param {Keys} keys @param {number} at @param {number} remove @param {Pose & {frame: number} | null} row */
function spliced(keys, at, remove, row) {
  const put = (/** @type {number[]} */ column, /** @type {number | undefined} */ value) =>
    column.toSpliced(at, remove, ...(value === undefined ? [] : [value]));
  return {
    frame: put(keys.frame, row?.frame),
    scale: put(keys.scale, row?.scale),
    x_px: put(keys.x_px, row?.x_px),
    y_px: put(keys.y_px, row?.y_px),
  };
}

/** The keys after the crop was moved at a frame: the key that is there, or those around a rest, get the pose; while the
 * camera moves there is one key more. @param {Keys} keys @param {number} frame @param {Pose} pose @returns {Keys} */
export function withPose(keys, frame, pose) {
  const after = keys.frame.findIndex((each) => each > frame);
  const before = after < 0 ? keys.frame.length - 1 : Math.max(after - 1, 0);
  const rest = keys.frame[before] === frame ? [frame] : [keys.frame[before], keys.frame[Math.max(after, before)]];
  const isAtRest = new Set(rest.map((each) => JSON.stringify(poseAt(keys, each)))).size === 1;
  if (!isAtRest) return withKey(keys, frame, pose);
  return rest.reduce((all, each) => withKey(all, each, pose), keys);
}

/** The keys with one more at a frame, in place of one that is there.
 * @param {Keys} keys @param {number} frame @param {Pose} pose @returns {Keys} */
export function withKey(keys, frame, pose) {
  const there = keys.frame.indexOf(frame);
  const after = keys.frame.findIndex((each) => each > frame);
  const at = there >= 0 ? there : after >= 0 ? after : keys.frame.length;
  return spliced(keys, at, there >= 0 ? 1 : 0, { frame, ...pose });
}

/** The keys without those at some frames; one always stays.
 * @param {Keys} keys @param {number[]} frames @returns {Keys} */
export function withoutKeys(keys, frames) {
  let left = keys;
  for (const frame of frames) {
    const at = left.frame.indexOf(frame);
    if (at >= 0 && left.frame.length > 1) left = spliced(left, at, 1, null);
  }
  return left;
}

/** A key moved in time, kept between its neighbours.
 * @param {Keys} keys @param {number} from @param {number} to @returns {Keys} */
export function withKeyMoved(keys, from, to) {
  const at = keys.frame.indexOf(from);
  const low = at > 0 ? keys.frame[at - 1] + 1 : -Infinity;
  const high = at < keys.frame.length - 1 ? keys.frame[at + 1] - 1 : Infinity;
  return { ...keys, frame: keys.frame.with(at, Math.min(Math.max(to, low), high)) };
}

/** Number of the shot, from 0, that has a frame. Shots follow each other.
 * @param {Shot[]} shots @param {number} frame */
export function shotIndexAt(shots, frame) {
  let low = 0;
  let high = shots.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (shots[middle].first_frame <= frame) low = middle;
    else high = middle - 1;
  }
  return low;
}
