// @ts-check
"use strict";

/**
 * The sequence: its copy, its size, its clips, and the extra tracks of split layouts.
 * @typedef {import("../../types").Host} Host
 * @typedef {import("../../types").Plan} Plan
 * @typedef {import("../../types").Item} Item
 * @typedef {import("../../types").Stack} Stack
 * @typedef {import("@adobe/premierepro").Project} Project
 * @typedef {import("@adobe/premierepro").Sequence} Sequence
 * @typedef {import("@adobe/premierepro").VideoClipTrackItem} VideoClipTrackItem
 */

const { transact } = require("./transact.js");

/**
 * A copy under a name of its own. What a transaction makes can be seen only after it, so each step is one.
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {string} wanted
 * @returns {Promise<Sequence>}
 */
async function copyOf(project, sequence, wanted) {
  const before = await project.getSequences();
  const known = new Set(before.map((one) => one.guid.toString()));
  const names = new Set(before.map((one) => one.name));
  transact(project, "Panscan: copy the sequence", (compound) => compound.addAction(sequence.createCloneAction()));
  const fresh = (await project.getSequences()).filter((one) => !known.has(one.guid.toString()));
  if (fresh.length !== 1) throw new Error("Premiere did not copy the sequence.");
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = wanted + " " + number;
  const { guid } = fresh[0];
  const item = await fresh[0].getProjectItem();
  transact(project, "Panscan: name the copy", (compound) => compound.addAction(item.createSetNameAction(name)));
  return project.getSequence(guid);
}

/**
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {[number, number]} size px
 */
async function resize(project, sequence, [width, height]) {
  const settings = await sequence.getSettings();
  const rect = await settings.getVideoFrameRect();
  rect.width = width;
  rect.height = height;
  await settings.setVideoFrameRect(rect);
  const { guid } = sequence;
  transact(project, "Panscan: set the frame size", (compound) =>
    compound.addAction(sequence.createSetSettingsAction(settings)),
  );
  const again = project.getSequence(guid);
  if (!(await hasSize(again, [width, height]))) {
    throw new Error("Premiere kept its frame size. Set it to " + width + " x " + height + " by hand, then Update.");
  }
  return again;
}

/**
 * @param {Sequence} sequence
 * @param {[number, number]} size px
 */
async function hasSize(sequence, [width, height]) {
  const frame = await sequence.getFrameSize();
  return frame.width === width && frame.height === height;
}

/**
 * All clips with a media file, track by track from below.
 * @param {Host} ppro
 * @param {Sequence} sequence
 * @returns {Promise<Item[]>}
 */
async function itemsOf(ppro, sequence) {
  const found = [];
  const count = await sequence.getVideoTrackCount();
  for (let track = 0; track < count; track++) {
    const items = await clipsOf(ppro, sequence, track);
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      const media = ppro.ClipProjectItem.cast(await item.getProjectItem());
      if (!media || (await media.isSequence())) continue;
      found.push({
        track,
        index,
        name: await item.getName(),
        file: (await media.getMediaFilePath()) || "",
        inTicks: Number((await item.getInPoint()).ticks),
        outTicks: Number((await item.getOutPoint()).ticks),
        startTicks: Number((await item.getStartTime()).ticks),
        endTicks: Number((await item.getEndTime()).ticks),
        reversed: Boolean(await item.isSpeedReversed()),
      });
    }
  }
  return found;
}

/**
 * @param {Host} ppro
 * @param {Sequence} sequence
 * @param {number} track
 */
async function clipsOf(ppro, sequence, track) {
  const videoTrack = await sequence.getVideoTrack(track);
  return videoTrack.getTrackItems(ppro.Constants.TrackItemType.CLIP, false);
}

/**
 * The clip itself, fetched anew: references do not outlive a transaction.
 * @param {Host} ppro
 * @param {Sequence} sequence
 * @param {Item} item
 * @returns {Promise<VideoClipTrackItem>}
 */
async function fetchItem(ppro, sequence, item) {
  const found = (await clipsOf(ppro, sequence, item.track))[item.index];
  if (!found || Number((await found.getStartTime()).ticks) !== item.startTicks) {
    throw new Error("The sequence was changed while the panel worked.");
  }
  return found;
}

/**
 * For a split layout: the tracks above a clip that are empty where it lies, or new ones above all.
 * @param {Item[]} items of the sequence
 * @param {Stack} stack
 * @param {number} trackCount
 * @returns {number[]} one track per missing copy, rising
 */
function freeTracks(items, stack, trackCount) {
  const { startTicks, endTicks } = stack.items[0];
  const tracks = [];
  let track = stack.items[stack.items.length - 1].track + 1;
  while (tracks.length < stack.clip.layers.length - stack.items.length) {
    const here = track;
    const taken = items.some((i) => i.track === here && i.startTicks < endTicks && i.endTicks > startTicks);
    if (!taken || track >= trackCount) tracks.push(track);
    track++;
  }
  return tracks;
}

/**
 * Put the missing copies of a clip on free tracks above it. Premiere makes tracks that are not there yet.
 * @param {Host} ppro
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {Item[]} items
 * @param {Stack} stack
 */
async function addCopies(ppro, project, sequence, items, stack) {
  const lowest = stack.items[0];
  const tracks = freeTracks(items, stack, await sequence.getVideoTrackCount());
  const item = await fetchItem(ppro, sequence, lowest);
  transact(project, "Panscan: one clip per cell of " + lowest.name, (compound) => {
    const editor = ppro.SequenceEditor.getEditor(sequence);
    for (const track of tracks) {
      const up = track - lowest.track;
      compound.addAction(editor.createCloneTrackItemAction(item, ppro.TickTime.TIME_ZERO, up, 0, true, false));
    }
  });
}

module.exports = { addCopies, copyOf, fetchItem, hasSize, itemsOf, resize };
