"use strict";
// Runs the panel's code in the strict Premiere: a scenario as JSON on stdin, what happened as JSON on stdout.

const { premiere } = require("./premiere_host.js");
const { shown } = require("./premiere_shown.js");
const { worldOf } = require("./premiere_world.js");

async function main() {
  const scenario = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const { applyPlan } = require(scenario.panel + "/js/apply.js");
  const { readPlan } = require(scenario.panel + "/js/plan.js");
  const world = worldOf(scenario.sequence, scenario.world);
  const ppro = premiere(world);
  const runs = [];
  for (const step of scenario.steps) {
    const told = [];
    let finished = 0;
    try {
      const report = await applyPlan(ppro, readPlan(step.plan), {
        mode: step.mode,
        onProgress: (done, total, name) => {
          told.push([done, total, name]);
          finished = done;
        },
        isCancelled: () => step.cancelAfter !== undefined && finished + 1 >= step.cancelAfter && told.length > 0,
      });
      runs.push({ report, progress: told });
    } catch (error) {
      runs.push({ error: error.message });
    }
    for (const [track, clip, change] of step.after || []) Object.assign(world.active.tracks[track][clip], change);
  }
  const sequences = world.sequences.map((one) => ({
    name: one.name,
    size: [one.width, one.height],
    shown: shown(one, scenario.rate),
    keys: one.tracks.map((track) => track.map((item) => (item.motion || []).map((p) => [...p.keys.keys()]))),
    modes: one.tracks.flat().flatMap((item) => (item.motion || []).flatMap((p) => [...p.keys.values()].map((k) => k.mode))),
  }));
  process.stdout.write(JSON.stringify({ runs, undo: world.undo, sequences, active: world.active.name }));
}

main();
