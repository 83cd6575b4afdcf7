"use strict";
// Runs the older script in a strict ExtendScript DOM: a scenario as JSON on stdin, what happened as JSON on stdout.

const fs = require("node:fs");
const vm = require("node:vm");
const documented = require("./premiere_names.json").extendscript;
const { shown, valueAt } = require("./premiere_shown.js");
const { worldOf } = require("./premiere_world.js");

const MODES = [0, 4, 5];

function strict(kind, own, settable = []) {
  for (const name of Object.keys(own)) {
    if (!/^\d+$/.test(name) && !documented[kind].includes(name)) throw new Error(`the fake invents ${kind}.${name}`);
  }
  return new Proxy(own, {
    get(target, name) {
      if (typeof name !== "symbol" && !(name in target)) throw new Error(`${kind} has no ${String(name)}`);
      return target[name];
    },
    set(target, name, value) {
      if (!settable.includes(name)) throw new Error(`${kind}.${String(name)} cannot be set`);
      target[name] = value;
      return true;
    },
  });
}

const scenario = JSON.parse(fs.readFileSync(0, "utf8"));
const world = worldOf(scenario.sequence, scenario.world);

function Time() {
  this.ticks = "0";
}
const timeOf = (ticks) => Object.assign(new Time(), { ticks: String(ticks) });
const collection = (kind, count, members) => strict(kind, { ...members, [count]: members.length });

function ticksOf(time) {
  if (!(time instanceof Time) || !/^-?\d+$/.test(time.ticks)) throw new Error("Illegal Parameter type");
  return time.ticks;
}

function paramOf(raw) {
  const check = (value) => {
    if (raw.isPoint) {
      if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isFinite)) {
        throw new Error("Illegal Parameter type");
      }
      return { x: value[0], y: value[1] };
    }
    if (typeof value !== typeof raw.value) throw new Error("Illegal Parameter type");
    return value;
  };
  return strict("ComponentParam", {
    displayName: raw.name,
    isTimeVarying: () => raw.varying,
    getKeys: () => (raw.varying ? [...raw.keys.keys()].map(timeOf) : undefined),
    getValue: () => valueAt(raw, 0),
    setTimeVarying(on) {
      if (!on) raw.keys.clear();
      raw.varying = on;
    },
    setValue(value) {
      if (raw.varying) throw new Error("the value of a parameter with keys was set");
      raw.value = check(value);
    },
    addKey(time) {
      if (!raw.varying) throw new Error("a key was added to a parameter without keys");
      raw.keys.set(ticksOf(time), { value: raw.value, mode: 5 });
    },
    removeKey: (time) => raw.keys.delete(ticksOf(time)),
    setValueAtKey(time, value) {
      if (!raw.keys.has(ticksOf(time))) throw new Error("there is no key");
      raw.keys.get(ticksOf(time)).value = check(value);
    },
    setInterpolationTypeAtKey(time, mode) {
      if (!MODES.includes(mode)) throw new Error(`no interpolation is ${mode}`);
      raw.keys.get(ticksOf(time)).mode = mode;
    },
  });
}

function clipOf(raw) {
  const opacity = strict("Component", { matchName: "AE.ADBE Opacity", displayName: "Opacidade", properties: null });
  const params = collection("ComponentParamCollection", "numItems", raw.motion.map(paramOf));
  const motion = strict("Component", { matchName: "AE.ADBE Motion", displayName: "Movimento", properties: params });
  return strict("TrackItem", {
    name: raw.name,
    inPoint: timeOf(raw.in),
    outPoint: timeOf(raw.out),
    start: timeOf(raw.start),
    end: timeOf(raw.end),
    isSpeedReversed: () => Number(raw.reversed || false),
    projectItem: strict("ProjectItem", { getMediaPath: () => raw.file }),
    components: collection("ComponentCollection", "numItems", [opacity, motion]),
  });
}

function sequenceOf(raw) {
  const tracks = raw.tracks.map((items) =>
    strict("Track", { clips: collection("TrackItemCollection", "numItems", items.map(clipOf)) }),
  );
  const own = {
    sequenceID: raw.guid,
    get name() {
      return raw.name;
    },
    set name(value) {
      raw.name = value;
    },
    videoTracks: collection("TrackCollection", "numTracks", tracks),
    getSettings: () =>
      strict("SequenceSettings", { videoFrameWidth: raw.width, videoFrameHeight: raw.height }, [
        "videoFrameWidth",
        "videoFrameHeight",
      ]),
    setSettings(settings) {
      if (world.keepsSize) return;
      raw.width = settings.videoFrameWidth;
      raw.height = settings.videoFrameHeight;
    },
    clone() {
      const copy = { ...structuredClone(raw), guid: `guid-${world.sequences.length}`, name: `${raw.name} Cópia` };
      world.sequences.push(copy);
      return true; // says whether it worked, not what it made
    },
  };
  return strict("Sequence", own, ["name"]);
}

const said = [];
let step = scenario.steps[0];
const file = () =>
  strict("File", { encoding: "", open: () => true, read: () => step.plan, close: () => true }, ["encoding"]);
const app = strict("Application", {
  get project() {
    return strict("Project", {
      activeSequence: sequenceOf(world.active),
      sequences: collection("SequenceCollection", "numSequences", world.sequences.map(sequenceOf)),
      openSequence(id) {
        world.active = world.sequences.find((one) => one.guid === id);
        return true;
      },
    });
  },
});

const text = fs.readFileSync(scenario.script, "utf8");
for (step of scenario.steps) {
  const context = { app, Time, File: { openDialog: () => (step.dismissed ? null : file()) }, alert: (t) => said.push(t) };
  // An ExtendScript engine has no JSON and nothing of Node.
  vm.runInNewContext("JSON = undefined; Map = Set = Promise = undefined;" + text, {
    ...context,
    Array,
  });
}

const sequences = world.sequences.map((one) => ({
  name: one.name,
  size: [one.width, one.height],
  shown: shown(one, scenario.rate),
  modes: one.tracks.flat().flatMap((item) => item.motion.flatMap((p) => [...p.keys.values()].map((k) => k.mode))),
}));
process.stdout.write(JSON.stringify({ said, sequences, active: world.active.name }));
