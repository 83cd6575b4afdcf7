// @ts-check
"use strict";

/**
 * Carrying out a plan: on a copy of the active sequence, or again on one that has its size already.
 * @typedef {import("../../types").Host} Host
 * @typedef {import("../../types").Plan} Plan
 * @typedef {import("../../types").Step} Step
 * @typedef {import("../../types").Stack} Stack
 * @typedef {import("@adobe/premierepro").Component} Component
 * @typedef {import("../../types").ClipReport} ClipReport
 * @typedef {import("../../types").Report} Report
 * @typedef {import("../../types").ApplyOptions} ApplyOptions
 * @typedef {import("@adobe/premierepro").Project} Project
 * @typedef {import("@adobe/premierepro").Sequence} Sequence
 */

const { runsPlain, stacks } = require("./match.js");
const { STEPS, canCrop, misread, motionOf, moves, obstacles, writeMotion } = require("./motion.js");
const { addCopies, copyOf, fetchItem, hasSize, itemsOf, resize } = require("./sequence.js");
const { transact } = require("./transact.js");

/**
 * @param {Host} ppro
 * @param {Plan} plan
 * @param {ApplyOptions} options
 * @returns {Promise<Report>}
 */
async function applyPlan(ppro, plan, options) {
  const project = await ppro.Project.getActiveProject();
  if (!project) throw new Error("Open a project first.");
  const active = await project.getActiveSequence();
  if (!active) throw new Error("Open the sequence that the plan was made for first.");
  const { guid } = await target(project, active, plan, options.mode);
  // References do not outlive a transaction, so the sequence is fetched anew after each.
  const sequence = () => project.getSequence(guid);
  const found = await withCopies(ppro, project, sequence, plan);
  /** @type {ClipReport[]} */
  const clips = [];
  let cancelled = false;
  for (const [number, stack] of found.entries()) {
    if (options.isCancelled && options.isCancelled()) {
      cancelled = true;
      break;
    }
    if (options.onProgress) options.onProgress(number, found.length, stack.clip.name);
    clips.push(await applied(ppro, project, sequence, stack));
  }
  if (options.onProgress) options.onProgress(clips.length, found.length, "");
  if (!cancelled) clips.push(...missing(plan, found));
  if (options.mode === "copy") await project.openSequence(sequence());
  return { sequence: sequence().name, cancelled, clips };
}

/**
 * @param {Project} project
 * @param {Sequence} active
 * @param {Plan} plan
 * @param {"copy" | "update"} mode
 */
async function target(project, active, plan, mode) {
  const [width, height] = plan.canvas_px;
  if (mode === "copy") {
    const name = active.name.replace(/ \d+x\d+( \d+)?$/, ""); // of a copy of ours: it says the size once
    const copy = await copyOf(project, active, name + " " + width + "x" + height);
    return resize(project, copy, plan.canvas_px);
  }
  if (!(await hasSize(active, plan.canvas_px))) {
    throw new Error("Update needs a sequence of " + width + " x " + height + ". Open it, or apply to a copy.");
  }
  return active;
}

/**
 * The clips of the plan in the sequence, with a copy above for every further cell of a split layout.
 * @param {Host} ppro
 * @param {Project} project
 * @param {() => Sequence} sequence
 * @param {Plan} plan
 */
async function withCopies(ppro, project, sequence, plan) {
  const first = stacks(plan, await itemsOf(ppro, sequence()));
  for (const { clip, items } of first) {
    if (items.length >= clip.layers.length || !runsPlain(items[0], clip)) continue;
    // Read again for each: the copies of one clip move others to another place in their track.
    const now = await itemsOf(ppro, sequence());
    const stack = stacks(plan, now).find(
      (one) => one.clip.id === clip.id && one.items[0].startTicks === items[0].startTicks,
    );
    if (stack) await addCopies(ppro, project, sequence(), now, stack);
  }
  return stacks(plan, await itemsOf(ppro, sequence()));
}

