// @ts-check
"use strict";

/**
 * Premiere's fixed effect Motion. It is found by its match name and its parameters by their place, because the names
 * that Premiere shows are translated. Position is a fraction of the sequence's frame, y down; keys lie in media time.
 * @typedef {import("../../types").Host} Host
 * @typedef {import("../../types").PlanLayer} PlanLayer
 * @typedef {import("../../types").Step} Step
 * @typedef {import("@adobe/premierepro").Component} Component
 * @typedef {import("@adobe/premierepro").ComponentParam} ComponentParam
 * @typedef {import("@adobe/premierepro").CompoundAction} CompoundAction
 * @typedef {import("@adobe/premierepro").VideoClipTrackItem} VideoClipTrackItem
 * @typedef {import("@adobe/premierepro").PointF} PointF
 */

const MATCH_NAME = "AE.ADBE Motion";
const POSITION = 0;
const SCALE = 1;
const UNIFORM = 3;
const ROTATION = 4;
const ANCHOR = 5;
const CROP = { left: 7, top: 8, right: 9, bottom: 10 };
const CENTRE = 0.5;

/**
 * What is done to a parameter, in this order.
 * @type {Step[]}
 */
const STEPS = ["clear", "values", "lines"];

/**
 * @param {VideoClipTrackItem} item
 * @returns {Promise<Component | null>}
 */
async function motionOf(item) {
  const chain = await item.getComponentChain();
  for (let number = 0; number < chain.getComponentCount(); number++) {
    const component = chain.getComponentAtIndex(number);
    if ((await component.getMatchName()) === MATCH_NAME) return component;
  }
  return null;
}

/**
 * A value as the host gives it back, which may be wrapped once or twice.
 * @param {any} value
 */
function unwrapped(value) {
  while (value !== null && typeof value === "object" && "value" in value) value = value.value;
  return value;
}

/**
 * What stands in the way of the plan's numbers: an anchor off the centre, a rotation, unequal scales, a crop.
 * @param {Component} motion
 * @param {boolean} cuts whether the plan writes the crop itself
 * @returns {Promise<{index: number, value: number | boolean | "centre", note: string}[]>}
 */
async function obstacles(motion, cuts) {
  const found = [];
  /** @param {number} index */
  const still = async (index) => {
    const param = motion.getParam(index);
    return param.isTimeVarying() ? null : unwrapped(await param.getStartValue());
  };
  const anchor = await still(ANCHOR);
  if (anchor === null || Math.abs(anchor.x - CENTRE) > 1e-6 || Math.abs(anchor.y - CENTRE) > 1e-6) {
    found.push({ index: ANCHOR, value: /** @type {const} */ ("centre"), note: "The anchor point was put in the middle." });
  }
  if ((await still(ROTATION)) !== 0) found.push({ index: ROTATION, value: 0, note: "The rotation was taken out." });
  if ((await still(UNIFORM)) !== true) found.push({ index: UNIFORM, value: true, note: "Uniform scale was switched on." });
  if (!cuts && motion.getParamCount() > CROP.bottom) {
    for (const index of Object.values(CROP)) {
      if ((await still(index)) !== 0) found.push({ index, value: 0, note: "A crop was taken out." });
    }
  }
  return found;
}

/**
 * Replace everything a parameter says: one value, or keys joined by straight lines.
 * @param {Host} ppro
 * @param {CompoundAction} compound
 * @param {ComponentParam} param
 * @param {number[]} ticks
 * @param {(number | boolean | PointF)[]} values
 * @param {Step[]} steps
 */
function set(ppro, compound, param, ticks, values, steps) {
  const moves = values.length > 1;
  if (steps.includes("clear")) {
    const old = param.isTimeVarying() ? param.getKeyframeListAsTickTimes() : [];
    if (old.length > 0) {
      // Whether the end belongs to the range is not documented; a second later it does not matter.
      const end = old[old.length - 1].add(ppro.TickTime.TIME_ONE_SECOND);
      compound.addAction(param.createRemoveKeyframeRangeAction(old[0], end));
    }
    compound.addAction(param.createSetTimeVaryingAction(moves));
  }
  if (!moves && steps.includes("values")) {
    compound.addAction(param.createSetValueAction(param.createKeyframe(values[0]), true));
  }
  // The numbers of these modes differ between the typings and the program: only the running program knows them.
  const linear = ppro.Constants.InterpolationMode.LINEAR;
  for (let number = 0; moves && number < values.length; number++) {
    const time = ppro.TickTime.createWithTicks(String(ticks[number]));
    if (steps.includes("values")) {
      const key = param.createKeyframe(values[number]);
      key.position = time;
      compound.addAction(param.createAddKeyframeAction(key));
    }
    if (steps.includes("lines")) {
      compound.addAction(param.createSetInterpolationAtKeyframeAction(time, linear, true));
    }
  }
}

