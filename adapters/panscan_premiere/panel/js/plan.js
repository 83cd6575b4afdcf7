// @ts-check
"use strict";

/**
 * Reading a plan: everything that would go wrong later inside a transaction is refused here, in words.
 * @typedef {import("../../types").Plan} Plan
 * @typedef {import("../../types").PlanClip} PlanClip
 */

const FORMAT = "panscan-premiere-plan";
const VERSION = 1;
const TICKS = /^-?\d{1,18}$/;

/** @param {string} text */
function refuse(text) {
  return new Error("This plan cannot be used: " + text);
}

/**
 * @param {any} curve
 * @param {string[]} columns
 * @param {string} what
 */
function checkCurve(curve, columns, what) {
  if (!curve || !Array.isArray(curve.ticks) || curve.ticks.length === 0) throw refuse(what + " has no keys.");
  let before = -Infinity;
  for (const ticks of curve.ticks) {
    if (typeof ticks !== "string" || !TICKS.test(ticks)) throw refuse(what + " has a key without a time.");
    if (!(Number(ticks) > before)) throw refuse(what + " has keys out of order.");
    before = Number(ticks);
  }
  for (const column of columns) {
    const values = curve[column];
    if (!Array.isArray(values) || values.length !== curve.ticks.length || !values.every(Number.isFinite)) {
      throw refuse(what + " lacks numbers for " + column + ".");
    }
  }
}

/** @param {any} clip */
function checkClip(clip) {
  const what = "clip " + (clip && clip.id);
  for (const field of ["id", "name", "file"]) {
    if (!clip || typeof clip[field] !== "string") throw refuse(what + " has no " + field + ".");
  }
  for (const field of ["media_start_ticks", "in_ticks", "out_ticks", "start_ticks", "frame_ticks"]) {
    if (typeof clip[field] !== "string" || !TICKS.test(clip[field])) throw refuse(what + " has no " + field + ".");
  }
  if (!Array.isArray(clip.layers) || clip.layers.length === 0) throw refuse(what + " has no cameras.");
  for (const layer of clip.layers) {
    checkCurve(layer.position, ["x", "y"], what + " (position)");
    checkCurve(layer.scale, ["percent"], what + " (scale)");
    if (layer.crop !== null) checkCurve(layer.crop, ["left", "top", "right", "bottom"], what + " (crop)");
  }
}

/**
 * @param {string} text of a .premiere-plan.json
 * @returns {Plan}
 */
function readPlan(text) {
  /** @type {any} */
  let plan;
  try {
    plan = JSON.parse(text);
  } catch {
    throw refuse("it is not JSON.");
  }
  if (!plan || plan.format !== FORMAT) throw refuse("make it with: panscan deliver CUT.otio --to premiere-plan.");
  if (plan.version !== VERSION) throw refuse("its version is " + plan.version + ", this panel knows " + VERSION + ".");
  const size = plan.canvas_px;
  if (!Array.isArray(size) || size.length !== 2 || !size.every((side) => Number.isInteger(side) && side > 0)) {
    throw refuse("it has no canvas.");
  }
  if (!Array.isArray(plan.clips) || plan.clips.length === 0) throw refuse("it has no clips.");
  plan.clips.forEach(checkClip);
  return plan;
}

module.exports = { readPlan };