/**
 * Write the cameras of one clip: one undo step.
 * @param {Host} ppro
 * @param {Project} project
 * @param {() => Sequence} sequence
 * @param {Stack} stack
 * @returns {Promise<ClipReport>}
 */
async function applied(ppro, project, sequence, stack) {
  const { clip, items } = stack;
  /** @type {ClipReport} */
  const report = { id: clip.id, name: clip.name, status: "done", keys: 0, notes: [] };
  if (!runsPlain(items[0], clip)) {
    return { ...report, status: "left", notes: ["Its speed was changed; it was left as it is."] };
  }
  if (stack.byName) report.notes.push("Known by its file name only; its folder is another.");
  if (stack.trimmed) report.notes.push("Trimmed since the plan was made; its camera keeps to the picture.");
  if (items.length > clip.layers.length) report.notes.push("Further copies above it were left as they are.");
  if (items.length < clip.layers.length) {
    const lacking = clip.layers.length - items.length;
    report.notes.push(lacking + " cells are missing: copy the clip to the tracks above it, then Update.");
  }
  try {
    report.notes.push(...(await written(ppro, project, sequence, stack)));
    for (const layer of clip.layers.slice(0, items.length)) {
      for (const { ticks } of [layer.position, layer.scale]) if (ticks.length > 1) report.keys += ticks.length;
    }
    if (items.length < clip.layers.length) report.status = "failed";
  } catch (error) {
    report.status = "failed";
    report.notes.push(error instanceof Error ? error.message : String(error));
  }
  return report;
}

/**
 * Write and read back. A host that does not see within a transaction what the same transaction did before gets the
 * steps one by one.
 * @param {Host} ppro
 * @param {Project} project
 * @param {() => Sequence} sequence
 * @param {Stack} stack
 * @returns {Promise<string[]>} notes
 */
async function written(ppro, project, sequence, stack) {
  const { clip, items, clockTicks } = stack;
  const layers = clip.layers.slice(0, items.length);
  const motions = () =>
    Promise.all(
      layers.map(async (_, number) => {
        const motion = await motionOf(await fetchItem(ppro, sequence(), items[number]));
        if (motion === null) throw new Error("It has no Motion.");
        return motion;
      }),
    );
  /** @param {Component[]} found */
  const inTheWayOf = (found) =>
    Promise.all(found.map((motion, n) => obstacles(motion, layers[n].crop !== null && canCrop(motion))));
  /** @param {Step[]} steps */
  const write = async (steps) => {
    const found = await motions();
    const inTheWay = await inTheWayOf(found);
    transact(project, "Panscan: reframe " + clip.name, (compound) =>
      layers.forEach((layer, n) => writeMotion(ppro, compound, found[n], layer, clockTicks, inTheWay[n], steps)),
    );
  };
  const wrong = async () => {
    const found = await motions();
    return (await Promise.all(layers.map((layer, n) => misread(ppro, found[n], layer, clockTicks)))).flat();
  };

  const before = await motions();
  const notes = (await inTheWayOf(before)).flat().map((one) => one.note);
  if (layers.some((layer, n) => layer.crop !== null && !canCrop(before[n]))) {
    notes.push("This Premiere's Motion has no crop: cut the cell off with the Crop effect.");
  }
  await write(STEPS);
  if ((await wrong()).length > 0) {
    for (const step of STEPS) if (step !== "lines" || layers.some(moves)) await write([step]);
    const still = await wrong();
    if (still.length > 0) throw new Error(still.join(" "));
    notes.push("Written in several undo steps.");
  }
  return [...new Set(notes)];
}

/**
 * @param {Plan} plan
 * @param {Stack[]} found
 * @returns {ClipReport[]}
 */
function missing(plan, found) {
  const known = new Set(found.map((stack) => stack.clip.id));
  return plan.clips
    .filter((clip) => !known.has(clip.id))
    .map(({ id, name }) => ({ id, name, status: "missing", keys: 0, notes: ["No clip of the sequence shows its frames."] }));
}

module.exports = { applyPlan };