/**
 * Write one camera. Called inside a transaction.
 * @param {Host} ppro
 * @param {CompoundAction} compound
 * @param {Component} motion
 * @param {PlanLayer} layer
 * @param {number} clockTicks of the media's first frame
 * @param {Awaited<ReturnType<typeof obstacles>>} inTheWay
 * @param {Step[]} steps
 */
function writeMotion(ppro, compound, motion, layer, clockTicks, inTheWay, steps) {
  for (const { index, value } of inTheWay) {
    const plain = value === "centre" ? new ppro.PointF(CENTRE, CENTRE) : value;
    set(ppro, compound, motion.getParam(index), [0], [plain], steps);
  }
  /** @param {{ticks: string[]}} curve */
  const times = (curve) => curve.ticks.map((ticks) => Number(ticks) + clockTicks);
  const { position, scale, crop } = layer;
  const points = position.x.map((x, number) => new ppro.PointF(x, position.y[number]));
  set(ppro, compound, motion.getParam(POSITION), times(position), points, steps);
  set(ppro, compound, motion.getParam(SCALE), times(scale), scale.percent, steps);
  if (crop === null || !canCrop(motion)) return;
  set(ppro, compound, motion.getParam(CROP.left), times(crop), crop.left, steps);
  set(ppro, compound, motion.getParam(CROP.top), times(crop), crop.top, steps);
  set(ppro, compound, motion.getParam(CROP.right), times(crop), crop.right, steps);
  set(ppro, compound, motion.getParam(CROP.bottom), times(crop), crop.bottom, steps);
}

/**
 * Whether this version's Motion has a crop of its own.
 * @param {Component} motion
 */
function canCrop(motion) {
  return motion.getParamCount() > CROP.bottom;
}

/**
 * Whether a camera moves at all.
 * @param {PlanLayer} layer
 */
function moves(layer) {
  const { position, scale, crop } = layer;
  return Math.max(position.ticks.length, scale.ticks.length, crop === null ? 1 : crop.ticks.length) > 1;
}

/**
 * What the host holds after the transaction, against what was meant; empty where all is well.
 * @param {Host} ppro
 * @param {Component} motion
 * @param {PlanLayer} layer
 * @param {number} clockTicks
 * @returns {Promise<string[]>}
 */
async function misread(ppro, motion, layer, clockTicks) {
  const { position, scale } = layer;
  const points = position.x.map((x, number) => [x, position.y[number]]);
  const percents = scale.percent.map((percent) => [percent]);
  return [
    ...(await misreadParam(ppro, "Position", motion.getParam(POSITION), position.ticks, points, 1e-4, clockTicks)),
    ...(await misreadParam(ppro, "Scale", motion.getParam(SCALE), scale.ticks, percents, 1e-2, clockTicks)),
  ];
}

/**
 * The number of keys, the last value, and the value a quarter on between the two keys that lie farthest apart.
 * @param {Host} ppro
 * @param {string} name
 * @param {ComponentParam} param
 * @param {string[]} ticks
 * @param {number[][]} rows
 * @param {number} tolerance
 * @param {number} clockTicks
 */
async function misreadParam(ppro, name, param, ticks, rows, tolerance, clockTicks) {
  const keys = param.isTimeVarying() ? param.getKeyframeListAsTickTimes().length : 1;
  if (keys !== rows.length) return [name + " has " + keys + " keys instead of " + rows.length + "."];
  const times = ticks.map((text) => Number(text) + clockTicks);
  /** @param {number} at @param {number[]} meant */
  const differs = async (at, meant) => {
    const value = unwrapped(await param.getValueAtTime(ppro.TickTime.createWithTicks(String(Math.round(at)))));
    const held = typeof value === "number" ? [value] : [value.x, value.y];
    return held.some((number, part) => Math.abs(number - meant[part]) > tolerance) ? held.join(", ") : "";
  };
  const last = rows.length - 1;
  const found = await differs(times[last], rows[last]);
  if (found) return [name + " reads back as " + found + "."];
  let widest = 1;
  for (let n = 2; n <= last; n++) if (times[n] - times[n - 1] > times[widest] - times[widest - 1]) widest = n;
  if (last === 0) return [];
  const [before, after] = [rows[widest - 1], rows[widest]];
  // At a quarter: halfway, an ease on both sides has the same value as a line.
  const quarter = before.map((number, part) => number + (after[part] - number) / 4);
  const bent = await differs(times[widest - 1] + (times[widest] - times[widest - 1]) / 4, quarter);
  return bent ? [name + " does not run straight; make the plan with -O keys=every-frame."] : [];
}

module.exports = { STEPS, canCrop, misread, motionOf, moves, obstacles, writeMotion };
