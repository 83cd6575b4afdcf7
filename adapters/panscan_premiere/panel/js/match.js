// @ts-check
"use strict";

/**
 * Which clip of the sequence is which clip of the plan: by media file and by the frames it shows.
 *
 * A clip that was trimmed or cut in two since the plan was made keeps its camera, because keys lie in media time.
 * @typedef {import("../../types").Plan} Plan
 * @typedef {import("../../types").PlanClip} PlanClip
 * @typedef {import("../../types").Item} Item
 * @typedef {import("../../types").Stack} Stack
 */

/**
 * One spelling for paths of all systems.
 * @param {string} path
 */
function plainPath(path) {
  const slashed = path.replace(/\\/g, "/").replace(/^\/\/\?\//, "").normalize("NFC");
  return /^[a-z]:\//i.test(slashed) ? slashed.toLowerCase() : slashed;
}

/** @param {string} path */
function baseName(path) {
  return (plainPath(path).split("/").pop() || "").toLowerCase();
}

/**
 * How an item's frames lie to those of a planned clip. Premiere may count a media's time from zero or from its
 * embedded timecode; whichever agrees is the clock. A photo has no time: its clock begins with each clip of it.
 * @param {Item} item
 * @param {PlanClip} clip
 */
function overlap(item, clip) {
  const first = Number(clip.in_ticks);
  const end = Number(clip.out_ticks);
  const frame = Number(clip.frame_ticks);
  const start = Number(clip.media_start_ticks);
  let best = { clockTicks: 0, sharedTicks: -Infinity, exact: false };
  const clocks = clip.still ? [item.inTicks - first] : start === 0 ? [0] : [0, start];
  for (const clockTicks of clocks) {
    const from = item.inTicks - clockTicks;
    const to = item.outTicks - clockTicks;
    const sharedTicks = Math.min(to, end) - Math.max(from, first);
    const exact = Math.max(Math.abs(from - first), Math.abs(to - end)) < 0.75 * frame;
    if (Number(exact) > Number(best.exact) || (exact === best.exact && sharedTicks > best.sharedTicks)) {
      best = { clockTicks, sharedTicks, exact };
    }
  }
  return best;
}

/**
 * The planned clip whose camera an item gets.
 * @param {Item} item
 * @param {PlanClip[]} clips
 * @param {boolean} byName
 */
function clipFor(item, clips, byName) {
  let best = null;
  for (const clip of clips) {
    const same = byName ? baseName(clip.file) === baseName(item.file) : plainPath(clip.file) === plainPath(item.file);
    if (!same) continue;
    const found = overlap(item, clip);
    if (!found.exact && found.sharedTicks < 0.5 * (item.outTicks - item.inTicks)) continue;
    const away = Math.abs(item.startTicks - Number(clip.start_ticks));
    const rank = [found.exact ? 0 : 1, found.exact ? 0 : -found.sharedTicks, away];
    if (best === null || compare(rank, best.rank) < 0) {
      best = { clip, rank, clockTicks: found.clockTicks, exact: found.exact };
    }
  }
  return best;
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
function compare(a, b) {
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return a[n] - b[n];
  return 0;
}

/**
 * @param {Plan} plan
 * @param {Item[]} items
 * @returns {Stack[]} in the order of the plan, then of the sequence
 */
function stacks(plan, items) {
  const known = new Set(items.map((item) => plainPath(item.file)));
  /** @type {Map<string, Stack>} */
  const found = new Map();
  for (const item of [...items].sort((a, b) => a.startTicks - b.startTicks || a.track - b.track)) {
    const here = plan.clips.filter((clip) => known.has(plainPath(clip.file)));
    const moved = plan.clips.filter((clip) => !known.has(plainPath(clip.file)));
    const direct = clipFor(item, here, false);
    const match = direct || clipFor(item, moved, true);
    if (match === null) continue;
    const key = [match.clip.id, item.startTicks, item.inTicks, item.outTicks].join(" ");
    const stack = found.get(key);
    if (stack) stack.items.push(item);
    else {
      const { clip, clockTicks, exact } = match;
      found.set(key, { clip, items: [item], clockTicks, trimmed: !exact, byName: direct === null });
    }
  }
  const order = new Map(plan.clips.map((clip, number) => [clip.id, number]));
  return [...found.values()].sort((a, b) => Number(order.get(a.clip.id)) - Number(order.get(b.clip.id)));
}

/**
 * Whether a clip runs at its own speed: told by its lengths, so that the unit of a speed does not matter.
 * @param {Item} item
 * @param {PlanClip} clip
 */
function runsPlain(item, clip) {
  const stretch = Math.abs(item.outTicks - item.inTicks - (item.endTicks - item.startTicks));
  return !item.reversed && stretch < 0.75 * Number(clip.frame_ticks);
}

module.exports = { plainPath, runsPlain, stacks };
