"use strict";
// What the strict Premieres have open.

const { motionParams } = require("./premiere_shown.js");

/**
 * A world with one sequence: {name, size, tracks: [[clip]]}; clips get a new Motion of `motionCount` parameters.
 * habits: makesTracks (above the last one), keepsSize (of sequences), isShortsighted (inside a transaction), bends
 * (points run in curves, whatever is set).
 */
function worldOf(sequence, { motionCount = 11, ...habits } = {}) {
  const tracks = sequence.tracks.map((track) =>
    track.map((clip) => ({ ...clip, motion: motionParams(motionCount, clip.changed) })),
  );
  const [width, height] = sequence.size;
  const raw = { guid: "guid-0", name: sequence.name, width, height, tracks };
  return { sequences: [raw], active: raw, generation: 0, undo: [], makesTracks: true, ...habits };
}

module.exports = { worldOf };
