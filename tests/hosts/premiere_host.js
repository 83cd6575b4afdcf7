"use strict";
// A strict Premiere for the panel. It knows what is documented and nothing else: an unknown name raises, an action
// made outside the lock raises, references do not outlive a transaction, and names are shown in Portuguese.

const documented = require("./premiere_names.json")["premierepro 26.3.0"];
const { valueAt } = require("./premiere_shown.js");

const MODES = { LINEAR: 0, HOLD: 4, BEZIER: 5 };

/** The module "premierepro" over a world; world: as premiere_world.js makes it. */
function premiere(world) {
  let locked = false;
  let open = null; // the transaction: actions made in it and not yet added, and those added

  /** An object with the names of a documented class; stale ones raise. */
  function strict(kind, own, settable = []) {
    for (const name of Object.keys(own)) {
      if (!documented[kind].includes(name)) throw new Error(`the fake invents ${kind}.${name}`);
    }
    const born = world.generation;
    const lasting = kind.endsWith("Static") || ["Project", "Guid", "TickTime", "PointF", "RectF"].includes(kind);
    return new Proxy(own, {
      get(target, name) {
        if (typeof name === "symbol" || name === "then") return target[name];
        if (!(name in target)) throw new Error(`${kind} has no ${name}`);
        if (!lasting && born !== world.generation) throw new Error(`this ${kind} is from before a transaction`);
        return target[name];
      },
      set(target, name, value) {
        if (!settable.includes(name)) throw new Error(`${kind}.${String(name)} cannot be set`);
        target[name] = value;
        return true;
      },
    });
  }

  function action(commit) {
    if (!locked) throw new Error("an action was made without the lock");
    if (open === null) throw new Error("an action was made outside a transaction");
    const made = {};
    open.made.set(made, commit);
    return made;
  }

  /** An action that a shortsighted world forgets if what it needs was not there when it was made. */
  const needing = (isThere, commit) => action(world.isShortsighted && !isThere ? () => {} : commit);

  class PointF {
    constructor(x, y) {
      if (!Number.isFinite(x) || !Number.isFinite(y)) throw new Error("Illegal Parameter type");
      this.x = x;
      this.y = y;
    }
  }

  const time = (ticks) => {
    if (!Number.isFinite(ticks)) throw new Error("no time");
    return strict("TickTime", {
      ticks: String(Math.round(ticks)),
      ticksNumber: Math.round(ticks),
      seconds: ticks / 254016000000,
      add: (other) => time(ticks + Number(other.ticks)),
      subtract: (other) => time(ticks - Number(other.ticks)),
    });
  };

  const TickTime = strict("TickTimeStatic", {
    createWithTicks(text) {
      if (typeof text !== "string" || !/^-?\d+$/.test(text)) throw new Error("Illegal Parameter type");
      return time(Number(text));
    },
    TIME_ZERO: time(0),
    TIME_ONE_SECOND: time(254016000000),
  });

  const wrapped = (raw, value) => ({ value: { value: raw.isPoint ? { x: value.x, y: value.y } : value } });

  function paramOf(raw) {
    const check = (value) => {
      const good = raw.isPoint ? value instanceof PointF : typeof value === typeof raw.value;
      if (!good || (typeof value === "number" && !Number.isFinite(value))) throw new Error("Illegal Parameter type");
      return raw.isPoint ? { x: value.x, y: value.y } : value;
    };
    return strict("ComponentParam", {
      displayName: raw.name,
      isTimeVarying: () => raw.varying,
      getStartValue: async () => wrapped(raw, raw.value),
      getValueAtTime: async (at) => wrapped(raw, valueAt(raw, Number(at.ticks))),
      getKeyframeListAsTickTimes: () => [...raw.keys.keys()].map(Number).sort((a, b) => a - b).map(time),
      createKeyframe: (value) => strict("Keyframe", { value: { value: check(value) }, position: time(0) }, ["position"]),
      createSetValueAction: (key) =>
        action(() => {
          if (raw.varying) throw new Error("the value of a parameter with keys was set");
          raw.value = key.value.value;
        }),
      createSetTimeVaryingAction: (on) =>
        action(() => {
          if (!on) raw.keys.clear();
          raw.varying = on;
        }),
      createAddKeyframeAction: (key) =>
        needing(raw.varying, () => {
          if (!raw.varying) throw new Error("a key was added to a parameter without keys");
          raw.keys.set(key.position.ticks, { value: key.value.value, mode: MODES.BEZIER });
        }),
      createSetInterpolationAtKeyframeAction(at, mode) {
        if (!Object.values(MODES).includes(mode)) throw new Error(`no interpolation is ${mode}`);
        return needing(raw.keys.has(at.ticks), () => {
          const key = raw.keys.get(at.ticks);
          if (!key) throw new Error(`there is no key at ${at.ticks}`);
          key.mode = world.bends && raw.isPoint ? MODES.BEZIER : mode;
        });
      },
      createRemoveKeyframeRangeAction: (from, to) =>
        action(() => {
          for (const at of [...raw.keys.keys()]) {
            if (Number(at) >= Number(from.ticks) && Number(at) < Number(to.ticks)) raw.keys.delete(at);
          }
        }),
    });
  }

  function componentOf(matchName, displayName, params) {
    return strict("Component", {
      getMatchName: async () => matchName,
      getDisplayName: async () => displayName,
      getParamCount: () => params.length,
      getParam(index) {
        if (!(index in params)) throw new Error(`there is no parameter ${index}`);
        return paramOf(params[index]);
      },
    });
  }

  function itemOf(raw) {
    const opacity = [{ name: "Opacidade", isPoint: false, value: 100, varying: false, keys: new Map() }];
    const components = [["AE.ADBE Opacity", "Opacidade", opacity]];
    if (raw.motion) components.push(["AE.ADBE Motion", "Movimento", raw.motion]);
    const chain = () =>
      strict("VideoComponentChain", {
        getComponentCount: () => components.length,
        getComponentAtIndex: (n) => componentOf(...components[n]),
      });
    return strict("VideoClipTrackItem", {
      getName: async () => raw.name,
      getInPoint: async () => time(raw.in),
      getOutPoint: async () => time(raw.out),
      getStartTime: async () => time(raw.start),
      getEndTime: async () => time(raw.end),
      isSpeedReversed: async () => Number(raw.reversed || false),
      getComponentChain: async () => chain(),
      getProjectItem: async () => ({ raw }),
    });
  }

  const rawOf = new WeakMap();

  function sequenceOf(raw) {
    return strict("Sequence", {
      guid: strict("Guid", { toString: () => raw.guid }),
      name: raw.name,
      getFrameSize: async () => ({ width: raw.width, height: raw.height }),
      getVideoTrackCount: async () => raw.tracks.length,
      async getVideoTrack(index) {
        if (world.pause) await world.pause(); // tests may look at the page meanwhile
        if (!(index in raw.tracks)) throw new Error(`there is no video track ${index}`);
        return strict("VideoTrack", {
          getTrackItems(kind, withEmpty) {
            if (kind !== 1 || withEmpty !== false) throw new Error("Illegal Parameter type");
            return raw.tracks[index].map((item) => {
              const made = itemOf(item);
              rawOf.set(made, { item, track: index });
              return made;
            });
          },
        });
      },
      getProjectItem: async () =>
        strict("ProjectItem", { createSetNameAction: (name) => action(() => void (raw.name = name)) }),
      async getSettings() {
        const wanted = { width: raw.width, height: raw.height };
        const settings = strict("SequenceSettings", {
          getVideoFrameRect: async () => strict("RectF", { ...wanted }, ["width", "height"]),
          async setVideoFrameRect(rect) {
            wanted.width = rect.width;
            wanted.height = rect.height;
            return true;
          },
        });
        rawOf.set(settings, wanted);
        return settings;
      },
      createSetSettingsAction: (settings) =>
        action(() => void (world.keepsSize || Object.assign(raw, rawOf.get(settings)))),
      createCloneAction: () =>
        action(() => {
          const copy = structuredClone(raw);
          copy.guid = `guid-${world.sequences.length}`;
          copy.name = `${raw.name} Cópia`;
          world.sequences.push(copy);
        }),
    });
  }

  function cloneItem(sequence, item, timeOffset, up, down, align, isInsert) {
    const { item: raw, track } = rawOf.get(item);
    if (isInsert || Number(timeOffset.ticks) !== 0) throw new Error("the copy would move other clips");
    return action(() => {
      const target = track + up;
      while (sequence.tracks.length <= target) {
        if (!world.makesTracks) return;
        sequence.tracks.push([]);
      }
      const under = sequence.tracks[target].filter((one) => one.start < raw.end && one.end > raw.start);
      if (under.length > 0) throw new Error("a clip was overwritten");
      sequence.tracks[target].push(structuredClone(raw));
      sequence.tracks[target].sort((a, b) => a.start - b.start);
    });
  }

  const project = strict("Project", {
    getActiveSequence: async () => (world.active ? sequenceOf(world.active) : null),
    getSequences: async () => world.sequences.map(sequenceOf),
    getSequence: (guid) => sequenceOf(world.sequences.find((one) => one.guid === guid.toString())),
    async openSequence(sequence) {
      world.active = world.sequences.find((one) => one.guid === sequence.guid.toString());
      return true;
    },
    lockedAccess(work) {
      if (locked) throw new Error("the project was locked twice");
      locked = true;
      try {
        work();
      } finally {
        locked = false;
      }
    },
    executeTransaction(work, label) {
      if (!locked) throw new Error("a transaction without the lock");
      open = { made: new Map(), added: [] };
      const compound = strict("CompoundAction", {
        empty: true,
        addAction(made) {
          if (!open.made.has(made)) throw new Error("an action of another transaction, or one added twice");
          open.added.push(open.made.get(made));
          open.made.delete(made);
          return true;
        },
      });
      let good = true;
      try {
        if (work(compound) instanceof Promise) throw new Error("a transaction cannot wait");
        if (open.made.size > 0) throw new Error("an action was made and not added");
      } catch {
        good = false; // nothing of it happens, and Premiere does not say why
      }
      const { added } = open;
      open = null;
      if (!good || added.length === 0) return false;
      for (const commit of added) commit();
      world.generation++;
      world.undo.push({ label, actions: added.length });
      return true;
    },
  });

  const parts = {
    Project: strict("ProjectStatic", { getActiveProject: async () => project }),
    ClipProjectItem: strict("ClipProjectItemStatic", {
      cast: (item) =>
        strict("ClipProjectItem", {
          isSequence: async () => Boolean(item.raw.isSequence),
          getMediaFilePath: async () => item.raw.file,
        }),
    }),
    SequenceEditor: strict("SequenceEditorStatic", {
      getEditor: (sequence) => {
        const raw = world.sequences.find((one) => one.guid === sequence.guid.toString());
        return strict("SequenceEditor", { createCloneTrackItemAction: (...given) => cloneItem(raw, ...given) });
      },
    }),
    ProjectConverter: strict("ProjectConverterStatic", {
      exportAsFinalCutProXML: async (sequence, path) => Boolean(world.export && world.export(path)),
    }),
    Constants: { InterpolationMode: MODES, TrackItemType: { CLIP: 1 } },
    TickTime,
    PointF,
  };
  return new Proxy(parts, {
    get(target, name) {
      if (!(name in target) && name !== "then") throw new Error(`premierepro has no ${String(name)}`);
      return target[name];
    },
  });
}

module.exports = { premiere };
